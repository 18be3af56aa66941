import { Controller } from "@hotwired/stimulus"

/** Brings a link into view in a menu that is larger than its place, a row or a column, without moving the page: that of this page, and the one with the focus. */
export default class extends Controller<HTMLElement> {
  override connect(): void {
    const here = this.element.querySelector("[aria-current]")
    if (here) this.show(here)
  }

  /** Browsers scroll to what gets the focus, but not when a strip of it is in view. A menu must not move under a pointer that is pressed. */
  follow({ target }: FocusEvent): void {
    if (target instanceof Element && target.matches(":focus-visible")) this.show(target)
  }

  private show(link: Element): void {
    const menu = this.element.getBoundingClientRect(), box = link.getBoundingClientRect()
    this.element.scrollLeft += box.left + box.width / 2 - menu.left - menu.width / 2
    if (box.top < menu.top || box.bottom > menu.bottom) this.element.scrollTop += box.top + box.height / 2 - menu.top - menu.height / 2
  }
}
