// Lighthouse sees a page as a phone does that was never there: its own mobile defaults and simulated slow network, in a
// Chromium of its own, so that nothing of Playwright (sizes, scripts, what is cached) is between it and the page.
import { chromium as playwright, type Cookie } from "@playwright/test"
import lighthouse from "lighthouse"
import { spawn, type ChildProcess } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { chromium } from "./chromium"

/** What Lighthouse found. Scores go to 100; lcp is the largest contentful paint in ms; cls is how much moved. */
export interface Report {
  url: string
  accessibility: number
  practices: number
  lcp: number
  cls: number
  /** What is not as it should be, and where. */
  wrong: string[]
}

// The performance category has forty more audits, and its score has no budget: these two have.
const LCP = "largest-contentful-paint", CLS = "cumulative-layout-shift"

export interface Phone {
  /** Loads the page at this address for who has these cookies, as if for the first time: Lighthouse empties the caches and leaves cookies alone. */
  load(url: string, cookies: Cookie[]): Promise<Report>
  stop(): void
}

export async function startPhone(): Promise<Phone> {
  const profile = mkdtempSync(join(tmpdir(), "ouderportaal-lighthouse-"))
  const browser = spawn(chromium(), ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"], { stdio: ["ignore", "ignore", "pipe"], detached: true })
  const stop = () => {
    process.off("exit", stop)
    if (browser.pid) try { process.kill(-browser.pid, "SIGKILL") } catch { /* it has ended */ }
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }) // its processes end one after the other
  }
  process.once("exit", stop)
  const port = await debuggingPort(browser)
  return { stop, load: (url, cookies) => load(port, url, cookies) }
}

async function load(port: number, url: string, cookies: Cookie[]): Promise<Report> {
  const driver = await playwright.connectOverCDP(`http://127.0.0.1:${port}`)
  const [context] = driver.contexts()
  await context.clearCookies()
  await context.addCookies(cookies)
  await driver.close() // lets go of the browser, which stays as it is
  const { lhr } = (await lighthouse(url, { port, logLevel: "silent", onlyCategories: ["accessibility", "best-practices"], onlyAudits: [LCP, CLS], disableFullPageScreenshot: true }))!
  const score = (category: string) => Math.round((lhr.categories[category].score ?? Number.NaN) * 100)
  const amount = (audit: string) => lhr.audits[audit].numericValue ?? Number.NaN
  const audits = [...new Set(Object.values(lhr.categories).flatMap((category) => category.auditRefs.map((ref) => ref.id)))].map((id) => lhr.audits[id])
  return {
    url: lhr.finalDisplayedUrl, accessibility: score("accessibility"), practices: score("best-practices"), lcp: amount(LCP), cls: amount(CLS),
    wrong: [
      ...(lhr.runtimeError ? [lhr.runtimeError.message] : []),
      ...audits.filter((audit) => audit.score !== null && audit.score < 1).map((audit) => `${audit.id}: ${audit.title}\n${places(audit.details)}`),
    ],
  }
}

/** Waits, 20 s at most, for half a second in which the machine had little to do. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 40; i++) {
    const before = cpuTime()
    await sleep(500)
    const now = cpuTime()
    if (now.free - before.free > 0.75 * (now.all - before.all)) return
  }
}

/** What all processors did so far, in ms. What runs with less priority than we do counts as free. */
function cpuTime(): { free: number; all: number } {
  const times = cpus().map((cpu) => cpu.times)
  const sum = (...kinds: (keyof (typeof times)[0])[]) => times.reduce((total, time) => total + kinds.reduce((part, kind) => part + time[kind], 0), 0)
  return { free: sum("idle", "nice"), all: sum("idle", "nice", "user", "sys", "irq") }
}

/** Where an audit found something: elements with what is wrong with them, or whatever it says. */
function places(details: unknown): string {
  const { items = [] } = (details ?? {}) as { items?: { node?: { selector: string; explanation?: string } }[] }
  return items.map((item) => `  ${item.node ? `${item.node.selector}: ${item.node.explanation?.replaceAll("\n", " ")}` : JSON.stringify(item)}`).join("\n")
}

/** The port on which Chromium listens for who steers it; it says which it took. */
function debuggingPort(browser: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ""
    browser.stderr!.on("data", (chunk: Buffer) => {
      said += chunk.toString()
      const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)
      if (found) resolve(Number(found[1]))
    })
    browser.once("error", reject)
    browser.once("exit", (code) => reject(new Error(`Chromium ended with ${code}:\n${said}`)))
  })
}
