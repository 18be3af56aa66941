import { Controller } from "@hotwired/stimulus"

/** Sends the form when a control changes; typing waits until it pauses. `data-action="change->auto-submit#now input->auto-submit#soon"` */
export default class extends Controller<HTMLFormElement> {
  static override values = { delay: { type: Number, default: 300 } }
  declare delayValue: number
  private timer = 0

  now(): void {
    clearTimeout(this.timer)
    this.element.requestSubmit()
  }

  soon(): void {
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.now(), this.delayValue)
  }

  /** Brings the words of what got the focus into view, where filters stand in a line that scrolls: the browser looks at their boxes only. */
  show({ target }: FocusEvent): void {
    if (target instanceof HTMLInputElement) target.closest("label")?.scrollIntoView({ block: "nearest", inline: "nearest" })
  }

  override disconnect(): void {
    clearTimeout(this.timer)
  }
}
