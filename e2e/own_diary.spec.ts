import { faultless } from "./support/axe"
import { brokenPhotos } from "./support/pictures"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

const shots = (page: Page, state: string) => page.locator(`.shot[data-state="${state}"]`)
const mark = (page: Page) => page.evaluate(() => { (window as unknown as { stayed: boolean }).stayed = true })
const stayed = (page: Page) => page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed === true)

/** Opens the form from Mijn kind, with a child chosen. */
async function write(page: Page, child: string, text: string): Promise<void> {
  await page.goto(bathmen)
  await page.getByRole("link", { name: /Dagboek\s+schrijven/ }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Dagboek schrijven")
  await page.getByRole("radio", { name: new RegExp(`^${child}\\b`) }).check()
  await page.getByLabel("Wat wil je vertellen?").fill(text)
}

test("what a parent writes is with the group at once, and a heart comes back", async ({ as, watch }, info) => {
  watch.allow(/status of 404/)
  const text = `Mila heeft zelf pannenkoeken omgedraaid ${info.workerIndex}.`
  const staff = await as(people.sanne)
  await staff.goto(`${bathmen}/groep`)
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText("Kikkers")
  await mark(staff)

  const parent = await as(people.ouder)
  await write(parent, "Mila", text)
  await parent.locator("#photos").setInputFiles(brokenPhotos(info.outputPath("photos")).good)
  await expect(shots(parent, "ready")).toHaveCount(1, { timeout: 20_000 })
  await parent.reload()
  await expect(parent.getByText("Wat je eerder schreef staat hier weer.")).toBeVisible()
  await expect(parent.getByRole("radio", { name: /^Mila\b/ })).toBeChecked()
  await expect(shots(parent, "ready")).toHaveCount(1)
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.getByRole("status").getByText("Je stukje staat in het dagboek.")).toBeVisible()
  const own = parent.locator('[data-qa="entry"]').filter({ hasText: text })
  await expect(own).toContainText("Jij schreef")
  await expect(own.locator("a[data-w]")).toHaveCount(1)
  const photo = await own.locator("a[data-w]").evaluate((a: HTMLAnchorElement) => a.href)

  const line = staff.locator('[data-qa="recent"]').filter({ hasText: text })
  await expect(line).toBeVisible({ timeout: 2_000 })
  expect(await stayed(staff), "the page was not loaded anew").toBe(true)
  await line.click()
  await expect(staff.locator(".post__body")).toContainText(text)
  await expect(staff.locator("a[data-w] img")).toHaveCount(1)
  await mark(parent)
  await staff.locator('[data-qa="heart"]').click()
  await expect(staff.locator('[data-qa="heart"]')).toHaveAttribute("aria-pressed", "true")

  await expect(own.locator('[data-qa="hearts"]')).toContainText("1", { timeout: 5_000 })
  await expect(own).toContainText("gelezen door Sanne")
  expect(await stayed(parent), "the page was not loaded anew").toBe(true)

  // Another family sees not even the photo.
  const stranger = await as(people.geenfoto)
  expect((await stranger.goto(photo))?.status()).toBe(404)
})

