// Push on a device: switched on, a message that comes encrypted to a push service, switched off, and nothing left after signing out.
// Chromium has no push service here and its subscribe() would wait for one for ever, so it answers with a browser of the demo's own.
import { expect, signIn, test, type BrowserContext, type Page } from "./support/test"
import { inboxOrigin, origin, people } from "./support/portal"

const bathmen = origin("kinderopvangbathmen")

interface Made { id: string; endpoint: string; p256dh: string; auth: string }
interface Message { payload: { web_push: number; notification: Record<string, string> }; topic: string; urgency: string; bytes: number }

async function makeBrowser(page: Page): Promise<Made> {
  const answer = await page.request.post(`${inboxOrigin()}/push/browsers`)
  expect(answer.ok()).toBe(true)
  return (await answer.json()) as Made
}

async function messagesOf(page: Page, made: Made): Promise<Message[]> {
  return (await (await page.request.get(`${inboxOrigin()}/push/browsers/${made.id}`)).json()) as Message[]
}

/** Lets PushManager answer as the made-up browser; what is asked of it, and everything around it, is the browser's own. */
async function withPushService(context: BrowserContext, made: Made): Promise<void> {
  await context.addInitScript((made) => {
    const url = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")
    const bytes = (text: string) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer
    const subscription = (key: string) => ({
      endpoint: made.endpoint, options: { applicationServerKey: bytes(key), userVisibleOnly: true }, unsubscribe: async () => true,
      toJSON: () => ({ endpoint: made.endpoint, keys: { p256dh: url(made.p256dh), auth: url(made.auth) } }),
    })
    const KEY = "test:told"
    PushManager.prototype.subscribe = async function (options) {
      if (!options?.userVisibleOnly) throw new Error("must show what comes")
      localStorage.setItem(KEY, options.applicationServerKey as string)
      return subscription(options.applicationServerKey as string) as unknown as PushSubscription
    }
    PushManager.prototype.getSubscription = async function () {
      const key = localStorage.getItem(KEY)
      return key ? (subscription(key) as unknown as PushSubscription) : null
    }
  }, made)
}

const workers = (page: Page) => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map((r) => r.active?.scriptURL ?? ""))

test("a message comes to a device where it was asked for", async ({ visitor }) => {
  const page = await visitor()
  const made = await makeBrowser(page)
  await page.context().grantPermissions(["notifications"], { origin: bathmen })
  await withPushService(page.context(), made)
  await signIn(page, people.geblokkeerd) // nobody writes to her meanwhile
  await page.goto(`${bathmen}/overig/notificaties`)
  const toggle = page.locator('[data-qa="push"]')
  await expect(toggle).not.toBeChecked()
  expect(await workers(page)).toEqual([]) // who does not ask for it gets none
  await toggle.check()
  const device = page.locator('[data-qa="device"]').filter({ hasText: "Dit apparaat." })
  await expect(device).toBeVisible()
  await expect(toggle).toBeChecked()
  expect(await workers(page)).toEqual([`${bathmen}/service-worker.js`])

  await device.locator('[data-qa="try"]').click()
  await expect(page.getByText("De testmelding is onderweg.")).toBeVisible()
  await expect.poll(async () => (await messagesOf(page, made)).length, { timeout: 20_000 }).toBe(1)
  const [message] = await messagesOf(page, made)
  expect(message.payload.web_push).toBe(8030)
  expect(message.payload.notification).toMatchObject({ title: "Zo ziet een melding eruit", body: "Kinderopvang Bathmen", lang: "nl", navigate: `${bathmen}/overig/notificaties` })

  await device.locator("summary").click()
  await device.getByLabel("Naam", { exact: true }).fill("Mijn telefoon")
  await device.getByRole("button", { name: "Bewaren" }).click()
  await expect(page.locator('[data-qa="device"]').filter({ hasText: "Mijn telefoon" })).toBeVisible()

  // The page that opens again finds it as it was; switching off takes it away.
  await page.reload()
  await expect(toggle).toBeChecked()
  await toggle.uncheck()
  await expect(device).toHaveCount(0)
  await toggle.check()
  await expect(device).toBeVisible()

  await page.goto(`${bathmen}/overig`)
  await page.locator('[data-qa="sign-out"] button').click()
  await expect(page).toHaveURL(/inloggen/)
  expect(await workers(page)).toEqual([])
  expect(await page.evaluate(() => localStorage.length)).toBe(0)
  await signIn(page, people.geblokkeerd)
  await page.goto(`${bathmen}/overig/notificaties`)
  await expect(device).toHaveCount(0)
  await expect(toggle).not.toBeChecked()
})

