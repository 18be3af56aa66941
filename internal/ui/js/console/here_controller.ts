import { Controller } from "@hotwired/stimulus"

/** Brings the link of this page into view in a row that is wider than the screen, without moving the page. */
export default class extends Controller<HTMLElement> {
  override connect(): void {
    const here = this.element.querySelector("[aria-current]")
    if (!here) return
    const row = this.element.getBoundingClientRect()
    const link = here.getBoundingClientRect()
    this.element.scrollLeft += link.left + link.width / 2 - row.left - row.width / 2
  }
}
