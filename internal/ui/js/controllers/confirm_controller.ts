import { Controller } from "@hotwired/stimulus"

/** On a button: opens the dialog named by its dialog value. On the dialog: closes it. The browser keeps and returns the focus. */
export default class extends Controller<HTMLElement> {
  static override values = { dialog: String }
  declare dialogValue: string

  open(event: Event): void {
    const dialog = document.getElementById(this.dialogValue)
    if (!(dialog instanceof HTMLDialogElement)) return
    event.preventDefault()
    dialog.showModal()
  }

  close(): void {
    (this.element as HTMLDialogElement).close()
  }

  backdrop(event: MouseEvent): void {
    if (event.target === this.element) this.close()
  }
}
