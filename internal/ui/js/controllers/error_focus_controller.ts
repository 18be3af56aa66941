import { Controller } from "@hotwired/stimulus"

/** The summary of what is wrong takes the focus when it appears, and its links lead into the fields. */
export default class extends Controller<HTMLElement> {
  connect(): void {
    this.element.focus({ preventScroll: true })
    this.element.scrollIntoView({ block: "start" })
  }

  go(event: Event): void {
    const id = (event.currentTarget as HTMLAnchorElement).hash.slice(1)
    const field = document.getElementById(decodeURIComponent(id)) ?? document.getElementsByName(id)[0]
    if (!field) return
    event.preventDefault()
    field.focus()
    field.scrollIntoView({ block: "center" })
  }
}
