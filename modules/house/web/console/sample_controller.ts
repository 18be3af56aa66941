import { Controller } from "@hotwired/stimulus"

/** Shows in the frame "voorbeeld" what stands in the form, a moment after it changed. `data-action="input->sample#soon"` */
export default class extends Controller<HTMLFormElement> {
  static override values = { url: String, delay: { type: Number, default: 150 } }
  declare urlValue: string
  declare delayValue: number
  private timer = 0

  soon(): void {
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.show(), this.delayValue)
  }

  override disconnect(): void {
    clearTimeout(this.timer)
  }

  private show(): void {
    const asked = new URLSearchParams()
    for (const [name, value] of new FormData(this.element)) if (typeof value === "string") asked.append(name, value)
    document.getElementById("voorbeeld")?.setAttribute("src", `${this.urlValue}?${asked}`)
  }
}
