import { Controller } from "@hotwired/stimulus"

const FIELDS = 'textarea[name], input[type="text"][name]:not([data-draft-skip])'

/** On a form: keeps what was typed for this tab until the form was taken. The key names page and person: a tablet is shared. */
export default class extends Controller<HTMLFormElement> {
  static override values = { key: String }
  declare keyValue: string

  connect(): void {
    const kept = this.read()
    for (const field of this.fields) {
      const text = kept[field.name]
      if (text && field.value === "") {
        field.value = text
        field.dispatchEvent(new Event("input", { bubbles: true }))
      }
    }
    this.element.addEventListener("input", this.keep)
    this.element.addEventListener("turbo:submit-end", this.sent)
  }

  override disconnect(): void {
    this.element.removeEventListener("input", this.keep)
    this.element.removeEventListener("turbo:submit-end", this.sent)
  }

  private readonly keep = (): void => {
    try {
      sessionStorage.setItem(this.name, JSON.stringify(Object.fromEntries(this.fields.map((f) => [f.name, f.value]))))
    } catch {
      // A full or forbidden store only costs the safety net.
    }
  }

  private readonly sent = (event: Event): void => {
    if ((event as CustomEvent<{ success: boolean }>).detail.success) sessionStorage.removeItem(this.name)
  }

  private read(): Record<string, string> {
    try {
      return JSON.parse(sessionStorage.getItem(this.name) ?? "{}") as Record<string, string>
    } catch {
      return {}
    }
  }

  private get name(): string { return `draft:${this.keyValue}` }
  private get fields() { return [...this.element.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(FIELDS)] }
}
