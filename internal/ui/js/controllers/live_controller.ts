import { Controller } from "@hotwired/stimulus"
import { session, visit } from "@hotwired/turbo"
import { LiveStream } from "../live_stream"
import { keepPlace, readingPlace } from "../reading_position"

const SETTLE = 250 // ms: one post for three children is three signals and one refresh

const ANSWER = 1000 // ms from the end of a form to the visit that it leads to, if to one

const LINGER = 3000 // ms: the stream stays open from one page to the next

const FIRST_AGAIN = 2000, LAST_AGAIN = 60_000 // ms from a refresh that got no answer to the next, doubling

let stream: LiveStream | undefined
let leaving = 0
let due = 0 // a refresh that is waited with; one that a new page overtakes is still due there, for that may be older than what changed
let here: { refresh(): void } | undefined // what is live on this page

let asking = false // Turbo is being asked for a refresh
let refreshing = false // a refresh is on its way or being put in place
let answering = false // a form is sent, and the visit that it leads to has not begun: a refresh would stop it
let answered = 0
let again = FIRST_AGAIN
let unanswered: unknown

interface Answer { readonly statusCode: number; readonly responseHTML: Promise<string | undefined> }

// What somebody ticks or types while the fresh page is on its way stays as it is; a form's own answer replaces it as always.
document.addEventListener("turbo:before-morph-element", (event) => { if (refreshing && changed(event.target)) event.preventDefault() })
// So does what somebody opened to read or to fill in.
document.addEventListener("turbo:before-morph-attribute", (event) => {
  const { attributeName } = (event as CustomEvent<{ attributeName: string }>).detail
  if (refreshing && attributeName === "open" && event.target instanceof HTMLDetailsElement) event.preventDefault()
})
// Who has scrolled down goes on reading at the same line.
document.addEventListener("turbo:before-render", () => {
  const place = refreshing ? readingPlace() : undefined
  if (place && place !== "later") document.addEventListener("turbo:render", () => keepPlace(place), { once: true })
})
document.addEventListener("turbo:visit", () => { refreshing = asking; answering = false })
document.addEventListener("turbo:load", () => { refreshing = false })
document.addEventListener("turbo:render", () => { again = FIRST_AGAIN })
// A refresh that the server cannot answer, because it starts anew or the line is gone, leaves the page as it is and is tried again;
// Turbo would show what went wrong in its place, and with the page all that listens would be gone.
document.addEventListener("turbo:before-fetch-response", (event) => {
  if (!refreshes(event.target)) return
  const { currentVisit } = session.navigator
  const { fetchResponse } = (event as CustomEvent<{ fetchResponse: Answer }>).detail
  if (fetchResponse.statusCode >= 500) leave(event)
  else void fetchResponse.responseHTML.catch(() => { if (session.navigator.currentVisit === currentVisit) leave(event) }) // it broke off
})
document.addEventListener("turbo:fetch-request-error", (event) => {
  if (!refreshes(event.target)) return
  unanswered = (event as CustomEvent<{ error: unknown }>).detail.error
  leave(event)
})
addEventListener("unhandledrejection", (event) => { if (event.reason === unanswered) event.preventDefault() }) // Turbo throws it on
// A link into a frame stops no refresh by itself, which would then put the frame back.
document.addEventListener("turbo:click", () => {
  if (!refreshing) return
  session.navigator.stop()
  refreshing = false
  soon()
})
// A form stops a refresh, but one that is being put in place goes on until it is there.
document.addEventListener("turbo:submit-start", () => { clearTimeout(answered); answering = true })
document.addEventListener("turbo:submit-end", () => {
  refreshing = false
  answered = window.setTimeout(() => { answering = false }, ANSWER)
})

/** Whether what asks the server is a refresh, of the page or of a part of it. */
function refreshes(target: EventTarget | null): boolean {
  return target === document.documentElement ? refreshing : target instanceof Element && target.matches('[data-live-target~="frame"]')
}

function leave(event: Event): void {
  event.preventDefault()
  if (event.target === document.documentElement) session.navigator.currentVisit?.fail() // it ends here; the bar at the top goes
  clearTimeout(due)
  due = window.setTimeout(() => here?.refresh(), again)
  again = Math.min(again * 2, LAST_AGAIN)
}

function soon(): void {
  clearTimeout(due)
  due = window.setTimeout(() => here?.refresh(), SETTLE)
}

/**
 * Refreshes the page when the server says that something on it changed. Frames marked data-live-target="frame" are
 * refreshed instead of the page where there are any. While a form holds what was typed, the page is left alone; frames should hold no forms.
 */
export default class extends Controller<HTMLElement> {
  static override targets = ["frame"]
  static override values = { url: String }
  declare urlValue: string
  declare frameTargets: TurboFrameElement[]

  connect(): void {
    clearTimeout(leaving)
    here = this
    if (stream?.url === this.urlValue) return
    stream?.stop()
    stream = new LiveStream(this.urlValue, soon)
    stream.start()
  }

  override disconnect(): void {
    here = undefined
    leaving = window.setTimeout(() => { stream?.stop(); stream = undefined }, LINGER)
  }

  refresh(): void {
    if (document.hidden) document.addEventListener("visibilitychange", soon, { once: true })
    else if (this.frameTargets.length > 0) for (const frame of this.frameTargets) void frame.reload()
    else if (answering || session.navigator.currentVisit || document.querySelector("turbo-frame[busy]")) soon()
    else if (typing()) document.addEventListener("focusout", soon, { once: true })
    else if (readingPlace() === "later") addEventListener("scroll", soon, { once: true, passive: true })
    else {
      asking = true
      visit(location.href, { action: "replace", shouldCacheSnapshot: false }) // session.refresh waits 150 ms, in which somebody may have begun something
      asking = false
    }
  }
}

/** A refresh would put back what the server knows: not while a form holds something that the server does not, or the page what is shown once. */
function typing(): boolean {
  return document.querySelector("dialog[open], .errors, .shot, [data-once]") !== null || [...document.forms].some((form) => [...form.elements].some(changed))
}

function changed(control: EventTarget | null): boolean {
  if (control instanceof HTMLTextAreaElement) return control.value !== control.defaultValue
  if (control instanceof HTMLSelectElement) return control.form?.method !== "get" && control.selectedIndex !== Math.max([...control.options].findIndex((option) => option.defaultSelected), 0)
  if (!(control instanceof HTMLInputElement) || control.type === "hidden") return false
  return control.type === "checkbox" || control.type === "radio" ? control.checked !== control.defaultChecked : control.value !== control.defaultValue
}
