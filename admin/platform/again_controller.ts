import { Controller } from "@hotwired/stimulus"

/** Asks for its frame once more after a while, as long as what it stands on says that something is still going on. */
export default class extends Controller<HTMLElement> {
  private timer = 0

  override connect(): void {
    this.timer = window.setTimeout(() => this.element.closest<HTMLElement & { reload: () => void }>("turbo-frame")?.reload(), 2000)
  }

  override disconnect(): void { window.clearTimeout(this.timer) }
}
