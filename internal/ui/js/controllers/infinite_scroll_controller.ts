import { Controller } from "@hotwired/stimulus"

const AHEAD = "800px 0px" // about two phone screens, so that reading seldom has to wait

/** On a lazy frame with the next items: fetches them before they come into view. */
export default class extends Controller<TurboFrameElement> {
  private observer?: IntersectionObserver

  connect(): void {
    this.observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return
      this.observer?.disconnect()
      this.element.loading = "eager"
    }, { rootMargin: AHEAD })
    this.observer.observe(this.element.querySelector(".more") ?? this.element) // a frame inside rows has no place of its own
  }

  override disconnect(): void {
    this.observer?.disconnect()
  }
}
