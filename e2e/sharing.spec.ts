import { readFileSync, statSync } from "node:fs"
import { linkInMail, openMail } from "./support/inbox"
import { brokenPhotos, cameraPhotos, largePhoto, SECRETS, tags } from "./support/pictures"
import { origin, PASSWORD, people } from "./support/portal"
import { expect, fillCode, fillSignIn, signIn, statusOf, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const GROUP = "Kikkers"

/** Opens the group, ticks the children and opens the form. */
async function write(page: Page, children: string[]): Promise<void> {
  await page.goto(`${bathmen}/groep`)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(GROUP)
  for (const name of children) await page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) }).check()
  await expect(page.locator(".dock")).toContainText(`${children.length} gekozen`)
  await page.locator('[data-qa="write"]').click()
  await expect(page).toHaveURL(/\/dagboek\/nieuw\?/)
  for (const name of children) await expect(page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) })).toBeChecked()
}

const shots = (page: Page, state: string) => page.locator(`.shot[data-state="${state}"]`)

test("photos from a camera reach the parent at once, upright and without a trace of where they were taken", async ({ as, visitor, watch }, info) => {
  const title = `Bellen op het plein ${info.workerIndex}`
  const photos = cameraPhotos(info.outputPath("camera"))
  const parent = await as(people.ouder)
  await parent.goto(bathmen)
  await expect(parent.locator('[data-qa="entry"]').first()).toBeVisible()
  await parent.evaluate(() => { (window as unknown as { stayed: boolean }).stayed = true }) // gone after a reload

  const staff = await as(people.sanne)
  await write(staff, ["Mila", "Finn", "Ruby"])
  await staff.getByLabel("Titel").fill(title)
  await staff.getByLabel("Wat hebben jullie beleefd?").fill("De grootste bel was groter dan Finn.\n\nMorgen weer.")
  await staff.locator("#photos").setInputFiles(photos.files)
  await expect(shots(staff, "ready")).toHaveCount(5, { timeout: 25_000 })
  await staff.getByLabel("Wat zie je op de foto?").first().fill("Een bel boven het gras")
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("status").getByText("Je stukje staat in het dagboek.")).toBeVisible()
  const sent = Date.now()

  const entry = parent.locator('[data-qa="entry"]').filter({ hasText: title })
  await expect(entry).toBeVisible({ timeout: 2_000 })
  info.annotations.push({ type: "live", description: `${Date.now() - sent} ms after the answer to staff` })
  expect(await parent.evaluate(() => (window as unknown as { stayed?: boolean }).stayed), "the page was not loaded anew").toBe(true)
  await expect(entry.locator("a[data-w]:visible")).toHaveCount(5)
  await expect(entry.getByRole("img", { name: "Een bel boven het gras" })).toBeVisible()
  for (const image of await entry.locator("a[data-w] img").all()) {
    await image.scrollIntoViewIfNeeded()
    await expect.poll(() => image.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)).toBe(true)
  }

  await entry.locator('[data-qa="read"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(title)
  const downloading = parent.waitForEvent("download")
  await parent.locator('[data-qa="download"]').first().click()
  const saved = info.outputPath("downloaded.jpg")
  const download = await downloading
  await download.saveAs(saved)
  expect(download.suggestedFilename()).toMatch(/\.jpg$/)
  const found = tags(saved)
  expect([found["File:ImageWidth"], found["File:ImageHeight"]]).toEqual([photos.upright.width, photos.upright.height])
  expect(Object.keys(found).filter((tag) => /^(EXIF|XMP|IPTC|Photoshop):/.test(tag) || /GPS|Orientation/.test(tag))).toEqual([])
  for (const secret of SECRETS) expect(readFileSync(saved).includes(secret), `${secret} is in the downloaded file`).toBe(false)
  for (const secret of SECRETS) expect(readFileSync(photos.files[0]).includes(secret) || secret === "GPS", `${secret} was in the file that was sent`).toBe(true)
  expect(tags(photos.files[0])["EXIF:GPSLatitude"]).toBeDefined()

  // The other parent, in another household, is told by mail; its link leads to the entry by way of signing in.
  const other = await visitor()
  await openMail(other, people.vader.email, /5 nieuwe foto’s van/)
  const link = await linkInMail(other, /\/dagboek\//)
  await expect(other.locator('[data-qa="text"]')).toContainText(title)
  await other.goto(link)
  await expect(other).toHaveURL(/\/inloggen\?next=/)
  await fillSignIn(other, people.vader.email, PASSWORD)
  await expect(other).toHaveURL(link)
  await expect(other.getByRole("heading", { level: 1 })).toHaveText(title)

  // Photos are for who may see them: not for the parent of another child, nor for somebody who is not signed in.
  watch.allow(/status of 404/)
  const path = new URL(await parent.locator("a[data-w]").first().evaluate((a: HTMLAnchorElement) => a.href)).pathname
  const stranger = await as(people.geenfoto)
  expect((await stranger.goto(link))?.status()).toBe(404)
  expect(await statusOf(stranger, path), "for the parent of another child").toBe(404)
})

