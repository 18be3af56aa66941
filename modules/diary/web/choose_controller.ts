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
    const words = this.countTarget.dataset, boxes = this.boxes(), n = boxes.filter((box) => box.checked).length
    this.countTarget.textContent = (n === 0 ? words.none : n === 1 ? words.one : words.other)?.replace("{n}", String(n)) ?? ""
    for (const button of this.allTargets) button.querySelector("span")!.textContent = (boxes.length > 0 && n === boxes.length ? button.dataset.none : button.dataset.all) ?? ""
  }

  all(): void {
    const boxes = this.boxes(), tick = boxes.some((box) => !box.checked)
    for (const box of boxes) box.checked = tick
    this.count()
  }

  private boxes(): HTMLInputElement[] {
    return [...this.element.querySelectorAll<HTMLInputElement>("input[type=checkbox]")]
  }
}
