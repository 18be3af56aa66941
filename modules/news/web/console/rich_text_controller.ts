import { Controller } from "@hotwired/stimulus"
import { cache } from "@hotwired/turbo"

interface Attachment {
  file?: File
  getURL(): string | undefined
  remove(): void
  setAttributes(attributes: Record<string, unknown>): void
  setUploadProgress(percent: number): void
}
interface Progress { id: string; state: "processing" | "ready" | "failed"; url?: string; width?: number; height?: number; error?: string }

const AGAIN = 700
const PATIENCE = 120
const OURS = "/nieuws/bestanden/"
// What our policy refuses anyway. Word pastes it by the hundred, and each would be reported; what may stay is for the server to say.
const REFUSED = /<(style|script|svg|math|iframe|object|template|xml)\b[\s\S]*?<\/\1\s*>|<(?:base|link|meta)\b[^>]*>|<!--[\s\S]*?-->|\s(?:style|on\w+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi
// A picture from elsewhere is not kept; while the editor reads, its address would be asked for again and again.
const FOREIGN = /<img\b(?![^>]*\ssrc\s*=\s*["']?(?:data:image\/|\/nieuws\/bestanden\/))[^>]*>/gi
// The editor has one kind of heading, and of any other only that it is bold.
const HEADING = /<(\/?)h[13-6](?=[\s>])/gi
const PICTURE = /^data:(image\/[a-z+]+);base64,/

/** Puts an editor in the place of a plain field. It is fetched here, because no other page needs it. */
export default class extends Controller<HTMLElement> {
  static override targets = ["plain", "rich", "said"]
  static override values = { html: String, upload: String, failed: String, label: String, caption: String, remove: String }
  declare plainTarget: HTMLElement
  declare richTarget: HTMLElement
  declare saidTarget: HTMLElement
  declare htmlValue: string
  declare uploadValue: string
  declare failedValue: string
  declare labelValue: string
  declare captionValue: string
  declare removeValue: string

  private made: HTMLElement[] = []

  override async connect(): Promise<void> {
    cache.exemptPageFromCache() // a copy would hold an editor that nobody looks after
    const { default: Trix } = await import("trix/dist/trix.esm.js")
    if (!this.element.isConnected || this.made.length) return
    const { blockAttributes, attachments, lang } = Trix.config
    blockAttributes["heading1"]!["tagName"] = "h2"
    attachments["preview"]!["caption"] = { name: false, size: false }
    Object.assign(lang, { captionPlaceholder: this.captionValue, remove: this.removeValue })
    const input = Object.assign(document.createElement("input"), { type: "hidden", id: "tekst-bron", name: "body", value: this.htmlValue })
    const editor = document.createElement("trix-editor")
    for (const [name, value] of Object.entries({ input: input.id, toolbar: "opmaak", class: "input rich", "aria-label": this.labelValue, "data-qa": "editor" })) editor.setAttribute(name, value)
    editor.addEventListener("trix-attachment-add", (event) => void this.take((event as Event & { attachment: Attachment }).attachment, editor as HTMLElement & { editor: { insertFile(file: File): void } }))
    editor.addEventListener("trix-file-accept", (event) => { if (!(event as Event & { file: File }).file.type.startsWith("image/")) event.preventDefault() })
    this.richTarget.addEventListener("beforeinput", pasteClean, true)
    this.plainTarget.hidden = true
    this.plainTarget.querySelector("textarea")!.disabled = true
    this.richTarget.hidden = false
    this.richTarget.querySelector("trix-toolbar")!.after(input, editor)
    this.made = [input, editor]
  }

  override disconnect(): void {
    this.richTarget.removeEventListener("beforeinput", pasteClean, true)
    for (const element of this.made) element.remove()
    this.made = []
    // An editor never lets go of its buttons: those that the next one listens to are new.
    const toolbar = this.richTarget.querySelector("trix-toolbar") // gone with a page that is left
    toolbar?.replaceWith(toolbar.cloneNode(true))
  }

  /** A form that comes back to its own page is morphed into it: the editor, which no server sent, is gone then, and its element is still here. */
  again(): void {
    if (this.made.length === 0 || this.made.every((element) => element.isConnected)) return
    this.disconnect()
    void this.connect()
  }

  /** A picture is sent first, and stands in the text once it is fit to share. One that came along with a pasted text is sent too, when it is in it. */
  private async take(attachment: Attachment, editor: HTMLElement & { editor: { insertFile(file: File): void } }): Promise<void> {
    if (attachment.file) return this.send(attachment, attachment.file)
    const url = attachment.getURL() ?? ""
    if (url.startsWith(OURS)) return
    attachment.remove()
    const type = PICTURE.exec(url)
    if (!type) return
    const bytes = Uint8Array.from(atob(url.slice(type[0].length)), (letter) => letter.charCodeAt(0))
    editor.editor.insertFile(new File([bytes], "foto", { type: type[1]! }))
  }

  private async send(attachment: Attachment, file: File): Promise<void> {
    try {
      const body = new FormData()
      body.append("file", file)
      let now = await this.ask(this.uploadValue, { method: "POST", body })
      for (let tries = 0; now.state === "processing" && tries < PATIENCE; tries++) {
        attachment.setUploadProgress(Math.min(90, 30 + tries * 5))
        await new Promise((done) => setTimeout(done, AGAIN))
        now = await this.ask(`${this.uploadValue}/${now.id}`)
      }
      if (now.state !== "ready") throw new Error(now.error ?? this.failedValue)
      attachment.setAttributes({ url: now.url, width: now.width, height: now.height })
      this.saidTarget.textContent = ""
    } catch (problem) {
      attachment.remove()
      this.saidTarget.textContent = problem instanceof Error && !(problem instanceof TypeError) ? problem.message : this.failedValue
    }
  }

  private async ask(url: string, init: RequestInit = {}): Promise<Progress> {
    const answer = await fetch(url, { ...init, headers: { Accept: "application/json" } })
    return await answer.json().catch(() => ({ state: "failed" })) as Progress
  }
}

/** Pastes without what is refused: the editor reads the whole of it before it asks anybody, and the browser would report each. */
function pasteClean(event: InputEvent): void {
  const html = event.dataTransfer?.getData("text/html") ?? "", clean = html.replace(REFUSED, "").replace(FOREIGN, "").replace(HEADING, "<$1h2")
  if (event.inputType !== "insertFromPaste" || clean === html) return
  event.preventDefault()
  event.stopImmediatePropagation()
  const dataTransfer = new DataTransfer()
  dataTransfer.setData("text/html", clean)
  dataTransfer.setData("text/plain", event.dataTransfer!.getData("text/plain"))
  event.target!.dispatchEvent(new InputEvent("beforeinput", { inputType: "insertFromPaste", dataTransfer, bubbles: true, cancelable: true }))
}
