import { Controller } from "@hotwired/stimulus"
import { session, visit } from "@hotwired/turbo"
import type { KeptPhoto } from "../controllers/draft_controller"
import type { EditorWords } from "./retouch"
import { Shot, type State, type Words } from "./shot"

const AT_ONCE = 2
const { history: places } = session

// A form that comes back with mistakes keeps its list (data-turbo-permanent), so the photos outlive the controller.
const shots = new WeakMap<Element, Shot>()

/** Lets somebody choose, drop or paste photos, and sends each by itself while the text is being written. */
export default class extends Controller<HTMLElement> {
  static override targets = ["input", "drop", "list", "template", "status", "note", "question", "leftOut", "leaving"]
  static override values = { url: String, remove: String, most: Number, words: Object, files: Boolean }
  declare inputTarget: HTMLInputElement
  declare dropTarget: HTMLElement
  declare listTarget: HTMLElement
  declare templateTarget: HTMLTemplateElement
  declare statusTarget: HTMLElement
  declare noteTarget: HTMLElement
  declare questionTarget: HTMLDialogElement
  declare leftOutTarget: HTMLElement
  declare leavingTarget: HTMLDialogElement
  declare hasListTarget: boolean
  declare urlValue: string
  declare removeValue: string
  declare mostValue: number
  declare filesValue: boolean
  declare wordsValue: Words & EditorWords
  private agreed = false
  private going: string | number = "" // where somebody wanted to go while photos were on their way: an address, or steps in the history
  private returning = false // from there
  private leavingAgreed = false

  connect(): void {
    this.form?.addEventListener("submit", this.ask)
    this.form?.addEventListener("turbo:submit-end", this.taken)
    this.form?.addEventListener("draft:photos", this.takeUp)
    this.form?.addEventListener("draft:discarded", this.empty)
    addEventListener("beforeunload", this.hold)
    document.addEventListener("turbo:before-visit", this.holdVisit)
    removeEventListener("popstate", places.onPopState) // ours comes first: Turbo would draw the other page
    addEventListener("popstate", this.holdStep)
    addEventListener("popstate", places.onPopState)
    if (this.hasListTarget) this.listTargetConnected()
  }

  /** Before and after connect: a list that is carried over from the page before takes its place late. */
  listTargetConnected(): void {
    // In a page that came out of the browser's memory there may be lines of photos that nobody sends any more.
    for (const item of this.listTarget.querySelectorAll<HTMLElement>(".shot:not([data-id])")) if (!shots.has(item)) item.remove()
    this.dispatch("connected")
    this.tell()
  }

