import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { inflateRawSync } from "node:zlib"
import { linkInMail, openMail } from "./support/inbox"
import { look } from "./support/look"
import { origin, people } from "./support/portal"
import { expect, signIn, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const state = (page: Page) => page.locator('[data-qa="keepsake"]')

/** Unpacks a ZIP as a computer does, and gives the names of its files. */
function unpack(zip: Buffer, into: string): string[] {
  const names: string[] = []
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"))
  expect(end, "it ends as a ZIP does").toBeGreaterThan(0)
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, length, extra, comment, local] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)]
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const packed = zip.subarray(begin, begin + size), name = zip.toString("utf8", at + 46, at + 46 + length)
    expect(name).not.toMatch(/^\/|\.\.|\\/)
    mkdirSync(join(into, dirname(name)), { recursive: true })
    writeFileSync(join(into, name), method === 0 ? packed : inflateRawSync(packed))
    names.push(name)
    at += 46 + length + extra + comment
  }
  return names
}

/** The size of the loaded picture. */
const width = (img: HTMLImageElement) => (img.complete ? img.naturalWidth : 0)

test("a parent takes everything home and reads it without the portal", async ({ visitor, browser }, info) => {
  test.slow()
  const page = await visitor()
  await signIn(page, people.vader) // a session of its own: it has just proved who it is
  await page.goto(bathmen)
  await page.locator('[data-qa="take-home"]').click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Alles meenemen")
  await look(page, "meenemen-kiezen")
  await page.setViewportSize({ width: 1194, height: 834 })
  await page.locator('[data-qa="child"]').filter({ hasText: "Mila" }).click()
  await expect(state(page)).toHaveAttribute("data-state", "none")
  await look(page, "meenemen")
  await page.setViewportSize({ width: 1194, height: 834 })

  await page.locator('[data-qa="start"]').click()
  await expect(page.locator('[data-qa="progress"], [data-qa="ready"]')).toBeVisible()
  await expect(page.locator('[data-qa="ready"]'), "the open page hears that it is ready").toBeVisible({ timeout: 60_000 })
  await look(page, "meenemen-klaar")
  await page.setViewportSize({ width: 1194, height: 834 })

  const inbox = await visitor()
  await openMail(inbox, people.vader.email, /Alles van Mila staat klaar/)
  const link = await linkInMail(inbox, /\/meenemen\//)
  await inbox.goto(link)
  await expect(inbox, "the mail is no way past the sign-in").toHaveURL(/\/inloggen/)
  await page.goto(link)

  const downloading = page.waitForEvent("download")
  await page.locator('[data-qa="download"]').click()
  const download = await downloading
  expect(download.suggestedFilename()).toMatch(/^Mila \d{4}-\d\d-\d\d\.zip$/)
  const zip = readFileSync(await download.path())
  const part = await page.evaluate(async (path) => {
    const answer = await fetch(path, { headers: { Range: "bytes=100-199" } })
    return [answer.status, answer.headers.get("content-range"), answer.headers.get("cache-control"), (await answer.arrayBuffer()).byteLength]
  }, new URL(download.url()).pathname)
  expect(part, "a download that broke off goes on").toEqual([206, `bytes 100-199/${zip.length}`, "private, no-store", 100])

  const folder = mkdtempSync(join(tmpdir(), "ouderportaal-keepsake-"))
  try {
    const names = unpack(zip, folder)
    info.annotations.push({ type: "keepsake", description: `${names.length} files, ${zip.length} bytes` })
    expect(names.filter((name) => /^Alles van Mila\/fotos\/.*\.jpg$/.test(name)).length).toBeGreaterThan(5)
    const context = await browser.newContext({ offline: true, javaScriptEnabled: true })
    const book = await context.newPage()
    const asked: string[] = []
    book.on("request", (request) => asked.push(request.url()))
    await book.goto(pathToFileURL(join(folder, "Alles van Mila/index.html")).href)
    await expect(book.getByRole("heading", { level: 1 })).toHaveText("Alles van Mila")
    await look(book, "meenemen-boek")
    await book.setViewportSize({ width: 1194, height: 834 })
    await book.locator(".months a").filter({ hasText: "foto" }).first().click()
    const photo = book.locator(".photos img").first()
    await photo.scrollIntoViewIfNeeded()
    await expect.poll(() => photo.evaluate(width), "a picture from the folder").toBeGreaterThan(500)
    await look(book, "meenemen-boek-maand")
    await book.locator(".photos a").first().click()
    await expect.poll(() => book.locator("img").first().evaluate(width)).toBeGreaterThan(500)
    await book.goto(pathToFileURL(join(folder, "Alles van Mila/index.html")).href)
    const beside = names.filter((name) => /(berichten|afwezig|toestemmingen|verklaringen)\.html$/.test(name)).map((name) => name.replace(/.*\//, ""))
    expect(beside).toContain("toestemmingen.html")
    for (const file of beside) {
      const way = book.locator(`a[href="${file}"]`)
      await way.focus()
      await book.keyboard.press("Tab")
      await book.keyboard.press("Shift+Tab")
      expect(await way.evaluate((a) => getComputedStyle(a).outlineStyle), "what has the focus is marked").toBe("solid")
      await book.keyboard.press("Enter")
      await expect(book.locator("article").first()).toBeVisible()
      await look(book, `meenemen-boek-${file.replace(".html", "")}`)
      await book.goBack()
    }
    expect(asked.filter((url) => !url.startsWith("file:"))).toEqual([])
    await context.close()
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("who has left is offered it once, by mail and in the portal", async ({ visitor }) => {
  const page = await visitor()
  await openMail(page, people.vertrokken.email, /alles van Mats mee/)
  await expect(page.locator('[data-qa="text"]')).toContainText("was de laatste dag van Mats bij Kinderopvang Bathmen")
  await page.goto(await linkInMail(page, /\/meenemen\//))
  await expect(page).toHaveURL(/\/inloggen/)
})

test("without scripts it can be asked for, looked at and stopped", async ({ visitor }) => {
  const page = await visitor({ javaScriptEnabled: false })
  await signIn(page, people.ingetrokken)
  await page.goto(`${bathmen}/meenemen`)
  await expect(page).toHaveURL(/\/meenemen\/[0-9a-f-]+$/)
  await page.locator('[data-qa="start"]').click()
  await expect(async () => {
    await page.reload()
    await expect(state(page)).toHaveAttribute("data-state", "ready", { timeout: 500 })
  }).toPass({ timeout: 30_000 })
  await page.locator('[data-qa="again"]').click()
  const cancel = page.locator('[data-qa="cancel"]')
  if (await cancel.isVisible()) await cancel.click() // it may be ready by now
  await expect(state(page)).toHaveAttribute("data-state", /cancelled|ready/)
})
