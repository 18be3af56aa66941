import { Controller } from "@hotwired/stimulus"
import { Shot, type Words } from "./shot"

const AT_ONCE = 2

// A form that comes back with mistakes keeps its list (data-turbo-permanent), so the photos outlive the controller.
const shots = new WeakMap<Element, Shot>()

/** Lets somebody choose, drop or paste photos, and sends each by itself while the text is being written. */
export default class extends Controller<HTMLElement> {
  static override targets = ["input", "drop", "list", "template", "status", "note"]
  static override values = { url: String, remove: String, most: Number, words: Object }
  declare inputTarget: HTMLInputElement
  declare dropTarget: HTMLElement
  declare listTarget: HTMLElement
  declare templateTarget: HTMLTemplateElement
  declare statusTarget: HTMLElement
  declare noteTarget: HTMLElement
  declare hasListTarget: boolean
  declare urlValue: string
  declare removeValue: string
  declare mostValue: number
  declare wordsValue: Words

  connect(): void { this.form?.addEventListener("turbo:submit-end", this.taken) }

  override disconnect(): void { this.form?.removeEventListener("turbo:submit-end", this.taken) }

  choose(): void {
    this.add(this.inputTarget.files)
    this.inputTarget.value = ""
  }

  over(event: DragEvent): void {
    event.preventDefault()
    this.dropTarget.classList.add("is-over")
  }

  leave(): void { this.dropTarget.classList.remove("is-over") }

  drop(event: DragEvent): void {
    event.preventDefault()
    this.leave()
    this.add(event.dataTransfer?.files)
  }

  paste(event: ClipboardEvent): void { this.add(event.clipboardData?.files) }

  retry(event: Event): void {
    const old = shots.get(this.itemOf(event))
    if (!old) return
    const item = this.line()
    old.item.replaceWith(item)
    this.start(old.file, item)
    item.querySelector<HTMLElement>("input, button")?.focus()
    this.pump()
  }

  remove(event: Event): void {
    const item = this.itemOf(event) as HTMLElement
    const next = item.nextElementSibling ?? item.previousElementSibling
    const id = shots.get(item)?.remove() || item.dataset.id
    item.remove()
    if (id && this.removeValue) void fetch(`${this.removeValue}/${id}`, { method: "DELETE" }).catch(() => undefined)
    ;(next?.querySelector<HTMLElement>('[data-action$="#remove"]') ?? this.inputTarget).focus()
    this.pump()
  }

  private add(files: FileList | null | undefined): void {
    if (!files?.length) return
    const room = this.mostValue - this.listTarget.children.length
    for (const file of [...files].slice(0, Math.max(room, 0))) {
      const item = this.line()
      this.listTarget.append(item)
      this.start(file, item)
    }
    this.pump()
    this.noteTarget.textContent = files.length > room ? this.wordsValue.many : ""
  }

  private start(file: File, item: HTMLElement): void {
    shots.set(item, new Shot(file, item, this.urlValue, this.wordsValue, () => this.tell()))
  }

  private pump(): void {
    const all = this.all
    const busy = all.filter((s) => s.state === "shrinking" || s.state === "uploading").length
    for (const shot of all.filter((s) => s.state === "queued").slice(0, AT_ONCE - busy)) void shot.upload().then(() => this.pump())
    this.tell()
  }

  /** The button waits while photos are on their way; the count is said aloud. */
  private tell(): void {
    if (!this.hasListTarget) return
    const all = this.all
    const busy = all.filter((s) => s.state === "queued" || s.state === "shrinking" || s.state === "uploading").length
    for (const button of this.form?.querySelectorAll<HTMLButtonElement>('button[type="submit"]') ?? []) button.disabled = busy > 0
    const failed = all.filter((s) => s.state === "failed").length
    const { busy: waiting, partly, done } = this.wordsValue
    const words = busy > 0 ? waiting : failed > 0 ? partly : all.length > 0 ? done : ""
    const text = words.replace("{n}", String(busy || failed)).replace("{total}", String(all.length))
    if (this.statusTarget.textContent !== text) this.statusTarget.textContent = text
    this.dispatch("changed", { detail: { busy, total: all.length } })
  }

  private readonly taken = (event: Event): void => {
    if ((event as CustomEvent<{ success: boolean }>).detail.success) this.listTarget.replaceChildren()
  }

  private line(): HTMLElement {
    return (this.templateTarget.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement
  }

  private itemOf(event: Event): Element { return (event.currentTarget as Element).closest(".shot")! }
  private get all(): Shot[] { return [...this.listTarget.children].flatMap((item) => shots.get(item) ?? []) }
  private get form(): HTMLFormElement | null { return this.element.closest("form") }
}
