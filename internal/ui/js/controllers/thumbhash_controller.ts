import { Controller } from "@hotwired/stimulus"
import { thumbHashToDataURL } from "thumbhash"

/** Paints the blurred likeness of each photo behind it until the photo itself is there. */
export default class extends Controller<HTMLElement> {
  connect(): void {
    for (const image of this.element.querySelectorAll<HTMLImageElement>("img[data-thumbhash]")) {
      if (!image.complete || image.naturalWidth === 0) paint(image)
    }
  }
}

function paint(image: HTMLImageElement): void {
  try {
    const bytes = Uint8Array.from(atob(image.dataset.thumbhash ?? ""), (c) => c.charCodeAt(0))
    image.style.backgroundImage = `url(${thumbHashToDataURL(bytes)})`
    image.addEventListener("load", () => { image.style.backgroundImage = "" }, { once: true }) // beside a photo of another shape it would show
  } catch {
    // A hash that cannot be read leaves the plain ground.
  }
}
