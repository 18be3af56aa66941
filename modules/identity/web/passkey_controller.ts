import { Controller } from "@hotwired/stimulus"

/** Asks the browser for a passkey, or for a new one, and sends what it gives with the form. Where there are none the form goes. */
export default class extends Controller<HTMLFormElement> {
  static override targets = ["answer", "problem"]
  static override values = { ask: String, make: Boolean, offer: Boolean }
  declare answerTarget: HTMLInputElement
  declare problemTarget: HTMLElement
  declare askValue: string
  declare makeValue: boolean
  declare offerValue: boolean
  private waiting?: AbortController

  async connect(): Promise<void> {
    this.element.hidden = !window.PublicKeyCredential?.parseRequestOptionsFromJSON
    if (this.element.hidden) return
    if (this.offerValue && (await PublicKeyCredential.isConditionalMediationAvailable?.())) await this.request("conditional")
  }

  override disconnect(): void {
    this.waiting?.abort()
  }

  /** A page that comes back with mistakes is morphed into this one; the server does not know that the form is hidden, and this controller does not connect again. */
  stay(event: CustomEvent<{ attributeName: string }>): void {
    if (event.target === this.element && event.detail.attributeName === "hidden") event.preventDefault()
  }

  /** The answer is there when the form is sent the second time. */
  async submit(event: SubmitEvent): Promise<void> {
    if (this.answerTarget.value) return
    event.preventDefault()
    event.stopPropagation()
    this.problemTarget.hidden = true
    this.problemTarget.hidden = await this.request()
  }

  private async request(mediation?: CredentialMediationRequirement): Promise<boolean> {
    this.waiting?.abort()
    const { signal } = (this.waiting = new AbortController())
    try {
      const asked = await fetch(this.askValue, { method: "POST", headers: { Accept: "application/json" }, signal })
      if (asked.status === 403) {
        location.assign((await asked.json()).confirm) // prove who you are first; the page of this form comes after it
        return true
      }
      if (!asked.ok) return false
      const { publicKey } = await asked.json()
      const credential = this.makeValue
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey), signal })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey), mediation, signal })
      this.answerTarget.value = JSON.stringify((credential as PublicKeyCredential).toJSON())
      this.element.requestSubmit()
      return true
    } catch {
      return signal.aborted // somebody said no, or the browser found none
    }
  }
}
