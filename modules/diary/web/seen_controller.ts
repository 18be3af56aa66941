import { Controller } from "@hotwired/stimulus"

/** Tells the server that its element is really looked at: not in a page that was fetched ahead or lies in a hidden tab. */
export default class extends Controller<HTMLElement> {
  static override values = { url: String }
  declare urlValue: string

  connect(): void {
    if (document.documentElement.hasAttribute("data-turbo-preview")) return
    if (document.hidden) document.addEventListener("visibilitychange", this.tell, { once: true })
    else this.tell()
  }

  override disconnect(): void { document.removeEventListener("visibilitychange", this.tell) }

  /** The page hears by its live stream that the bell went down. Without an answer the mark stays, as without JavaScript. */
  private readonly tell = (): void => { void fetch(this.urlValue, { method: "POST", headers: { Accept: "application/json" } }).catch(() => undefined) }
}