test("the service worker shows what is pushed, and opens this portal only", async ({ visitor }) => {
  const page = await visitor()
  const made = await makeBrowser(page)
  await page.context().grantPermissions(["notifications"], { origin: bathmen })
  await withPushService(page.context(), made)
  await signIn(page, people.chidi)
  await page.goto(`${bathmen}/overig/notificaties`)
  await page.locator('[data-qa="push"]').check()
  await expect(page.locator('[data-qa="device"]')).toBeVisible()

  const cdp = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) => cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    if (registrations[0]) resolve(registrations[0].registrationId)
  }))
  await cdp.send("ServiceWorker.enable")
  const registrationId = await registered
  const push = (data: string) => cdp.send("ServiceWorker.deliverPushMessage", { origin: bathmen, registrationId, data })
  const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => ({ title: n.title, body: n.body, tag: n.tag, data: n.data as string })))
  await push(JSON.stringify({ web_push: 8030, notification: { title: "Nieuw bericht van je opvang", body: "Kinderopvang Bathmen", tag: "a", navigate: `${bathmen}/meldingen` } }))
  await expect.poll(shown).toEqual([{ title: "Nieuw bericht van je opvang", body: "Kinderopvang Bathmen", tag: "a", data: `${bathmen}/meldingen` }])
  await push(JSON.stringify({ web_push: 8030, notification: { title: "Nog een", body: "", tag: "a", navigate: "https://elders.example/" } }))
  await expect.poll(shown).toEqual([{ title: "Nog een", body: "", tag: "a", data: `${bathmen}/meldingen` }]) // takes the place of the first
  await push("geen json")
  await expect.poll(async () => (await shown()).length).toBe(2)
})

test("a browser that blocks it is explained", async ({ visitor }) => {
  const page = await visitor()
  await page.context().addInitScript(() => Object.defineProperty(Notification, "permission", { get: () => "denied" }))
  await signIn(page, people.vuurtorenOuder)
  await page.goto(`${origin("devuurtoren")}/overig/notificaties`)
  await expect(page.getByText("Je browser houdt meldingen van deze site tegen.")).toBeVisible()
  await expect(page.locator('[data-qa="push"]')).not.toBeChecked()

  const phone = await visitor()
  await phone.context().addInitScript(() => {
    delete (window as { PushManager?: unknown }).PushManager
    Object.defineProperty(navigator, "standalone", { get: () => false })
  })
  await signIn(phone, people.vuurtorenOuder)
  await phone.goto(`${origin("devuurtoren")}/overig/notificaties`)
  await expect(phone.getByText("Op een iPhone of iPad zet je eerst deze app op je beginscherm")).toBeVisible()
  await expect(phone.locator('[data-qa="push"]')).toBeHidden()
})

test("the portal can be put on a home screen", async ({ visitor }) => {
  const page = await visitor()
  await page.goto(`${bathmen}/inloggen`)
  const manifest = await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')!
    return (await (await fetch(link.href)).json()) as { name: string; display: string; start_url: string; icons: { src: string; sizes: string }[] }
  })
  expect(manifest).toMatchObject({ name: "Kinderopvang Bathmen", display: "standalone", start_url: "/" })
  const sizes = await page.evaluate(async (all) => Promise.all(all.map(async (src) => {
    const icon = await createImageBitmap(await (await fetch(src)).blob())
    return `${icon.width}x${icon.height}`
  })), manifest.icons.map((icon) => icon.src))
  expect(sizes).toEqual(manifest.icons.map((icon) => icon.sizes))
})