test("a photo that the browser makes smaller is sent with the moment at which it was taken, and no more of what it tells", async ({ as }, info) => {
  const taken = "2026:10:24 09:05:07+02:00"
  const staff = await as(people.sanne)
  await staff.addInitScript(() => {
    const { send } = XMLHttpRequest.prototype, sent: unknown[] = ((window as unknown as { sent: unknown[] }).sent = [])
    XMLHttpRequest.prototype.send = function (body) {
      if (body instanceof FormData) {
        const entry = { fields: [...body.keys()], taken: body.get("taken"), size: (body.get("photo") as File).size, text: "" }
        void (body.get("photo") as File).text().then((text) => { entry.text = text.slice(0, 2000) })
        sent.push(entry)
      }
      send.call(this, body)
    }
  })
  await write(staff, ["Mila"])
  const photos = [largePhoto(info.outputPath("photos"), taken), brokenPhotos(info.outputPath("photos")).good]
  await staff.locator("#photos").setInputFiles(photos)
  await expect(shots(staff, "ready")).toHaveCount(2, { timeout: 25_000 })
  const sent = await staff.evaluate(() => (window as unknown as { sent: { fields: string[]; taken: string | null; size: number; text: string }[] }).sent)
  const smaller = sent.find((s) => s.size < statSync(photos[0]!).size && s.taken)!
  expect(smaller.fields).toEqual(["photo", "taken"])
  expect(smaller.taken).toBe(taken)
  expect(smaller.text).not.toContain("Exif")
  expect(sent.filter((s) => s !== smaller).map((s) => s.fields), "what is sent as it is says so itself").toEqual([["photo"]])
})

test("a photo does not wait for what would read its moment on a line that stands still", async ({ as }, info) => {
  const staff = await as(people.sanne)
  await staff.route("**/taken-*.js", () => {}) // never answered
  await write(staff, ["Mila"])
  await staff.locator("#photos").setInputFiles([largePhoto(info.outputPath("photos"), "2026:10:24 09:05:07")])
  await expect(shots(staff, "ready")).toHaveCount(1, { timeout: 25_000 })
})

test("staff hear who may not be on photos, and that child's parent gets the words only", async ({ as, watch }, info) => {
  watch.allow(/status of 4(22|04)/)
  const title = `Samen zingen ${info.workerIndex}`
  const { good } = brokenPhotos(info.outputPath("photos"))
  const staff = await as(people.sanne)
  await write(staff, ["Mila", "Noor"])
  const notice = staff.locator("#lacking_absent")
  await expect(notice).toBeHidden()
  await staff.getByLabel("Titel").fill(title)
  await staff.getByLabel("Wat hebben jullie beleefd?").fill("Alle liedjes van de herfst.")
  await staff.locator("#photos").setInputFiles(good)
  await expect(notice).toContainText("Geen toestemming voor foto’s: Noor.")
  await expect(shots(staff, "ready")).toHaveCount(1, { timeout: 20_000 })
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.locator(".errors")).toBeFocused()
  await expect(staff.locator(".errors")).toContainText("Noor")
  await expect(staff.getByLabel("Titel")).toHaveValue(title)
  await expect(shots(staff, "ready")).toHaveCount(1)
  await staff.getByLabel("Dit kind staat op geen foto, of is onherkenbaar").check()
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("status").getByText("Je stukje staat in het dagboek.")).toBeVisible()

  const consenting = await as(people.ouder)
  await consenting.goto(bathmen)
  const there = consenting.locator('[data-qa="entry"]').filter({ hasText: title })
  await expect(there.locator("a[data-w]")).toHaveCount(1)
  const photo = await there.locator("a[data-w]").evaluate((a: HTMLAnchorElement) => a.href)

  const refusing = await as(people.geenfoto)
  await refusing.goto(bathmen)
  const here = refusing.locator('[data-qa="entry"]').filter({ hasText: title })
  await expect(here).toContainText("Alle liedjes van de herfst.")
  await expect(here.locator("a[data-w], img[srcset], .mosaic")).toHaveCount(0)
  expect(await statusOf(refusing, photo)).toBe(404)
})

