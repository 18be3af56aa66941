import { Controller } from "@hotwired/stimulus"

const TEXT = 'textarea[name], input[type="text"][name], input[type="hidden"][data-draft-keep]'
const BOX = 'input[type="checkbox"][name], input[type="radio"][name]'
const PHOTO = 'input[type="hidden"][name="photos"]'
const PREFIX = "draft:"

interface Kept { texts: Record<string, string>; boxes: string[]; photos: string[] }
export interface KeptPhoto { id: string; alt: string }

// Whoever signs out leaves nothing behind on a shared tablet.
document.addEventListener("submit", (event) => {
  if (!new URL((event.target as HTMLFormElement).action).pathname.endsWith("/uitloggen")) return
  for (const store of [sessionStorage, localStorage]) for (const name of Object.keys(store)) if (name.startsWith(PREFIX)) store.removeItem(name)
})

/**
 * On a form: keeps what was typed, ticked and uploaded for this tab, or with device for this device, until the form was taken, also while
 * its writer has to sign in again. The key names the person, because a tablet is shared; the page is added to it. What may not be kept
 * stands inside data-draft-skip.
 */
export default class extends Controller<HTMLFormElement> {
  static override values = { key: String, page: String, device: Boolean }
  static override targets = ["notice"]
  declare keyValue: string
  declare pageValue: string
  declare deviceValue: boolean
  declare noticeTarget: HTMLElement
  declare hasNoticeTarget: boolean
  private page = ""
  private kept?: Kept

  connect(): void {
    this.page = this.pageValue || location.pathname + location.search
    // A form that came back, with mistakes or a question, is as it was sent; what was kept of it is not newer.
    if (!this.element.querySelector(".errors, [data-draft-sent]")) this.restore()
    this.element.addEventListener("input", this.keep)
    this.element.addEventListener("photo-picker:changed", this.keep)
    this.element.addEventListener("photo-picker:connected", this.givePhotos)
    this.element.addEventListener("turbo:submit-end", this.sent)
  }

  override disconnect(): void {
    this.element.removeEventListener("input", this.keep)
    this.element.removeEventListener("photo-picker:changed", this.keep)
    this.element.removeEventListener("photo-picker:connected", this.givePhotos)
    this.element.removeEventListener("turbo:submit-end", this.sent)
  }

  /** Empties the form and forgets what was kept of it. */
  discard(): void {
    for (const field of this.texts) field.value = field.defaultValue
    for (const box of this.boxes) box.checked = box.defaultChecked
    this.dispatch("discarded")
    this.forget()
    if (this.hasNoticeTarget) this.noticeTarget.hidden = true
    this.told()
    this.texts.find((field) => field.type !== "hidden")?.focus()
  }

  private restore(): void {
    const kept = this.read()
    if (!kept) return
    for (const field of this.texts) field.value = kept.texts[field.name] ?? field.value
    for (const box of this.boxes) box.checked = kept.boxes.includes(idOf(box))
    this.kept = kept
    this.givePhotos()
    if (this.hasNoticeTarget) this.noticeTarget.hidden = false
    this.told()
  }

  /** The photo picker may be there before us or after us. */
  private readonly givePhotos = (): void => {
    if (!this.kept?.photos.length) return
    const photos: KeptPhoto[] = this.kept.photos.map((id) => ({ id, alt: this.kept?.texts[`alt_${id}`] ?? "" }))
    this.dispatch("photos", { detail: { photos } })
  }

  private told(): void { this.element.dispatchEvent(new Event("change", { bubbles: true })) }

  private readonly keep = (event: Event): void => {
    const photos = [...this.element.querySelectorAll<HTMLInputElement>(PHOTO)].map((field) => field.value)
    if (event.type !== "input" && photos.join() === (this.read()?.photos ?? []).join()) return // nothing of ours changed
    const kept: Kept = {
      texts: Object.fromEntries(this.texts.map((field) => [field.name, field.value])),
      boxes: this.boxes.filter((box) => box.checked).map(idOf),
      photos,
    }
    try {
      this.store.setItem(this.name, JSON.stringify(kept))
    } catch {
      // A full or forbidden store only costs the safety net.
    }
  }

  private readonly sent = (event: Event): void => {
    if (!(event as CustomEvent<{ success?: boolean }>).detail.success) return
    this.element.removeEventListener("photo-picker:changed", this.keep) // the picker empties itself now
    this.forget()
  }

  private forget(): void {
    this.kept = undefined
    this.store.removeItem(this.name)
  }

  private read(): Kept | undefined {
    try {
      const kept = JSON.parse(this.store.getItem(this.name) ?? "null") as Kept | null
      return kept?.texts && kept.boxes && kept.photos ? kept : undefined
    } catch {
      return undefined
    }
  }

  private get store(): Storage { return this.deviceValue ? localStorage : sessionStorage }
  private get name(): string { return `${PREFIX}${this.keyValue}:${this.page}` }
  private get texts() { return this.find<HTMLInputElement | HTMLTextAreaElement>(TEXT) }
  private get boxes() { return this.find<HTMLInputElement>(BOX) }
  private find<E extends Element>(selector: string): E[] { return [...this.element.querySelectorAll<E>(selector)].filter((field) => !field.closest("[data-draft-skip]")) }
}

const idOf = (box: HTMLInputElement): string => `${box.name}=${box.value}`
