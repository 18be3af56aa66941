import { Controller } from "@hotwired/stimulus"

/** Says before sending which of the chosen days are reported late: those until `late`. Without it the page says so of all days. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["told"]
  static override values = { late: String }
  declare toldTarget: HTMLElement
  declare lateValue: string

  connect(): void {
    this.tell()
  }

  tell(): void {
    const boxes = [...this.element.querySelectorAll<HTMLInputElement>("[name=days]")], from = this.value("from"), to = this.value("to") || from
    const chosen = boxes.filter((box) => box.checked || (from !== "" && from <= box.value && box.value <= to))
    const late = chosen.filter((box) => box.value <= this.lateValue).map((box) => box.dataset.words)
    const words = this.toldTarget.dataset
    this.toldTarget.textContent = chosen.length === 0 && from === "" ? "" : late.length === 0 ? words.inTime ?? "" : `${words.late} ${late.join(", ")}`
  }

  private value(name: string): string {
    return this.element.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? ""
  }
}
