import { Controller } from "@hotwired/stimulus"

/** The dialog that finds anything: a key opens it, arrows go through what was found, Enter opens that. Belongs to `findDialog`. */
export default class extends Controller<HTMLElement> {
  static override targets = ["dialog", "field", "status"]
  declare readonly dialogTarget: HTMLDialogElement
  declare readonly hasDialogTarget: boolean // not where there is nothing to find: in the console of the platform
  declare readonly fieldTarget: HTMLInputElement
  declare readonly statusTarget: HTMLElement
  private chosen = -1

  open(event: Event): void {
    if (!this.hasDialogTarget) return
    event.preventDefault()
    if (!this.dialogTarget.open) this.dialogTarget.showModal()
    this.fieldTarget.focus()
    this.fieldTarget.select()
  }

  close(): void {
    if (this.hasDialogTarget) this.dialogTarget.close()
  }

  /** A click on the dialog itself is one beside what is in it. */
  outside(event: MouseEvent): void {
    if (event.target === this.dialogTarget) this.close()
  }

  /** Other things were found: none of them is chosen yet. */
  found(): void {
    this.choose(-1)
    const list = this.dialogTarget.querySelector<HTMLElement>("[role=listbox]")
    this.fieldTarget.setAttribute("aria-expanded", String(this.options.length > 0))
    this.statusTarget.textContent = list?.dataset["says"] ?? ""
  }

  key(event: KeyboardEvent): void {
    const last = this.options.length - 1
    if (last < 0) return
    if (event.key === "ArrowDown") this.choose(this.chosen < last ? this.chosen + 1 : 0)
    else if (event.key === "ArrowUp") this.choose(this.chosen > 0 ? this.chosen - 1 : last)
    else if (event.key === "Enter" && this.chosen >= 0 && event.target === this.fieldTarget) this.options[this.chosen]?.click()
    else return
    event.preventDefault()
  }

  private get options(): HTMLElement[] {
    return [...this.dialogTarget.querySelectorAll<HTMLElement>("[role=option]")]
  }

  private choose(at: number): void {
    this.chosen = at
    this.options.forEach((option, i) => option.setAttribute("aria-selected", String(i === at)))
    const option = this.options[at]
    if (option) {
      this.fieldTarget.setAttribute("aria-activedescendant", option.id)
      option.scrollIntoView({ block: "nearest" })
    } else this.fieldTarget.removeAttribute("aria-activedescendant")
  }
}