test("a file that is no photo and one that is damaged are named; the others go on", async ({ as, watch }, info) => {
  watch.allow(/status of 422/)
  const files = brokenPhotos(info.outputPath("photos"))
  const staff = await as(people.sanne)
  await write(staff, ["Mila"])
  await staff.locator("#photos").setInputFiles([files.text, files.good, files.truncated])
  await expect(shots(staff, "failed")).toHaveCount(2, { timeout: 25_000 })
  await expect(shots(staff, "ready")).toHaveCount(1, { timeout: 20_000 })
  await expect(shots(staff, "failed").first()).toContainText("Dit is geen foto.")
  await expect(shots(staff, "failed").last()).toContainText("beschadigd of niet helemaal aangekomen")
  await staff.locator('[data-qa="send"]').click()
  await staff.getByRole("dialog").getByRole("button", { name: "Nog niet" }).click()
  await expect(staff.getByRole("status").getByText("Er is nog niets verstuurd")).toBeVisible()
  await shots(staff, "failed").first().getByRole("button", { name: "Verwijderen" }).click()
  await shots(staff, "failed").first().getByRole("button", { name: "Verwijderen" }).click()
  await expect(staff.locator(".shot")).toHaveCount(1)
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("status").getByText("Je stukje komt in het dagboek zodra de foto klaar is.")).toBeVisible()
})

test("what is being written outlives a broken line, a reload and a session that ends", async ({ visitor, watch }, info) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/, /status of 40[14]/)
  const title = `Blijft staan ${info.workerIndex}`, body = "Een heel verhaal.\n\nMet nog een alinea."
  const staff = await visitor()
  await signIn(staff, people.youssef)
  await staff.goto(`${bathmen}/groep`)
  await staff.locator('[data-qa="group"]').filter({ hasText: GROUP }).click()
  await staff.getByRole("checkbox", { name: /^Mila\b/ }).check()
  await staff.locator('[data-qa="write"]').click()
  const finn = staff.getByRole("checkbox", { name: /^Finn\b/ })
  await finn.check()
  await staff.getByLabel("Titel").fill(title)
  await staff.getByLabel("Wat hebben jullie beleefd?").fill(body)
  await staff.locator("#photos").setInputFiles(brokenPhotos(info.outputPath("photos")).good)
  await expect(shots(staff, "ready")).toHaveCount(1, { timeout: 20_000 })
  await staff.getByLabel("Wat zie je op de foto?").fill("Een blauwe bal")

  await staff.context().setOffline(true)
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("alert").filter({ hasText: "Geen verbinding. Wat je schreef staat er nog." })).toBeVisible()
  await staff.context().setOffline(false)

  const whole = async () => {
    await expect(staff.getByText("Wat je eerder schreef staat hier weer.")).toBeVisible()
    await expect(staff.getByLabel("Titel")).toHaveValue(title)
    await expect(staff.getByLabel("Wat hebben jullie beleefd?")).toHaveValue(body)
    await expect(finn).toBeChecked()
    await expect(shots(staff, "ready")).toHaveCount(1)
    await expect(staff.getByLabel("Wat zie je op de foto?")).toHaveValue("Een blauwe bal")
  }
  await staff.reload()
  await whole()

  const page = staff.url()
  await staff.context().clearCookies()
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText("Log eerst in")
  await staff.getByRole("link", { name: "Inloggen" }).click()
  await fillSignIn(staff, people.youssef.email, PASSWORD)
  await fillCode(staff, people.youssef)
  await expect(staff).toHaveURL(page)
  await whole()
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("status").getByText("Je stukje staat in het dagboek.")).toBeVisible()
  await staff.goto(page)
  await expect(staff.getByLabel("Titel")).toHaveValue("")
  await expect(shots(staff, "ready")).toHaveCount(0)

  await staff.getByLabel("Titel").fill("Van een ander")
  await staff.goto(`${bathmen}/overig`)
  await staff.locator('[data-qa="sign-out"] button').click()
  await expect(staff).toHaveURL(/inloggen/)
  expect(await staff.evaluate(() => sessionStorage.length), "nothing is left behind at a shared tablet").toBe(0)
})

