import { Controller } from "@hotwired/stimulus"

/** Counts down to the moment at which something can no longer be undone, and takes the button away then: the server would refuse. */
export default class extends Controller<HTMLElement> {
  static override targets = ["words", "over", "undo"]
  static override values = { left: Number }
  declare leftValue: number
  declare wordsTargets: HTMLElement[]
  declare overTargets: HTMLElement[]
  declare undoTargets: HTMLElement[]
  private end = 0
  private timer = 0

  /** Also when the page was refreshed in place: the server says anew how long it is. */
  leftValueChanged(): void {
    this.end = Date.now() + this.leftValue
    this.tick()
  }

  override disconnect(): void { clearTimeout(this.timer) }

  private tick(): void {
    clearTimeout(this.timer)
    const left = this.end - Date.now(), seconds = Math.ceil(left / 1000)
    for (const words of this.wordsTargets) {
      words.textContent = (words.dataset[seconds === 1 ? "one" : "other"] ?? "").replace("{n}", String(seconds))
      words.hidden = left <= 0
    }
    for (const button of this.undoTargets) button.hidden = left <= 0
    for (const over of this.overTargets) over.hidden = left > 0
    if (left > 0) this.timer = window.setTimeout(() => this.tick(), left % 1000 || 1000)
  }
}
