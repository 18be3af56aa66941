import { Controller } from "@hotwired/stimulus"

const WORKER = "/service-worker.js"
const PATIENCE = 20_000 // ms; without internet the browser never answers

type Reason = "blocked" | "home_screen" | "unsupported" | "failed"

/** Safari shows messages by itself and needs no service worker. */
const declarative = (): PushManager | undefined => (window as { pushManager?: PushManager }).pushManager

/** Switches push on and off for this browser, and tells why when it cannot. */
export default class extends Controller<HTMLElement> {
  static override targets = ["form", "field", "switch", "off", "hint"]
  static override values = { key: String, endpoint: String }
  declare formTarget: HTMLFormElement
  declare fieldTargets: HTMLInputElement[]
  declare switchTarget: HTMLInputElement
  declare offTarget: HTMLFormElement
  declare hintTargets: HTMLElement[]
  declare keyValue: string
  declare endpointValue: string

  connect(): void {
    this.show()
    void this.heal()
  }

  /** The server does not know what this browser can do: after each page it is said again. */
  show(): void {
    const reason = this.reason()
    this.hint(reason)
    this.formTarget.hidden = reason === "unsupported" || reason === "home_screen"
  }

  async toggle(): Promise<void> {
    if (!this.switchTarget.checked) return this.offTarget.requestSubmit()
    this.switchTarget.disabled = true
    try {
      if ((await Notification.requestPermission()) === "granted") await this.subscribe()
      else this.refuse(this.reason())
    } catch {
      this.refuse("failed")
    } finally {
      this.switchTarget.disabled = false
    }
  }

  private refuse(reason?: Reason): void {
    this.switchTarget.checked = false
    this.hint(reason)
  }

  private reason(): Reason | undefined {
    const able = "Notification" in window && (declarative() || ("serviceWorker" in navigator && "PushManager" in window))
    if (able) return Notification.permission === "denied" ? "blocked" : undefined
    return (navigator as { standalone?: boolean }).standalone === false ? "home_screen" : "unsupported"
  }

  private hint(reason?: Reason): void {
    for (const hint of this.hintTargets) hint.hidden = hint.dataset.why !== reason
  }

  /** What was switched on here may be lost: a browser forgets it, moves it, or was told a key that is no longer the first. */
  private async heal(): Promise<void> {
    if (!this.endpointValue || this.reason()) return
    try {
      const had = await this.had()
      if (had?.endpoint === this.endpointValue && told(had) === this.keyValue) return
      if (Notification.permission !== "granted") return this.refuse()
      if (had && told(had) !== this.keyValue) await had.unsubscribe()
      await this.subscribe()
    } catch {
      this.refuse("failed")
    }
  }

  private async had(): Promise<PushSubscription | null> {
    const manager = declarative() ?? (await navigator.serviceWorker.getRegistration("/"))?.pushManager
    return (await manager?.getSubscription()) ?? null
  }

  private async subscribe(): Promise<void> {
    const manager = declarative() ?? (await worker()).pushManager
    const given = await within(PATIENCE, manager.subscribe({ userVisibleOnly: true, applicationServerKey: this.keyValue }))
    const { endpoint = "", keys = {} } = given.toJSON()
    for (const field of this.fieldTargets) field.value = field.name === "endpoint" ? endpoint : (keys[field.name] ?? "")
    this.formTarget.requestSubmit()
  }
}

async function worker(): Promise<ServiceWorkerRegistration> {
  await navigator.serviceWorker.register(WORKER, { scope: "/", updateViaCache: "none" })
  return navigator.serviceWorker.ready
}

/** The key that a browser was told, as the page writes it. */
function told(given: PushSubscription): string {
  const key = given.options.applicationServerKey
  if (!key) return ""
  return btoa(String.fromCharCode(...new Uint8Array(key))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
}

function within<T>(most: number, answer: Promise<T>): Promise<T> {
  return Promise.race([answer, new Promise<T>((_, late) => setTimeout(() => late(new Error("no answer")), most))])
}
