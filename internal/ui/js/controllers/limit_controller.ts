import { Controller } from "@hotwired/stimulus"

const NEAR = 0.9 // of the limit: nobody needs a counter before

/**
 * Around a field: shows how many characters still fit, near its limit, and says what the browser left out of a text that was pasted, which it does
 * without a word. Aloud it says once that the end is near and once that it is there, not at each key.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["left", "said"]
  declare leftTarget: HTMLElement
  declare saidTarget: HTMLElement
  private left = Infinity // after what was typed last
  private isCut = false // until there is room again

  /** Before the browser puts a text in. */
  cut(event: InputEvent): void {
    const field = event.target as HTMLInputElement | HTMLTextAreaElement, { data } = event
    if (field.maxLength < 1 || !data || data.length < 2 || event.isComposing || !/^insert(FromPaste|FromDrop|Text)$/.test(event.inputType)) return
    const selected = (field.selectionEnd ?? 0) - (field.selectionStart ?? 0)
    const over = field.value.length - selected + data.length - field.maxLength
    if (over <= 0) return
    this.isCut = true
    this.tell(this.leftTarget.dataset.cut!.replace("{n}", String(over)), true)
  }

  count(event: Event): void {
    const field = event.target as HTMLInputElement | HTMLTextAreaElement
    if (field.maxLength < 1) return
    const before = this.left, few = field.maxLength * (1 - NEAR)
    this.left = field.maxLength - field.value.length
    if (this.left > 0) this.isCut = false
    if (!this.isCut) this.tell(this.left > few ? "" : this.leftTarget.dataset.words!.replace("{n}", String(this.left)), before > few || this.left <= 0)
  }

  private tell(words: string, aloud: boolean): void {
    this.leftTarget.textContent = words
    if (aloud || !words) this.saidTarget.textContent = words
  }
}
