// A form that could not be sent says so; what was typed stays in it.
import { alertWith } from "./alert"

let unsent: unknown

document.addEventListener("turbo:fetch-request-error", (event) => {
  if (!(event.target instanceof HTMLFormElement)) return
  event.preventDefault() // Turbo would only write it to the console
  unsent = (event as CustomEvent<{ error: unknown }>).detail.error
  alertWith("offline")
})

// … and throws it afterwards, where nobody could catch it.
addEventListener("unhandledrejection", (event) => { if (event.reason === unsent) event.preventDefault() })
