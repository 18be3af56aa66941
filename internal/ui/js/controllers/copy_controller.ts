import { Controller } from "@hotwired/stimulus"

/** Copies the text of its source, without the spaces that make it readable, to the clipboard, and says so; where the browser does not let it, selects the text instead. */
export default class extends Controller<HTMLElement> {
  static override targets = ["source", "said"]
  declare sourceTarget: HTMLElement
  declare saidTarget: HTMLElement

  async copy(): Promise<void> {
    const source = this.sourceTarget
    try {
      await navigator.clipboard.writeText((source instanceof HTMLInputElement ? source.value : (source.textContent ?? "")).replaceAll(/\s/g, ""))
      this.saidTarget.textContent = this.saidTarget.dataset.words ?? ""
    } catch {
      if (source instanceof HTMLInputElement) source.select()
      else window.getSelection()?.selectAllChildren(source)
    }
  }
}
