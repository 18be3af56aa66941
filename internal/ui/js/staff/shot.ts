import { shrink } from "./shrink"
import { follow, Refused, send } from "./upload"

export type State = "queued" | "shrinking" | "uploading" | "processing" | "ready" | "failed"
export type Words = Record<State | "network" | "large" | "many" | "type" | "busy" | "done" | "partly", string>

const LARGEST = 20 * 1024 * 1024 // bytes; the server's limit

/** A chosen photo and its line in the list. */
export class Shot {
  state: State = "queued"
  private id = ""
  private preview = ""
  private readonly abort = new AbortController()

  constructor(readonly file: File, readonly item: HTMLElement, private readonly url: string, private readonly words: Words, private readonly changed: () => void) {
    this.become("queued")
  }

  /** Shrinks and sends the photo; never rejects, because what went wrong stands at the photo. */
  async upload(): Promise<void> {
    try {
      if (this.file.type && !this.file.type.startsWith("image/")) throw new Refused(this.words.type)
      this.become("shrinking")
      const { blob, thumb } = await shrink(this.file)
      if (thumb) this.show((this.preview = URL.createObjectURL(thumb)))
      if (blob.size > LARGEST) throw new Refused(this.words.large)
      this.become("uploading")
      const answer = await send(this.url, blob, this.file.name, this.abort.signal, this.words.network, (percent) => { this.progress.value = percent })
      this.id = answer.id
      this.addFields()
      if (answer.thumb && !this.preview) this.show(answer.thumb)
      this.become(answer.state === "ready" ? "ready" : "processing")
      if (answer.state === "processing") void this.wait()
    } catch (error) {
      if (!this.abort.signal.aborted) this.fail(error instanceof Refused ? error.message : this.words.network)
    }
  }

  /** Stops whatever goes on and forgets the photo; gives its id when the server has it. */
  remove(): string {
    this.abort.abort()
    if (this.preview) URL.revokeObjectURL(this.preview)
    this.item.remove()
    return this.id
  }

  private async wait(): Promise<void> {
    const answer = await follow(`${this.url}/${this.id}`, this.abort.signal)
    if (!answer || this.abort.signal.aborted) return
    if (answer.state === "failed") {
      for (const field of this.item.querySelectorAll('input[type="hidden"]')) field.remove()
      return this.fail(answer.error || this.words.failed)
    }
    if (answer.thumb && !this.preview) this.show(answer.thumb)
    this.become("ready")
  }

  private fail(sentence: string): void {
    this.part(".shot__error").textContent = sentence
    this.become("failed")
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

  private addFields(): void {
    this.item.dataset.id = this.id
    this.part<HTMLInputElement>(".shot__alt input").name = `alt_${this.id}`
    const field = document.createElement("input")
    Object.assign(field, { type: "hidden", name: "photos", value: this.id })
    this.item.append(field)
  }

  private get progress(): HTMLProgressElement { return this.part("progress") }
  private part<E extends Element = HTMLElement>(selector: string): E { return this.item.querySelector<E>(selector)! }
}
