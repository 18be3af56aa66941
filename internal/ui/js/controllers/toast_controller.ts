import { Controller } from "@hotwired/stimulus"

const SHOWN = 6000 // ms; WCAG wants no limit on what must be acted on, so those stay
const ROOM = 120 // px that a toast of two lines needs above the bar with buttons

/** A sentence that leaves by itself, but not while somebody reads it with pointer or focus. */
export default class extends Controller<HTMLElement> {
  static override values = { stay: Boolean }
  declare stayValue: boolean
  private timer = 0

  connect(): void {
    this.place()
    addEventListener("scroll", this.place, { passive: true })
    addEventListener("resize", this.place)
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
    removeEventListener("scroll", this.place)
    removeEventListener("resize", this.place)
  }

  /** Above the bar with buttons of this page, wherever that is now; it grows with its words and moves with the page. */
  private readonly place = (): void => {
    const list = this.element.parentElement, dock = document.querySelector(".dock")?.getBoundingClientRect()
    if (!list || !dock) return
    if (dock.top < ROOM) return list.removeAttribute("style") // scrolled out of sight
    const { clientWidth, clientHeight } = document.documentElement
    for (const [name, px] of [["--dock", clientHeight - dock.top], ["--dock-start", dock.left], ["--dock-end", clientWidth - dock.right]] as const) list.style.setProperty(name, `${Math.max(px, 0)}px`)
  }
}
