// One event stream per browser, however many tabs are open: the tab that holds the lock listens and tells the others.
// Browsers allow six HTTP/1 connections per host; six tabs with a stream each would stop the seventh from loading.
import { alertWith } from "./alert"

const FIRST_RETRY = 1000, LAST_RETRY = 60_000 // ms between attempts, doubling
const HIDDEN = 5 * 60_000 // ms that a hidden tab keeps its stream

export class LiveStream {
  private source?: EventSource
  private channel?: BroadcastChannel
  private release?: () => void
  private abort?: AbortController
  private retry = FIRST_RETRY
  private retryTimer = 0
  private hiddenTimer = 0
  private dropped = false
  private readonly visibility = () => this.onVisibility()

  constructor(readonly url: string, private readonly changed: () => void) {}

  start(): void {
    document.addEventListener("visibilitychange", this.visibility)
    this.join()
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.visibility)
    clearTimeout(this.hiddenTimer)
    this.leave()
  }

  private join(): void {
    if (this.channel) return
    this.channel = new BroadcastChannel("live")
    this.channel.onmessage = () => this.changed()
    this.abort = new AbortController()
    if (!navigator.locks) return this.listen() // plain http on a real name: no locks, a stream for each tab
    navigator.locks.request("live", { signal: this.abort.signal }, () => new Promise<void>((release) => {
      this.release = release
      this.listen()
    })).catch(() => undefined) // left before it was our turn
  }

  private leave(): void {
    clearTimeout(this.retryTimer)
    this.abort?.abort()
    this.source?.close()
    this.release?.()
    this.channel?.close()
    this.source = this.release = this.channel = undefined
  }

  private listen(): void {
    this.source = new EventSource(this.url)
    this.source.onopen = () => {
      this.retry = FIRST_RETRY
      if (this.dropped) this.tell() // something may have happened while nobody listened
      this.dropped = false
    }
    this.source.addEventListener("refresh", () => this.tell())
    this.source.onerror = async () => {
      const refused = this.source?.readyState === EventSource.CLOSED // an answer that is no stream; a broken line would connect again
      this.source?.close()
      this.dropped = true
      if (refused && (await this.signedOut())) return
      this.retryTimer = window.setTimeout(() => this.listen(), this.retry * (0.75 + Math.random() / 2))
      this.retry = Math.min(this.retry * 2, LAST_RETRY)
    }
  }

  /** Whether the server refuses because the session has ended; then the page says so, and nobody asks again. */
  private async signedOut(): Promise<boolean> {
    const stop = new AbortController()
    try {
      const answer = await fetch(this.url, { headers: { Accept: "application/json" }, signal: stop.signal })
      if (answer.status !== 401) return false
      alertWith("signed-out", ((await answer.json()) as { sign_in?: string }).sign_in)
      return true
    } catch {
      return false
    } finally {
      stop.abort()
    }
  }

  private tell(): void {
    this.channel?.postMessage("refresh")
    this.changed()
  }

  private onVisibility(): void {
    clearTimeout(this.hiddenTimer)
    if (document.hidden) {
      this.hiddenTimer = window.setTimeout(() => this.leave(), HIDDEN)
    } else if (!this.channel) {
      this.join()
      this.changed() // the page is as old as the pause
    }
  }
}