test("a photo that comes while the server is busy is sent again by itself", async ({ as, watch }, info) => {
  watch.allow(/status of 503/)
  const files = brokenPhotos(info.outputPath("photos"))
  const staff = await as(people.sanne)
  await write(staff, ["Mila"])
  let asked = 0
  await staff.route("**/fotos/uploads", async (route) => {
    if (++asked === 1) await route.fulfill({ status: 503, headers: { "Retry-After": "1" }, contentType: "application/json", body: '{"error":"unavailable","message":"Even geduld."}' })
    else await route.continue()
  })
  await staff.locator("#photos").setInputFiles(files.good)
  await expect(shots(staff, "ready")).toHaveCount(1, { timeout: 20_000 })
  expect(asked).toBe(2)
})

test("who leaves while photos are on their way is asked first, and stays or goes", async ({ as }, info) => {
  const staff = await as(people.sanne)
  await staff.route("**/fotos/uploads", () => {}) // never answered
  await write(staff, ["Mila"])
  const [form, question] = [staff.url(), staff.getByRole("dialog", { name: "Toch weggaan?" })]
  await staff.locator("#photos").setInputFiles(brokenPhotos(info.outputPath("photos")).good)
  await expect(shots(staff, "uploading")).toHaveCount(1)
  const link = staff.getByRole("navigation").getByRole("link", { name: "Groep" }).first()
  for (const stay of [() => staff.keyboard.press("Enter"), () => staff.keyboard.press("Escape")]) {
    await link.focus()
    await staff.keyboard.press("Enter")
    await expect(question).toBeVisible()
    await expect(question).toContainText("Als je nu weggaat, komen die niet aan.")
    await expect(question.getByRole("button", { name: "Blijven" })).toBeFocused()
    await stay()
    await expect(question).toBeHidden()
    await expect(link).toBeFocused()
    expect(staff.url()).toBe(form)
  }
  await staff.keyboard.press("Enter")
  await staff.keyboard.press("Tab")
  await expect(question.getByRole("button", { name: "Toch weggaan" })).toBeFocused()
  await staff.keyboard.press("Enter")
  await expect(staff).not.toHaveURL(form)
  await expect(staff.locator('[data-qa="write"]')).toBeVisible()
})

