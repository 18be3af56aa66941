import { Controller } from "@hotwired/stimulus"

/** On a form: puts the chosen text where somebody writes, to go on with. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["choice"]
  declare choiceTarget: HTMLSelectElement

  insert(): void {
    const field = this.element.querySelector("textarea"), text = this.choiceTarget.value
    if (!field || !text) return
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end")
    field.dispatchEvent(new Event("input", { bubbles: true }))
    field.focus()
    this.choiceTarget.value = ""
  }
}
