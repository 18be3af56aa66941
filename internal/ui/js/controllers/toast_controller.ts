import { Controller } from "@hotwired/stimulus"

const SHOWN = 6000 // ms; WCAG wants no limit on what must be acted on, so those stay

/** A sentence that leaves by itself, but not while somebody reads it with pointer or focus. */
export default class extends Controller<HTMLElement> {
  static override values = { stay: Boolean }
  declare stayValue: boolean
  private timer = 0

  connect(): void {
    if (this.stayValue) return
    const wait = () => { this.timer = window.setTimeout(() => this.close(), SHOWN) }
    const hold = () => clearTimeout(this.timer)
    for (const [event, listener] of [["pointerenter", hold], ["focusin", hold], ["pointerleave", wait], ["focusout", wait]] as const) {
      this.element.addEventListener(event, listener)
    }
    wait()
  }

  close(): void {
    clearTimeout(this.timer)
    this.element.classList.add("is-leaving")
    window.setTimeout(() => this.element.remove(), 250)
  }

  override disconnect(): void {
    clearTimeout(this.timer)
  }
}
