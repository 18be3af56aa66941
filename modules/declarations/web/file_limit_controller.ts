import { Controller } from "@hotwired/stimulus"

/** Around a form with files: takes back one with which it is more than the server takes, and says so there. What was typed is not sent in vain. */
export default class extends Controller<HTMLFormElement> {
  static override values = { most: Number, words: String }
  declare mostValue: number
  declare wordsValue: string

  check({ target }: Event): void {
    const input = target as HTMLInputElement
    if (input.type !== "file") return
    let bytes = 0
    for (const each of this.element.querySelectorAll<HTMLInputElement>("input[type=file]")) bytes += each.files?.[0]?.size ?? 0
    const over = bytes > this.mostValue, said = input.parentElement!.querySelector<HTMLElement>("[data-file-limit-said]")!
    if (over) input.value = ""
    said.textContent = over ? this.wordsValue : ""
    said.hidden = !over
  }
}
