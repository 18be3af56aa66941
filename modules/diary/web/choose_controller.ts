import { Controller } from "@hotwired/stimulus"

/** Counts the ticked boxes of a form, and ticks them all. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["count", "all"]
  declare countTarget: HTMLElement
  declare allTargets: HTMLElement[]

  connect(): void {
    this.count()
  }

  count(): void {
    const words = this.countTarget.dataset, boxes = this.boxes(), n = boxes.filter((box) => box.checked).length, everybody = this.today()
    this.countTarget.textContent = (n === 0 ? words.none : n === 1 ? words.one : words.other)?.replace("{n}", String(n)) ?? ""
    for (const button of this.allTargets) button.querySelector("span")!.textContent = (everybody.length > 0 && everybody.every((box) => box.checked) ? button.dataset.none : button.dataset.all) ?? ""
  }

  all(): void {
    const boxes = this.today(), tick = boxes.some((box) => !box.checked)
    for (const box of boxes) box.checked = tick
    this.count()
  }

  /** Everybody is who is in the group: not those who are still to start. */
  private today(): HTMLInputElement[] {
    return this.boxes().filter((box) => !("later" in box.dataset))
  }

  private boxes(): HTMLInputElement[] {
    return [...this.element.querySelectorAll<HTMLInputElement>("input[type=checkbox]")]
  }
}
