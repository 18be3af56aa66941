import { Controller } from "@hotwired/stimulus"

/** Shows the password on request and says when Caps Lock is on. It hides again before the form goes, so that browsers offer to keep it. */
export default class extends Controller<HTMLElement> {
  static override targets = ["input", "button", "caps"]
  declare inputTarget: HTMLInputElement
  declare buttonTarget: HTMLButtonElement
  declare capsTarget: HTMLElement
  private readonly hide = () => this.show(false)

  connect(): void {
    this.inputTarget.form?.addEventListener("submit", this.hide)
  }

  override disconnect(): void {
    this.inputTarget.form?.removeEventListener("submit", this.hide)
  }

  toggle(): void {
    this.show(this.inputTarget.type === "password")
    this.inputTarget.focus()
  }

  caps(event: KeyboardEvent): void {
    this.capsTarget.hidden = !event.getModifierState?.("CapsLock")
  }

  private show(visible: boolean): void {
    this.inputTarget.type = visible ? "text" : "password"
    this.buttonTarget.setAttribute("aria-pressed", String(visible))
  }
}
