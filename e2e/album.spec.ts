import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

const photos = (page: Page) => page.locator('[data-qa="photo"]')

/** Opens the album from *Mijn kind*. */
async function open(page: Page): Promise<void> {
  await page.goto(bathmen)
  await page.locator('[data-qa="album"]').click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Foto’s")
  await expect(photos(page).first()).toBeVisible()
}

test("a parent finds old photos by month and by child, and rows stand still while photos come", async ({ as }, info) => {
  const page = await as(people.ouder)
  await page.addInitScript(() => {
    const shifts = (window as unknown as { shifts: number[] }).shifts = []
    new PerformanceObserver((list) => { for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) if (!entry.hadRecentInput) shifts.push(entry.value) }).observe({ type: "layout-shift", buffered: true })
  })
  await open(page)
  await page.reload()
  for (const photo of [photos(page).first(), photos(page).last()]) {
    await photo.scrollIntoViewIfNeeded()
    await expect.poll(() => photo.locator("img").evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true)
  }
  const shifted = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((a, b) => a + b, 0))
  expect(shifted).toBeLessThan(0.02)
  info.annotations.push({ type: "shift", description: String(shifted) })

  await page.evaluate(() => scrollTo(0, 0))
  await page.getByText("Kies een maand").click()
  const month = page.locator('[data-qa="months"] a').last()
  const name = /^\S+ \d{4}/.exec(await month.innerText())?.[0] ?? ""
  await month.click()
  await expect(page).toHaveURL(/maand=\d{4}-\d\d/)
  await expect(page.locator('[data-qa="month"] h2').first()).toHaveText(name)
  await page.getByRole("link", { name: "Naar het nieuwste" }).click()
  await page.getByRole("navigation", { name: "Kies een kind" }).getByRole("link", { name: "Finn" }).click()
  await expect(page).toHaveURL(/kind=/)
  await photos(page).first().focus()
  await page.keyboard.press("Enter")
  await expect(page.locator(".pswp__caption")).toContainText(/Finn · \w+dag \d/)
  await page.keyboard.press("Escape")
  for (const caption of await photos(page).evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset.caption))) expect(caption).toContain("Finn")
})

test("with a finger: a photo opens, turns over and is saved", async ({ as }) => {
  const page = await as(people.ouder, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  await open(page)
  await photos(page).nth(1).tap()
  await expect(page.locator(".pswp__counter")).toHaveText(/^2 van \d+$/)
  await page.keyboard.press("ArrowRight")
  await expect(page.locator(".pswp__counter")).toHaveText(/^3 van/)
  const downloading = page.waitForEvent("download")
  await page.locator(".pswp__save").tap()
  expect((await downloading).suggestedFilename()).toMatch(/^\w+-\d{4}-\d\d-\d\d-\w+\.jpg$/)
})
