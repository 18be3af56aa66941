import { origin, people, tenantCommand } from "./support/portal"
import { expect, signIn, test } from "./support/test"

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
    await expect(page.getByText("Dit ouderportaal is tijdelijk niet in gebruik.")).toBeVisible()
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
  await expect.poll(() => asked).toBeGreaterThan(0)
  await page.waitForLoadState("networkidle")
  await expect(page.locator('[data-qa="entry"]').first()).toBeVisible()
  await expect(page.getByText("Content missing")).toHaveCount(0)
})
