import { Controller } from "@hotwired/stimulus"

/** On the form that chooses light, dark or like the device: shows the choice at once; auto-submit tells the server, which keeps it. */
export default class extends Controller<HTMLFormElement> {
  choose(event: Event): void {
    const { value } = event.target as HTMLInputElement
    const root = document.documentElement
    if (value === "light" || value === "dark") root.dataset.theme = value
    else delete root.dataset.theme
    document.querySelector('meta[name="color-scheme"]')?.setAttribute("content", root.dataset.theme ?? "light dark")
  }
}