test("news moves nobody who is reading, says of whom it is, and is read once it was opened", async ({ as }, info) => {
  const title = `Erbij gekomen ${info.workerIndex}`
  const reader = await as(people.vader, { viewport: { width: 390, height: 844 } })
  await reader.goto(bathmen)
  const third = reader.locator('[data-qa="entry"]').nth(2)
  const id = await third.getAttribute("id")
  // To the entry itself: how far down it is depends on how much there is of the day. A wheel would still be rolling when the place is looked at.
  await third.evaluate((entry) => scrollTo({ top: scrollY + entry.getBoundingClientRect().top - innerHeight / 4, behavior: "instant" }))
  await expect.poll(() => reader.evaluate(() => scrollY)).toBeGreaterThan(500)
  const read = reader.locator(`[id="${id}"]`)
  const place = async () => Math.round((await read.boundingBox())!.y)
  const before = await place()

  const staff = await as(people.sanne)
  await write(staff, ["Mila"])
  await staff.getByLabel("Titel").fill(title)
  await staff.getByLabel("Wat hebben jullie beleefd?").fill("Voor bovenaan.")
  const fresh = staff.waitForResponse((r) => r.request().resourceType() === "fetch" && /\/groep\/[^/]+$/.test(r.url()) && r.request().headers()["x-turbo-request-id"] === undefined, { timeout: 5_000 }).catch(() => undefined)
  await staff.locator('[data-qa="send"]').click()
  const toast = staff.getByRole("status").getByText("Je stukje staat in het dagboek.")
  await expect(toast).toBeVisible()
  await fresh
  await staff.waitForTimeout(1_000)
  await expect(toast, "a live refresh does not cut it short").toBeVisible()

  const entry = reader.locator('[data-qa="entry"]').filter({ hasText: title })
  await expect(entry).toHaveCount(1)
  expect(Math.abs((await place()) - before), "pixels that the line moved").toBeLessThan(3)
  await expect(entry.locator(".who")).toContainText(/Mila · Kikkers · \d\d:\d\d/)
  await expect(reader.getByRole("article", { name: /^Mila · / }).first()).toBeAttached()

  const bell = reader.locator(".bell .badge")
  const count = async () => ((await bell.count()) ? Number.parseInt(await bell.innerText()) : 0)
  await expect.poll(async () => { await reader.reload(); return count() }).toBeGreaterThan(0)
  await reader.goto(`${bathmen}/meldingen`)
  const told = reader.locator('[data-qa="notification"]').filter({ has: reader.getByText("Nieuw", { exact: true }) })
  const unread = await told.count()
  await reader.goto(bathmen)
  await entry.locator('[data-qa="read"]').click()
  await expect(reader.getByRole("heading", { level: 1 })).toHaveText(title)
  await expect.poll(count, "the bell goes down by itself").toBe(unread - 1)
})

test("what is ticked while news is on its way to the page stays ticked", async ({ as }, info) => {
  const title = `Net binnen ${info.workerIndex}`
  const staff = await as(people.sanne)
  await staff.goto(`${bathmen}/groep`)
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText(GROUP)
  let arrive = () => {}
  const held = new Promise<void>((resolve) => { arrive = resolve })
  const refresh = staff.waitForRequest((request) => request.url() === staff.url() && request.resourceType() === "fetch", { timeout: 20_000 })
  await staff.route(staff.url(), async (route) => { await held; await route.continue() })

  const colleague = await as(people.youssef)
  await colleague.goto(staff.url())
  await colleague.getByRole("checkbox", { name: /^Ruby\b/ }).check()
  await colleague.locator('[data-qa="write"]').click()
  await colleague.getByLabel("Titel").fill(title)
  await colleague.getByLabel("Wat hebben jullie beleefd?").fill("Terwijl een ander al bezig was.")
  await colleague.locator('[data-qa="send"]').click()

  await refresh
  const box = staff.getByRole("checkbox", { name: /^Mila\b/ })
  await box.check()
  arrive()
  await expect(staff.locator('[data-qa="recent"]').filter({ hasText: title })).toBeVisible()
  await expect(box).toBeChecked()
  await expect(staff.locator(".dock")).toContainText("1 gekozen")
})

test("an entry is withdrawn after a question", async ({ as, watch }, info) => {
  watch.allow(/status of 404/)
  const title = `Toch niet ${info.workerIndex}`
  const staff = await as(people.sanne)
  await write(staff, ["Ruby"])
  await staff.getByLabel("Titel").fill(title)
  await staff.getByLabel("Wat hebben jullie beleefd?").fill("Dit was voor een andere dag.")
  await staff.locator('[data-qa="send"]').click()
  await staff.locator('[data-qa="recent"]').filter({ hasText: title }).click()
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText(title)
  const address = staff.url()
  const opener = staff.getByRole("button", { name: "Intrekken" })
  await opener.click()
  await expect(staff.getByRole("dialog")).toBeVisible()
  await staff.keyboard.press("Escape")
  await expect(staff.getByRole("dialog")).toBeHidden()
  await expect(opener).toBeFocused()
  await opener.click()
  await staff.getByRole("dialog").getByLabel("Waarom trek je het in?").fill("Het verkeerde kind gekozen")
  await staff.getByRole("button", { name: "Stukje intrekken" }).click()
  await expect(staff.getByRole("status").getByText("Het stukje is ingetrokken.")).toBeVisible()
  const parent = await as(people.english)
  expect((await parent.goto(address))?.status()).toBe(404)
})