test("near the end of a text the page counts what fits, keeps what is too much, and says so at the field", async ({ as, watch }, info) => {
  watch.allow(/status of 422/)
  const page = await as(people.vader)
  await write(page, "Mila", "a".repeat(4600))
  await page.locator("#photos").setInputFiles(brokenPhotos(info.outputPath("photos")).good)
  await expect(shots(page, "ready")).toHaveCount(1, { timeout: 20_000 })
  const body = page.getByLabel("Wat wil je vertellen?")
  const field = page.locator(".field").filter({ has: body }), left = field.locator(".field__left"), said = field.getByRole("status")
  await expect(left).toHaveText("Tekens over: 400")
  await expect(said).toHaveText("Tekens over: 400")
  await body.press("End")
  await body.pressSequentially("bcd")
  await expect(left).toHaveText("Tekens over: 397")
  await expect(said, "not at each key").toHaveText("Tekens over: 400")
  await body.press("Control+a")
  await body.press("Control+c")
  await body.press("End")
  await body.press("Control+v")
  const over = "Te lang. Tekens te veel: 4206"
  await expect(left).toHaveText(over)
  await expect(said).toHaveText(over)
  expect((await body.inputValue()).length, "nothing that was typed is lost").toBe(9206)
  await faultless(page)
  await body.press("Backspace")
  await expect(left).toHaveText("Te lang. Tekens te veel: 4205")
  await expect(said, "not at each key").toHaveText(over)
  await page.locator('[data-qa="send"]').click()
  await expect(page.locator(".errors")).toBeVisible()
  await expect(field.locator(".field__error")).toContainText("5000")
  expect((await body.inputValue()).length, "nor what was sent").toBe(9205)
  await body.fill("a".repeat(5000))
  await expect(left).toHaveText("Tekens over: 0")
  await body.fill("Kort.")
  await expect(left).toBeHidden()

  // A line of its own stops at its end, and says what of a pasted text was left out.
  const caption = page.getByLabel("Wat zie je op de foto?")
  await caption.fill("x".repeat(190))
  await expect(page.locator(".shot .field__left")).toHaveText("Tekens over: 10")
  await caption.press("Control+a")
  await caption.press("Control+c")
  await caption.press("End")
  await caption.press("Control+v")
  await expect(page.locator(".shot .field__left")).toHaveText("Het einde paste er niet meer bij. Weggelaten tekens: 180.")
  expect((await caption.inputValue()).length).toBe(200)
})

test("who leaves while photos are on their way, by a link or by going back, is asked first", async ({ as }, info) => {
  const page = await as(people.vader)
  await write(page, "Mila", "Met een foto.")
  let release = (): void => undefined
  const onItsWay = async () => {
    const held = new Promise<void>((done) => { release = done })
    await page.route("**/fotos/uploads", async (route) => { await held; await route.continue() }, { times: 1 })
    await page.locator("#photos").setInputFiles(brokenPhotos(info.outputPath("photos")).good)
    await expect(shots(page, "uploading")).toHaveCount(1)
  }
  await onItsWay()
  const address = page.url(), question = page.getByRole("dialog", { name: "Toch weggaan?" }), body = page.getByLabel("Wat wil je vertellen?")
  for (const leave of [() => page.keyboard.press("Enter"), () => page.evaluate(() => history.back())]) {
    const from = page.locator(".tab").nth(1)
    await from.focus()
    await leave()
    await expect(question).toBeVisible()
    await expect.poll(() => page.url()).toBe(address)
    await expect(question.getByRole("button", { name: "Blijven" })).toBeFocused()
    await page.keyboard.press("Enter")
    await expect(question).toBeHidden()
    await expect(from, "the focus is where it was").toBeFocused()
    await expect(body).toHaveValue("Met een foto.")
  }
  release()
  await expect(shots(page, "ready")).toHaveCount(1, { timeout: 20_000 })
  await onItsWay()
  await page.evaluate(() => history.back())
  await page.locator('[data-qa="leave-page"]').click()
  await expect(page).toHaveURL(`${bathmen}/`)
  await expect(page.locator('[data-qa="entry"]').first()).toBeVisible()
  release()
})

test("the other guardian reads along and gives a heart, and another family does not", async ({ as }, info) => {
  const text = `Mila kan zelf fietsen ${info.workerIndex}.`
  const parent = await as(people.ouder)
  await write(parent, "Mila", text)
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.locator('[data-qa="entry"]').filter({ hasText: text })).toContainText("Jij schreef")

  const stranger = await as(people.geenfoto)
  await stranger.goto(bathmen)
  await expect(stranger.getByText(text)).toHaveCount(0)

  const father = await as(people.vader)
  await father.goto(bathmen)
  const there = father.locator('[data-qa="entry"]').filter({ hasText: text })
  await expect(there).toContainText("Van thuis")
  await there.locator('[data-qa="heart"]').click()
  await expect(there.locator('[data-qa="heart"]')).toHaveAttribute("aria-pressed", "true")
  await expect(there.locator('[data-qa="heart"]')).toContainText("1")
  await there.locator('[data-qa="heart"]').click()
  await expect(there.locator('[data-qa="heart"]')).toHaveAttribute("aria-pressed", "false")
})

