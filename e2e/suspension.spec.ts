import { origin, people, tenantCommand } from "./support/portal"
import { expect, signIn, test, type Page } from "./support/test"

test("a suspended organisation shows a notice, also to who is signed in, until it is resumed", async ({ visitor, watch }) => {
  watch.allow(/status of 503/)
  const klaproos = origin("klaproos")
  const page = await visitor()
  await signIn(page, people.klaproosOuder)
  tenantCommand("suspend", "klaproos", "Rekening niet betaald")
  try {
    await expect(async () => {
      expect((await page.goto(klaproos))?.status()).toBe(503)
    }).toPass({ timeout: 5_000 })
    await expect(page.getByText("Het ouderportaal van Klaproos is nu niet in gebruik.")).toBeVisible()
    await expect(page.getByText("Rekening")).toHaveCount(0)
    expect((await page.goto(`${klaproos}/inloggen`))?.status()).toBe(503)
    expect((await page.goto(`${origin("devuurtoren")}/inloggen`))?.status(), "another organisation").toBe(200)
  } finally {
    tenantCommand("resume", "klaproos")
  }
  await expect(async () => {
    expect((await page.goto(klaproos))?.status()).toBe(200)
  }).toPass({ timeout: 5_000 })
  await expect(page.locator('[data-qa="entry"]').first()).toBeVisible()
})

test("a part of a page that cannot be had leaves the rest as it is", async ({ as, watch }) => {
  watch.allow(/status of 503/)
  const page = await as(people.ouder)
  let asked = 0
  await page.route(/\/nieuws\/teaser/, async (route) => {
    asked++
    await route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Even geduld</h1>" })
  })
  await page.goto(origin("kinderopvangbathmen"))
  await page.locator("#news-teaser").evaluate((frame) => frame.scrollIntoView()) // a banner may stand above it
  await expect.poll(() => asked).toBeGreaterThan(0)
  await page.waitForLoadState("networkidle")
  await expect(page.locator('[data-qa="entry"]').first()).toBeVisible()
  await expect(page.getByText("Content missing")).toHaveCount(0)
})

test("who asks for a part that cannot be had reads why, and what was typed beside one that loads by itself stays", async ({ as, watch }) => {
  watch.allow(/status of 503/)
  const busy = (page: Page, address: RegExp) => page.route(address, async (route) => {
    if (route.request().headers()["turbo-frame"]) await route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Even geduld</h1>" })
    else await route.continue()
  })
  const parent = await as(people.ouder)
  await parent.goto(`${origin("kinderopvangbathmen")}/berichten`)
  await busy(parent, /\/berichten\?/)
  await parent.getByRole("searchbox").fill("speen")
  await expect(parent.getByRole("heading", { name: "Even geduld" })).toBeVisible()

  const admin = await as(people.admin)
  await admin.goto(`${origin("kinderopvangbathmen")}/beheer/nieuws`)
  await admin.getByRole("link", { name: "Sinterklaas op de groepen" }).click()
  const reach = admin.locator('[data-qa="reach"]')
  await expect(reach).toContainText(/bereikt/i)
  let asked = 0
  admin.on("request", (request) => { if (/\/bereik/.test(request.url())) asked++ })
  await busy(admin, /\/bereik/)
  await admin.getByRole("checkbox", { name: "Medewerkers" }).click()
  await expect.poll(() => asked).toBeGreaterThan(0)
  await admin.waitForLoadState("networkidle")
  await expect(admin.getByRole("heading", { name: "Even geduld" })).toHaveCount(0)
  await expect(admin.getByLabel("Titel")).not.toHaveValue("")
})
