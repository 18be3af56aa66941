import { Controller } from "@hotwired/stimulus"
import { session } from "@hotwired/turbo"
import { LiveStream } from "../live_stream"
import { keepPlace, readingPlace } from "../reading_position"

const SETTLE = 250 // ms: one post for three children is three signals and one refresh

const ANSWER = 1000 // ms from the end of a form to the page that it leads to, if to one

const LINGER = 3000 // ms: the stream stays open from one page to the next

let stream: LiveStream | undefined
let leaving = 0
let refreshing = false // a refresh of ours is asked for and not shown yet
let answering = false // a form is sent and where it leads is not shown yet: a refresh would come in its place, without its toast
let asked = 0, shown = 0 // how many were asked for, and how many had been when the last page was put in place

// What somebody ticks or types while the fresh page is on its way stays as it is; a form's own answer replaces it as always.
document.addEventListener("turbo:before-morph-element", (event) => { if (refreshing && changed(event.target)) event.preventDefault() })
// Who has scrolled down goes on reading at the same line.
document.addEventListener("turbo:before-render", () => {
  shown = asked
  const place = refreshing ? readingPlace() : undefined
  if (place && place !== "later") document.addEventListener("turbo:render", () => keepPlace(place), { once: true })
})
// One that was asked for while the page before it was put in place is still on its way when that one has loaded.
document.addEventListener("turbo:load", () => { refreshing = refreshing && asked > shown })
let answered = 0
document.addEventListener("turbo:submit-start", () => { clearTimeout(answered); refreshing = false; answering = true })
document.addEventListener("turbo:render", () => { answering = false })
document.addEventListener("turbo:submit-end", () => { answered = window.setTimeout(() => { answering = false }, ANSWER) })

/**
 * Refreshes the page when the server says that something on it changed. Frames marked data-live-target="frame" are
 * refreshed instead of the page where there are any. While a form holds what was typed, the page is left alone; frames should hold no forms.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["frame"]
  static override values = { url: String }
  declare urlValue: string
  declare frameTargets: TurboFrameElement[]
  private timer = 0

  connect(): void {
    clearTimeout(leaving)
    if (stream?.url !== this.urlValue) {
      stream?.stop()
      stream = new LiveStream(this.urlValue, () => this.soon())
      stream.start()
    }
    stream.changed = () => this.soon()
  }

  override disconnect(): void {
    clearTimeout(this.timer)
    leaving = window.setTimeout(() => { stream?.stop(); stream = undefined }, LINGER)
  }

  private soon(): void {
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.refresh(), SETTLE)
  }

  private refresh(): void {
    if (document.hidden) document.addEventListener("visibilitychange", () => this.soon(), { once: true })
    else if (this.frameTargets.length > 0) for (const frame of this.frameTargets) void frame.reload()
    else if (answering) this.soon()
    else if (typing()) document.addEventListener("focusout", () => this.soon(), { once: true })
    else if (readingPlace() === "later") addEventListener("scroll", () => this.soon(), { once: true, passive: true })
    else {
      refreshing = true
      asked++
      session.refresh(location.href)
    }
  }
}

/** A refresh would put back what the server knows: not while a form holds something that the server does not. */
function typing(): boolean {
  return document.querySelector("dialog[open], .errors, .shot") !== null || [...document.forms].some((form) => [...form.elements].some(changed))
}

function changed(control: EventTarget | null): boolean {
  if (control instanceof HTMLTextAreaElement) return control.value !== control.defaultValue
  if (!(control instanceof HTMLInputElement) || control.type === "hidden") return false
  return control.type === "checkbox" || control.type === "radio" ? control.checked !== control.defaultChecked : control.value !== control.defaultValue
}
