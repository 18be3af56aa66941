import { Controller } from "@hotwired/stimulus"

/** Opens the list that belongs to the chosen audience, and closes the others. Without it who builds a declaration opens it. */
export default class extends Controller<HTMLElement> {
  static override targets = ["fold"]
  declare readonly foldTargets: HTMLDetailsElement[]

  show({ target }: Event): void {
    if (!(target instanceof HTMLInputElement) || target.name !== "audience") return
    for (const fold of this.foldTargets) fold.open = fold.dataset["audience"] === target.value
  }
}
