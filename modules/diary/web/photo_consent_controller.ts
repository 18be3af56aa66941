import { Controller } from "@hotwired/stimulus"

/** Names the chosen children who may be on no photo as soon as there are photos. The server asks again. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["lacking", "notice", "names", "words"]
  declare lackingTargets: HTMLInputElement[]
  declare noticeTarget: HTMLElement
  declare namesTarget: HTMLElement
  declare wordsTargets: HTMLElement[]
  private observer?: MutationObserver

  connect(): void {
    // The picker adds and removes fields by itself, without an event of the form.
    this.observer = new MutationObserver(() => this.look())
    this.observer.observe(this.element.querySelector(".picker__list") ?? this.element, { childList: true, subtree: true })
    this.look()
  }

  override disconnect(): void {
    this.observer?.disconnect()
  }

  look(): void {
    const names = this.lackingTargets.filter((box) => box.checked).map((box) => box.dataset.name)
    const photos = this.element.querySelector("input[name=photos]") !== null
    this.noticeTarget.hidden = names.length === 0 || !photos
    for (const words of this.wordsTargets) words.textContent = (names.length === 1 ? words.dataset.one : words.dataset.other) ?? ""
    if (names.length > 0) this.namesTarget.textContent = this.namesTarget.dataset.text?.replace("{names}", names.join(", ")) ?? ""
  }
}
