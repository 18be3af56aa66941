// What every page loads: Turbo, Stimulus and the shared controllers.
import "@hotwired/turbo"
import controllers from "controllers:app"
import { register } from "./application"
import "./offline"

register(controllers)

// A frame that is left while its answer is on its way lets go of a promise that nobody waits for. That is no failure.
window.addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof DOMException && event.reason.name === "AbortError") event.preventDefault()
})

// A part of a page that cannot be had now stays what it is. Where somebody asked for it, the answer is a page: an error, or to sign in.
const asked = new WeakSet<Element>()
const asks = ({ target: from }: Event) => {
  if (!(from instanceof HTMLElement)) return
  const frame = from.dataset.turboFrame ? document.getElementById(from.dataset.turboFrame) : from.closest("turbo-frame")
  if (frame) asked.add(frame)
}
document.addEventListener("turbo:click", asks)
document.addEventListener("turbo:submit-start", asks)
document.addEventListener("turbo:frame-load", (event) => { asked.delete(event.target as Element) })
document.addEventListener("turbo:frame-missing", (event) => {
  const { response, visit } = (event as CustomEvent<{ response: Response; visit: (to: Response) => void }>).detail
  event.preventDefault()
  if (asked.delete(event.target as Element)) visit(response)
})

// A live refresh brings an empty list of toasts: what is being said is not cut short.
document.addEventListener("turbo:before-morph-element", (event) => {
  const { newElement } = (event as CustomEvent<{ newElement?: Element }>).detail
  if ((event.target as Element).id === "toasts" && newElement?.childElementCount === 0) event.preventDefault()
})

// The viewer and a drawn photo placeholder were not sent by the server: a morph must not take them away.
document.addEventListener("turbo:before-morph-attribute", (event) => {
  const { attributeName } = (event as CustomEvent<{ attributeName: string }>).detail
  const target = event.target as Element
  if (attributeName === "style" && target instanceof HTMLImageElement) event.preventDefault()
  if (attributeName === "open" && target instanceof HTMLDialogElement) event.preventDefault()
})
