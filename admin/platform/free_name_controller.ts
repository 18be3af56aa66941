import { Controller } from "@hotwired/stimulus"

/** Asks whether a name is free while somebody types it. Without scripts the form says so when it is sent. */
export default class extends Controller<HTMLElement> {
  static override targets = ["name", "frame"]
  static override values = { url: String }
  declare readonly nameTarget: HTMLInputElement
  declare readonly frameTarget: HTMLElement
  declare readonly urlValue: string
  private timer = 0

  override disconnect(): void { window.clearTimeout(this.timer) }

  soon(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.ask(), 300)
  }

  private ask(): void {
    const name = this.nameTarget.value.trim()
    if (name === "") {
      this.frameTarget.removeAttribute("src")
      this.frameTarget.replaceChildren()
      return
    }
    this.frameTarget.setAttribute("src", `${this.urlValue}?slug=${encodeURIComponent(name)}`)
  }
}