  override disconnect(): void {
    this.form?.removeEventListener("submit", this.ask)
    this.form?.removeEventListener("turbo:submit-end", this.taken)
    this.form?.removeEventListener("draft:photos", this.takeUp)
    this.form?.removeEventListener("draft:discarded", this.empty)
    removeEventListener("beforeunload", this.hold)
    document.removeEventListener("turbo:before-visit", this.holdVisit)
    removeEventListener("popstate", this.holdStep)
  }

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
    if (!old?.file) return
    const item = this.line()
    old.item.replaceWith(item)
    this.start(old.file, item)
    item.querySelector<HTMLElement>("input, button")?.focus()
    this.pump()
  }

  /** Opens the editor, whose code arrives with the first photo that is edited. */
  async edit(event: Event): Promise<void> {
    const item = this.itemOf(event) as HTMLElement
    const shot = shots.get(item) ?? this.start(undefined, item)
    const id = item.dataset.id
    if (!id) return
    const { retouch } = await import("./retouch")
    const how = await retouch(`/fotos/${id}/1280.webp`, this.wordsValue)
    item.querySelector<HTMLElement>(".shot__edit")?.focus()
    if (how) await shot.retouch(id, how)
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
    const left = files.length - Math.max(room, 0)
    this.noteTarget.textContent = left > 0 ? this.wordsValue.many.replace("{n}", String(left)).replace("{most}", String(this.mostValue)) : ""
  }

  private start(file: File | undefined, item: HTMLElement): Shot {
    const shot = new Shot(file, item, this.urlValue, this.wordsValue, this.filesValue, () => this.tell())
    shots.set(item, shot)
    return shot
  }

  /** Photos of a draft, which the server has already. */
  private readonly takeUp = (event: Event): void => {
    for (const { id, alt } of (event as CustomEvent<{ photos: KeptPhoto[] }>).detail.photos) {
      if (this.listTarget.querySelector(`[data-id="${CSS.escape(id)}"]`)) continue
      const item = this.line()
      this.listTarget.append(item)
      void this.start(undefined, item).resume(id, alt)
    }
  }

  private readonly empty = (): void => {
    for (const shot of this.all) shot.remove()
    this.listTarget.replaceChildren()
    this.tell()
  }

  /** A photo that failed is not left out without a word. */
  private readonly ask = (event: Event): void => {
    const failed = this.count("failed")
    this.explain("")
    if (failed === 0 || this.agreed) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.leftOutTarget.textContent = this.wordsValue.left_out.replace("{n}", String(failed))
    this.questionTarget.showModal()
  }

  /** The answer to that question is yes. */
  sendWithout(): void {
    this.agreed = true
    this.questionTarget.close()
    this.form?.requestSubmit()
  }

  /** The question is gone, also by Escape or a click beside it. The browser tells so after the form was sent again. */
  answered(): void {
    if (!this.agreed) this.explain(this.wordsValue.unsent)
    this.agreed = false
  }

  private explain(words: string): void {
    for (const place of this.form?.querySelectorAll<HTMLElement>("[data-photos-unsent]") ?? []) place.textContent = words
  }

  private readonly hold = (event: BeforeUnloadEvent): void => { if (this.busy > 0) event.preventDefault() }

  private readonly holdVisit = (event: Event): void => {
    if (this.busy === 0 || this.leavingAgreed) return
    event.preventDefault()
    this.going = (event as CustomEvent<{ url: string }>).detail.url
    this.leavingTarget.showModal()
  }

  /** The browser steps back or on first and tells it then, so it is sent back to here before somebody is asked. */
  private readonly holdStep = (event: PopStateEvent): void => {
    const place = (event.state as { turbo?: { restorationIndex: number } } | null)?.turbo?.restorationIndex ?? places.currentIndex
    if (this.returning) {
      this.returning = false
      event.stopImmediatePropagation()
      this.leavingTarget.showModal()
    } else if (this.leavingAgreed) this.leavingAgreed = false
    else if (this.busy > 0 && place !== places.currentIndex) {
      event.stopImmediatePropagation()
      this.going = place - places.currentIndex
      this.returning = true
      history.go(-this.going)
    }
  }

  /** The answer to that question is yes: the photos stay behind. */
  leavePage(): void {
    this.leavingTarget.close()
    this.leavingAgreed = true
    if (typeof this.going === "number") return history.go(this.going)
    visit(this.going)
    this.leavingAgreed = false // where nothing could be fetched the page stays, and the question with it
  }

  private pump(): void {
    const busy = this.count("shrinking", "uploading")
    for (const shot of this.all.filter((s) => s.state === "queued").slice(0, AT_ONCE - busy)) void shot.upload().then(() => this.pump())
    this.tell()
  }

  /** The button waits while photos are on their way, and says so; the count is said aloud. */
  private tell(): void {
    if (!this.hasListTarget) return
    const { busy } = this, failed = this.count("failed"), total = this.all.length
    if (failed === 0) this.explain("")
    for (const button of this.form?.querySelectorAll<HTMLButtonElement>('button[type="submit"]') ?? []) button.disabled = busy > 0
    for (const reason of this.form?.querySelectorAll<HTMLElement>("[data-photos-busy]") ?? []) {
      reason.hidden = busy === 0
      reason.textContent = this.wordsValue.waiting.replace("{n}", String(busy))
    }
    const { busy: waiting, partly, done } = this.wordsValue
    const words = busy > 0 ? waiting : failed > 0 ? partly : total > 0 ? done : ""
    const text = words.replace("{n}", String(busy || failed)).replace("{total}", String(total))
    if (this.statusTarget.textContent !== text) this.statusTarget.textContent = text
    this.name()
    this.dispatch("changed", { detail: { busy, total } })
  }

  /** Says in the name of each control which photo it is about. */
  private name(): void {
    for (const [i, item] of [...this.listTarget.children].entries()) {
      const which = `${i + 1}${item.querySelector(".shot__name")?.textContent ? `: ${item.querySelector(".shot__name")!.textContent}` : ""}`
      for (const control of item.querySelectorAll<HTMLElement>("[data-label]")) {
        const label = control.dataset.label!.replace("{photo}", which)
        if (control.getAttribute("aria-label") !== label) control.setAttribute("aria-label", label)
      }
    }
  }

  private readonly taken = (event: Event): void => {
    if (!(event as CustomEvent<{ success?: boolean }>).detail.success) return
    for (const shot of this.all) shot.remove() // nobody asks for them any more
    this.listTarget.replaceChildren()
  }

  private line(): HTMLElement {
    return (this.templateTarget.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement
  }

  private itemOf(event: Event): Element { return (event.currentTarget as Element).closest(".shot")! }
  private count(...states: State[]): number { return this.all.filter((shot) => states.includes(shot.state)).length }
  private get busy(): number { return this.count("queued", "shrinking", "uploading") }
  private get all(): Shot[] { return [...this.listTarget.children].flatMap((item) => shots.get(item) ?? []) }
  private get form(): HTMLFormElement | null { return this.element.closest("form") }
}
