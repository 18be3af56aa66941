import { Controller } from "@hotwired/stimulus"

const NEAR = 0.9 // of the limit: nobody needs a counter before

/** On a field: says how many characters still fit, near its limit, where the browser otherwise cuts without a word. */
export default class extends Controller<HTMLElement> {
  static override targets = ["left"]
  declare leftTarget: HTMLElement

  count(event: Event): void {
    const field = event.target as HTMLInputElement | HTMLTextAreaElement
    if (field.maxLength < 1) return
    const left = field.maxLength - field.value.length
    this.leftTarget.textContent = field.value.length < field.maxLength * NEAR ? "" : this.leftTarget.dataset.words!.replace("{n}", String(left))
  }
}
