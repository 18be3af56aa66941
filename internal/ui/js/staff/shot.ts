import { shrink, type Shrunk } from "./shrink"
import type { Retouch } from "./retouch"
import { follow, type Received, Refused, send, SignedOut } from "./upload"

export type State = "queued" | "shrinking" | "uploading" | "processing" | "ready" | "failed"
export type Words = Record<State | "network" | "large" | "many" | "type" | "empty" | "busy" | "done" | "partly" | "waiting" | "left_out" | "unsent" | "sign_in", string>

const LARGEST = 20 * 1024 * 1024 // bytes; the server's limit

const isDocument = (name: string): boolean => /\.pdf$/i.test(name)

/** A chosen photo, or with files a document, and its line in the list. */
export class Shot {
  state: State = "queued"
  private id = ""
  private preview = ""
  private readonly abort = new AbortController()

  /** Without a file it is a photo that the server has already: call resume. */
  constructor(readonly file: File | undefined, readonly item: HTMLElement, private readonly url: string, private readonly words: Words, private readonly files: boolean, private readonly changed: () => void) {
    if (file) this.part(".shot__name").textContent = file.name
    this.become("queued")
  }

  /** Shrinks and sends the photo; never rejects, because what went wrong stands at the photo. */
  async upload(): Promise<void> {
    const { file } = this
    if (!file) return
    try {
      const document = this.files && isDocument(file.name)
      if (file.type && !file.type.startsWith("image/") && !document) throw new Refused(this.words.type)
      if (file.size === 0) throw new Refused(this.words.empty)
      if (document) this.drawDocument()
      else this.become("shrinking")
      const { blob, thumb, taken } = document ? { blob: file } as Shrunk : await shrink(file)
      if (thumb) this.show((this.preview = URL.createObjectURL(thumb)))
      if (blob.size > LARGEST) throw new Refused(this.words.large)
      this.become("uploading")
      const answer = await send(this.url, { blob, name: file.name, taken }, this.abort.signal, this.words.network, (percent) => { this.progress.value = percent })
      this.id = answer.id
      this.addFields()
      if (answer.thumb && !this.preview) this.show(answer.thumb)
      this.become(answer.state === "ready" ? "ready" : "processing")
      if (answer.state === "processing") void this.wait()
    } catch (error) {
      if (this.abort.signal.aborted) return
      if (error instanceof SignedOut) this.linkTo(error.signIn)
      this.fail(error instanceof Refused ? error.message : this.words.network, !(error instanceof Refused) || error.again)
    }
  }

  /** Takes up a photo that was uploaded before; its line goes away when the server no longer has it. */
  async resume(id: string, alt: string): Promise<void> {
    this.id = id
    this.addFields()
    const description = this.item.querySelector<HTMLInputElement>(".shot__alt input")
    if (description) description.value = alt
    this.become("processing")
    const answer = await fetch(`${this.url}/${id}`, { headers: { Accept: "application/json" }, signal: this.abort.signal }).catch(() => undefined)
    if (this.abort.signal.aborted) return
    if (answer?.status === 404) {
      this.item.remove()
      this.changed()
    } else void this.wait(0)
  }

  /** Has the server hide or cut off parts; the photo that comes of it takes the place of this one. */
  async retouch(id: string, how: Retouch): Promise<void> {
    // Until the answer is here this photo is in no form, and the form waits: it must not go out as it was.
    for (const field of this.item.querySelectorAll('input[name="photos"]')) field.remove()
    this.become("uploading")
    const answer = await fetch(`${this.url}/${id}/bewerking`, { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/json" }, body: JSON.stringify(how), signal: this.abort.signal })
      .then(async (r) => ({ ok: r.ok, ...((await r.json()) as Received) })).catch(() => undefined)
    if (!answer?.ok) {
      this.addFields()
      this.become("ready") // as it was
      this.part(".shot__state").textContent = answer?.error || this.words.network
      return
    }
    if (this.preview) URL.revokeObjectURL(this.preview)
    this.preview = ""
    this.id = answer.id
    this.addFields()
    this.become("processing")
    void this.wait(0)
  }

  /** Stops whatever goes on and forgets the photo; gives its id when the server has it. */
  remove(): string {
    this.abort.abort()
    if (this.preview) URL.revokeObjectURL(this.preview)
    this.item.remove()
    return this.id
  }

  private async wait(first?: number): Promise<void> {
    const answer = await follow(`${this.url}/${this.id}`, this.abort.signal, first)
    if (!answer || this.abort.signal.aborted) return
    if (answer.state === "failed") {
      for (const field of this.item.querySelectorAll('input[type="hidden"]')) field.remove()
      return this.fail(answer.error || this.words.failed, false) // the file is what is wrong with it
    }
    if (answer.thumb && !this.preview) this.show(answer.thumb)
    if (answer.name) this.part(".shot__name").textContent = answer.name
    if (answer.name && isDocument(answer.name)) this.drawDocument()
    this.become("ready")
  }

  /** again: the same file may go well the next time. */
  private fail(sentence: string, again: boolean): void {
    this.part(".shot__error").prepend(sentence)
    this.item.toggleAttribute("data-final", !again)
    this.become("failed")
  }

  private linkTo(signIn: string): void {
    const link = document.createElement("a")
    link.href = signIn
    link.textContent = this.words.sign_in
    this.part(".shot__error").append(" ", link)
  }

  private become(state: State): void {
    this.state = this.item.dataset.state = state
    this.part(".shot__state").textContent = this.words[state]
    this.changed()
  }

  private show(src: string): void {
    const image = new Image(80, 80)
    image.src = src
    image.alt = ""
    this.part(".shot__image").replaceChildren(image)
  }

  private drawDocument(): void {
    const icon = this.item.querySelector(".shot__image use")
    icon?.setAttribute("href", icon.getAttribute("href")!.replace(/#.*/, "#file-text"))
  }

  private addFields(): void {
    this.item.dataset.id = this.id
    const description = this.item.querySelector<HTMLInputElement>(".shot__alt input")
    if (description) description.name = `alt_${this.id}`
    const field = document.createElement("input")
    Object.assign(field, { type: "hidden", name: "photos", value: this.id })
    this.item.append(field)
  }

  private get progress(): HTMLProgressElement { return this.part("progress") }
  private part<E extends Element = HTMLElement>(selector: string): E { return this.item.querySelector<E>(selector)! }
}
