import { readFileSync } from "node:fs"
import { look } from "./support/look"
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

/** The files in a ZIP whose files are stored as they are, by name. */
function unpack(path: string): Map<string, Buffer> {
  const zip = readFileSync(path), files = new Map<string, Buffer>()
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"))
  expect(end, "it ends as a ZIP does").toBeGreaterThan(0)
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [size, name, extra, comment, local] = [zip.readUInt32LE(at + 24), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)]
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    files.set(zip.toString("utf8", at + 46, at + 46 + name), zip.subarray(begin, begin + size))
    at += 46 + name + extra + comment
  }
  return files
}

const isPhoto = (content: Buffer) => content.length > 10_000 && content.readUInt16BE(0) === 0xffd8 && content.readUInt16BE(content.length - 2) === 0xffd9

test("a parent takes photos home: chosen ones, a month, those of one post", async ({ as, watch }, info) => {
  watch.allow(/status of 422/)
  const page = await as(people.ouder)
  const take = async (click: () => Promise<void>): Promise<[string, Map<string, Buffer>]> => {
    const downloading = page.waitForEvent("download")
    await click()
    const download = await downloading, path = info.outputPath(download.suggestedFilename())
    await download.saveAs(path)
    return [download.suggestedFilename(), unpack(path)]
  }
  await open(page)
  const inMonth = Number(/\d+/.exec(await page.locator('[data-qa="month"] span').first().innerText())?.[0])
  const [month, all] = await take(() => page.locator('[data-qa="zip-month"]').first().click())
  expect(month).toMatch(/^fotos-\d{4}-\d\d\.zip$/)
  expect(all.size).toBe(inMonth)

  await page.locator('[data-qa="choose"]').click()
  await expect(page).toHaveURL(/kies=1/)
  await page.locator('[data-qa="zip"]').click()
  await expect(page.locator(".errors")).toContainText("Kies eerst een of meer foto’s.")
  await page.getByRole("checkbox").nth(0).check()
  await page.getByRole("checkbox").nth(2).focus()
  await page.keyboard.press("Space")
  await expect(page.locator(".dock")).toContainText("2 gekozen")
  const [, two] = await take(() => page.locator('[data-qa="zip"]').click())
  expect(two.size).toBe(2)
  for (const [name, content] of [...two, ...all]) {
    expect(name).toMatch(/^\d{4}-\d\d-\d\d (Mila|Finn|Mila en Finn) \d\d\.jpg$/)
    expect(isPhoto(content), name).toBe(true)
  }

  await page.goto(bathmen)
  await page.locator('[data-qa="entry"]').filter({ has: page.locator("a[data-w]:nth-of-type(3)") }).locator('[data-qa="read"]').first().click()
  await expect(page.locator('[data-qa="zip-entry"]')).toBeVisible()
  const shown = await page.locator(".series a[data-w]").count()
  const [, post] = await take(() => page.locator('[data-qa="zip-entry"]').click())
  expect(post.size).toBe(shown)
})

test("a parent reports a photo and staff look at it", async ({ as }, info) => {
  const reason = `Mila wil deze liever niet ${info.workerIndex}`
  const page = await as(people.ouder, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  await open(page)
  await photos(page).first().tap()
  await page.getByRole("link", { name: "Meld deze foto" }).tap()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Meld deze foto")
  await expect(page.locator('[data-qa="photo"] img')).toBeVisible()
  await page.getByLabel("Wat is er met deze foto?").fill(reason)
  await page.locator('[data-qa="send"]').tap()
  await expect(page.getByRole("status").getByText("Je melding is verstuurd.")).toBeVisible()
  const entry = page.url()
  await expect(page.getByText(reason), "what was reported is for staff").toHaveCount(0)

  const staff = await as(people.sanne)
  await staff.goto(entry)
  const report = staff.locator('[data-qa="report"]').filter({ hasText: reason })
  await expect(report).toContainText(/Foto \d van \d/)
  await report.locator('[data-qa="handle"]').click()
  await expect(staff.getByRole("status").getByText("De melding is afgehandeld.")).toBeVisible()
  await expect(report).toContainText("Afgehandeld door Sanne")
  await look(staff, "staff-entry-reported")
})

test.describe("without JavaScript", () => {
  test.use({ contextOptions: { javaScriptEnabled: false } })
  test("photos are found, chosen and taken home", async ({ as }) => {
    const page = await as(people.vader)
    await open(page)
    await page.getByText("Kies een maand").click()
    await page.locator('[data-qa="months"] a').last().click()
    await expect(page).toHaveURL(/maand=/)
    await page.locator('[data-qa="choose"]').click()
    await page.getByRole("checkbox").first().check()
    const downloading = page.waitForEvent("download")
    await page.locator('[data-qa="zip"]').click()
    expect((await downloading).suggestedFilename()).toBe("fotos.zip")
    await page.goto(bathmen)
    await page.locator('[data-qa="entry"]').filter({ has: page.locator("a[data-w]") }).locator('[data-qa="read"]').first().click()
    await page.locator('[data-qa="report"]').first().click()
    await page.getByLabel("Wat is er met deze foto?").fill("Zonder scripts.")
    await page.locator('[data-qa="send"]').click()
    await expect(page.getByText("Je melding is verstuurd.")).toBeVisible()
  })
})
