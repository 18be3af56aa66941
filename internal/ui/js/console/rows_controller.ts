import { Controller } from "@hotwired/stimulus"

const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }

/** Walks through the links of a list: j and k or the arrows while the focus is in it. Enter opens, as on every link. */
export default class extends Controller<HTMLElement> {
  static override targets = ["link"]
  declare readonly linkTargets: HTMLAnchorElement[]

  key(event: KeyboardEvent): void {
    const step = STEPS[event.key]
    if (!step || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof HTMLAnchorElement)) return
    const at = this.linkTargets.indexOf(event.target)
    if (at < 0) return
    event.preventDefault()
    this.linkTargets[at + step]?.focus()
  }
}
