import { Controller } from "@hotwired/stimulus"

/** Gives the focus to its target field on a key of the whole page. `data-action="keydown.ctrl+k@window->hotkey#focus"` */
export default class extends Controller<HTMLElement> {
  static override targets = ["field"]
  declare readonly fieldTarget: HTMLInputElement

  focus(event: KeyboardEvent): void {
    event.preventDefault()
    this.fieldTarget.focus()
    this.fieldTarget.select()
  }
}
