import { Controller } from "@hotwired/stimulus"

const NEAR = 0.9 // of the limit: nobody needs a counter before

/**
 * Around a field: shows how many characters still fit, near its limit. A field with a maxlength is cut by the browser without a word, so of a pasted
 * text it says what was left out. One with most instead keeps everything, and says how much is too much. Aloud it says once that the end is near, and
 * once that it is there, not at each key.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["left", "said"]
  static override values = { most: Number }
  declare leftTarget: HTMLElement
  declare saidTarget: HTMLElement
  declare mostValue: number
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
    const most = this.mostValue || field.maxLength
    if (most < 1) return
    const before = this.left, few = most * (1 - NEAR)
    this.left = most - (this.mostValue ? [...field.value].length : field.value.length) // a browser counts an emoji as two
    if (this.left > 0) this.isCut = false
    if (this.isCut) return
    const { words, over } = this.leftTarget.dataset
    if (this.left < 0) this.tell(over!.replace("{n}", String(-this.left)), before >= 0)
    else this.tell(this.left > few ? "" : words!.replace("{n}", String(this.left)), before > few || before < 0 || this.left === 0)
  }

  private tell(words: string, aloud: boolean): void {
    this.leftTarget.textContent = words
    if (aloud || !words) this.saidTarget.textContent = words
  }
}