test("a parent takes back what was sent too soon", async ({ as, watch }, info) => {
  watch.allow(/status of 404/)
  const text = `Dit was nog niet af ${info.workerIndex}`
  const parent = await as(people.ouder)
  await write(parent, "Finn", text)
  await parent.locator('[data-qa="send"]').click()
  const own = parent.locator('[data-qa="entry"]').filter({ hasText: text })
  await expect(own).toBeVisible()
  await parent.getByRole("status").getByRole("button", { name: "Ongedaan maken" }).click()
  await expect(parent.getByText("Je stukje is teruggehaald.")).toBeVisible()
  await expect(own).toHaveCount(0)

  await write(parent, "Finn", `${text}, weer niet`)
  await parent.locator('[data-qa="send"]').click()
  await own.locator('[data-qa="read"]').click()
  await expect(parent).toHaveURL(/\/dagboek\/[0-9a-f-]{36}$/)
  const address = parent.url()
  await parent.locator('[data-qa="take-back"]').click()
  await expect(parent.getByText("Je stukje is teruggehaald.")).toBeVisible()
  expect((await parent.goto(address))?.status()).toBe(404)
})

test("without JavaScript a parent writes, and gives a heart", async ({ as, watch }, info) => {
  watch.allow(/status of 422/)
  const text = `Zonder script ${info.workerIndex}`
  const parent = await as(people.vader, { javaScriptEnabled: false })
  await parent.goto(`${bathmen}/dagboek/schrijven`)
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.locator(".errors")).toContainText("Kies over welk kind je schrijft.")
  await parent.getByRole("radio", { name: /^Mila\b/ }).check()
  await parent.getByLabel("Wat wil je vertellen?").fill(text)
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.locator('[data-qa="entry"]').filter({ hasText: text })).toBeVisible()
  // From the middle of the page: newer ones may be of another journey, which takes them back, and what others write pushes the oldest off.
  const open = parent.locator('[data-qa="entry"]').filter({ has: parent.locator('[data-qa="heart"][aria-pressed="false"]') })
  const other = open.nth(Math.floor(await open.count() / 2))
  const id = await other.getAttribute("id")
  await other.locator('[data-qa="heart"]').click()
  await expect(parent.locator(`[id="${id}"] [data-qa="heart"]`)).toHaveAttribute("aria-pressed", "true")
})

test("an entry leads on to its neighbours, and prints as a page without buttons", async ({ as }, info) => {
  const parent = await as(people.ouder)
  await parent.goto(bathmen)
  // One's own, which another journey may have written, has no heart to give; the marks of a whole day may be longer than the screen.
  const entry = parent.locator('[data-qa="entry"]').filter({ has: parent.locator("a[data-w]") }).filter({ has: parent.locator('[data-qa="heart"]') }).filter({ hasNot: parent.locator(".dayfacts") })
  await entry.first().locator('[data-qa="read"]').click()
  await expect(parent).toHaveURL(/\/dagboek\//)
  const first = parent.url()
  await parent.locator('[data-qa="older"]').click()
  await expect(parent).not.toHaveURL(first)
  await parent.locator('[data-qa="newer"]').click()
  await expect(parent).toHaveURL(first)
  await expect(parent.locator(".series img").first()).toBeVisible()
  for (const [width, beside] of [[1440, true], [390, false]] as const) {
    await parent.setViewportSize({ width, height: 900 })
    // The address changes before the page does, so one look must find all of them, and the last look counts.
    const places = () => parent.evaluate(() => [".series", '[data-qa="heart"]', ".neighbours"].map((part) => document.querySelector(part)!.getBoundingClientRect().toJSON() as DOMRect))
    await expect.poll(async () => {
      const [photos, ...parts] = await places()
      return parts.every((box) => beside ? box.x >= photos!.right && box.y < 900 : box.y >= photos!.bottom) || [photos, parts]
    }, `heart and neighbours beside or below the photos at ${width} px`).toBe(true)
  }
  await parent.emulateMedia({ media: "print" })
  for (const hidden of [".tabs", ".neighbours", ".back", ".bell", '[data-qa="heart"]', '[data-qa="download"]']) await expect(parent.locator(hidden).first()).toBeHidden()
  await expect(parent.getByRole("heading", { level: 1 })).toBeVisible()
  await parent.screenshot({ path: info.outputPath("print.png"), fullPage: true })
})
