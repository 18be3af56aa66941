import { Controller } from "@hotwired/stimulus"

/** The summary of what is wrong takes the focus whenever the form comes back, and its links lead into the fields. */
export default class extends Controller<HTMLElement> {
  connect(): void {
    document.addEventListener("turbo:render", this.focus) // a second refusal morphs this element instead of making a new one
    this.focus()
  }

  override disconnect(): void {
    document.removeEventListener("turbo:render", this.focus)
  }

  go(event: Event): void {
    const id = decodeURIComponent((event.currentTarget as HTMLAnchorElement).hash.slice(1))
    const field = document.getElementById(id) ?? document.getElementsByName(id)[0]
    if (!field) return
    event.preventDefault()
    field.focus()
    field.scrollIntoView({ block: "center" })
  }

  private readonly focus = (): void => {
    this.element.focus({ preventScroll: true })
    this.element.scrollIntoView({ block: "start" })
  }
}
