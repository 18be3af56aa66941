// The test function of all journeys. Every page of every journey is watched: nothing against the content security policy,
// no errors in the console, no requests to other origins.
import { test as base, expect, type BrowserContext, type BrowserContextOptions, type ConsoleMessage, type Page } from "@playwright/test"
import { withCode } from "./codes"
import { inboxOrigin, origin, PASSWORD, type Person } from "./portal"

export { expect }
export type { BrowserContext, Page }

/** Collects what pages must not do. */
export class Watch {
  readonly found: string[] = []
  // Mails in the inbox and photos by themselves may run no scripts, and there our own listener is refused. Journeys share people,
  // and a person has three live streams at most: the fourth page is told to come back.
  private readonly allowed: RegExp[] = [
    /^console error: Blocked script execution in '\S+(\/m\/\d+\/html|\/fotos\/[0-9a-f-]+\/\w+\.webp)'/,
    /^console error: Failed to load resource: the server responded with a status of 429 \(Too Many Requests\) \(\S+\/live\?/,
  ]

  /** Says that this is expected in this journey: Chromium writes every answer of 400 and more to the console. */
  allow(...patterns: RegExp[]): void { this.allowed.push(...patterns) }

  report(problem: string): void {
    if (!this.allowed.some((pattern) => pattern.test(problem))) this.found.push(problem)
  }

  async follow(context: BrowserContext): Promise<void> {
    // Chromium logs most violations itself; reports of styles set by script come by this way only.
    await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`)))
    context.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.report(`console ${message.type()}: ${message.text()} (${place(message)})`)
    })
    context.on("weberror", (error) => this.report(`script error: ${error.error().stack ?? error.error().message}`))
    context.on("request", (request) => {
      const url = new URL(request.url())
      if (url.protocol === "blob:" || url.protocol === "data:") return
      const of = request.serviceWorker() ? new URL(request.serviceWorker()!.url()).origin
        : !request.isNavigationRequest() && request.frame() ? new URL(request.frame().url()).origin : url.origin
      const ours = url.origin === inboxOrigin() || /^http:\/\/([a-z0-9-]+\.)*localhost:\d+$/.test(url.origin)
      if (!ours || (url.origin !== of && of !== "null")) this.report(`request to ${request.url()} from ${of}`)
    })
  }
}

const place = (message: ConsoleMessage): string => message.location().url

interface Fixtures {
  watch: Watch
  /** A browser of its own for a visitor, with whatever options. */
  visitor: (options?: BrowserContextOptions) => Promise<Page>
  /** A browser of its own in which somebody is signed in. */
  as: (who: Person, options?: BrowserContextOptions) => Promise<Page>
}

type State = Awaited<ReturnType<BrowserContext["storageState"]>>

export const test = base.extend<Fixtures, { sessions: Map<string, State> }>({
  // One session per person and worker: signing in is slow on purpose, and counted.
  sessions: [async ({}, use) => { await use(new Map()) }, { scope: "worker" }],

  watch: async ({}, use) => {
    const watch = new Watch()
    await use(watch)
    expect(watch.found, "what pages did and must not do").toEqual([])
  },

  visitor: async ({ browser, watch, contextOptions }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...contextOptions, ...options })
      contexts.push(context)
      await watch.follow(context)
      return context.newPage()
    })
    for (const context of contexts) await context.close()
  },

  as: async ({ visitor, sessions }, use) => {
    await use(async (who, options = {}) => {
      const key = who.at + who.email
      const known = sessions.get(key)
      const page = await visitor({ ...options, ...(known && { storageState: known }) })
      if (known) return page
      await signIn(page, who)
      sessions.set(key, await page.context().storageState())
      return page
    })
  },
})

/** Fills in the sign-in form of the organisation, and waits for the first page. Works without JavaScript. */
export async function signIn(page: Page, who: Person, password = PASSWORD): Promise<void> {
  await page.goto(`${origin(who.at)}/inloggen`)
  await fillSignIn(page, who.email, password)
  if (who.app) await fillCode(page, who)
  await expect(page).toHaveURL(who.home)
}

/** Fills in a code of the person's authenticator app, and waits until it is taken. */
export async function fillCode(page: Page, who: Person): Promise<void> {
  await expect(page).toHaveURL(/\/inloggen\/code/)
  await withCode(who.email, async (code) => {
    await page.getByLabel("Code uit je app").fill(code)
    await page.locator('[data-qa="code"] button[type="submit"]').click()
    await expect(page).not.toHaveURL(/\/inloggen/)
  })
}

export async function fillSignIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("Gebruikersnaam").fill(email)
  await page.getByLabel("Wachtwoord", { exact: true }).fill(password)
  await page.locator('[data-qa="sign-in"] button[type="submit"]').click()
}

/** What the portal on which page is answers to a request for path, made by the page itself: Node does not know the names of the demo. */
export function statusOf(page: Page, path: string, init: RequestInit = {}): Promise<number> {
  return page.evaluate(async ([path, init]) => (await fetch(path, { redirect: "manual", ...init })).status, [path, init] as const)
}
