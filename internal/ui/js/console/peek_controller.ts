import { Controller } from "@hotwired/stimulus"

/** The panel beside a list: takes the focus when it is filled, marks its row, goes to the next row, and closes with Escape. */
export default class extends Controller<HTMLElement> {
  static override targets = ["frame"]
  declare readonly frameTarget: TurboFrameElement

  loaded(): void {
    for (const link of this.links()) {
      if (link === this.opener()) link.setAttribute("aria-current", "true")
      else link.removeAttribute("aria-current")
    }
    this.frameTarget.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true })
  }

  previous(): void { this.step(-1) }
  next(): void { this.step(1) }

  close(): void {
    if (this.frameTarget.childElementCount === 0) return
    const opener = this.opener()
    this.frameTarget.removeAttribute("src")
    this.frameTarget.replaceChildren()
    opener?.removeAttribute("aria-current")
    opener?.focus()
  }

  private step(by: number): void {
    const links = this.links(), opener = this.opener()
    if (opener) links[links.indexOf(opener) + by]?.click()
  }

  private links(): HTMLAnchorElement[] {
    return [...document.querySelectorAll<HTMLAnchorElement>(`a[data-turbo-frame="${this.frameTarget.id}"][data-rows-target]`)]
  }

  private opener(): HTMLAnchorElement | undefined {
    const shown = this.frameTarget.getAttribute("src")
    return shown ? this.links().find((link) => link.href === new URL(shown, location.href).href) : undefined
  }
}
