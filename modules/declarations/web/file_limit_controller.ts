import { Controller } from "@hotwired/stimulus"

/**
 * Around a form with files: takes back one with which it is more than the server takes, and says so there. What was typed is not sent in vain.
 * One that the server has by now, of a form that came back, is not sent a second time.
 */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["sent"]
  static override values = { most: Number, words: String }
  declare mostValue: number
  declare wordsValue: string

  sentTargetConnected(sent: HTMLElement): void {
    sent.parentElement!.querySelector<HTMLInputElement>("input[type=file]")!.value = ""
  }

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
