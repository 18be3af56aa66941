import { Controller } from "@hotwired/stimulus"

const PAUSE = 1500
const PLACES = ["everywhere", "location", "group"]
const AUDIENCE = ["guardians", "staff", ...PLACES]

/** Keeps what is written a moment after it was typed, and says how many people it is for. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["revision", "said", "reach"]
  static override values = { reach: String, failed: String }
  declare revisionTarget: HTMLInputElement
  declare saidTarget: HTMLElement
  declare reachTarget: TurboFrameElement
  declare reachValue: string
  declare failedValue: string

  private timer = 0
  private saving: Promise<void> | undefined
  private stopped = false

  override disconnect(): void { clearTimeout(this.timer) }

  soon(event: Event): void {
    const field = event.target as HTMLInputElement
    if (field.name === "day" || field.name === "time") return
    if (PLACES.includes(field.name) && field.checked) this.narrow(field)
    if (AUDIENCE.includes(field.name)) this.count()
    clearTimeout(this.timer)
    this.timer = window.setTimeout(() => { this.saving ??= this.save().finally(() => { this.saving = undefined }) }, PAUSE)
  }

  /** What is being kept is kept first: the form would know an older revision. */
  send(event: SubmitEvent): void {
    clearTimeout(this.timer)
    if (!this.saving) return
    event.preventDefault()
    event.stopImmediatePropagation()
    void this.saving.then(() => this.element.requestSubmit(event.submitter))
  }

  /** What was sent with the button is there, or its page says why not. */
  again(): void {
    if (!this.element.querySelector(".errors")) this.stopped = false
  }

  private async save(): Promise<void> {
    if (this.stopped) return
    const answer = await fetch(this.element.action, { method: "POST", body: new FormData(this.element), headers: { Accept: "application/json" } }).catch(() => undefined)
    const said = await answer?.json().catch(() => undefined) as { revision: number; words: string } | undefined
    this.saidTarget.textContent = said?.words ?? this.failedValue
    if (answer?.ok && said) this.revisionTarget.value = String(said.revision)
    else this.stopped = answer?.status === 409 // somebody else was first; the button says what now
  }

  /** The whole organisation and some of its places are two things: the one that was chosen last counts. */
  private narrow(chosen: HTMLInputElement): void {
    for (const other of this.element.querySelectorAll<HTMLInputElement>(PLACES.map((name) => `input[name="${name}"]`).join())) {
      if ((other.name === "everywhere") !== (chosen.name === "everywhere")) other.checked = false
    }
  }

  private count(): void {
    const asked = new URLSearchParams()
    for (const [name, value] of new FormData(this.element)) if (AUDIENCE.includes(name)) asked.append(name, String(value))
    this.reachTarget.src = `${this.reachValue}?${asked}`
  }
}
