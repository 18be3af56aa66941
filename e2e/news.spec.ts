import { readFileSync } from "node:fs"
import { join } from "node:path"
import { openMail, linkInMail, mailsAbout } from "./support/inbox"
import { look } from "./support/look"
import { origin, PASSWORD, people } from "./support/portal"
import { expect, fillSignIn, statusOf, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const scene = readFileSync(join(import.meta.dirname, "../cmd/ouderportaal/demo/scenes/herfst.jpg"))
const PDF = Buffer.from("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n")
const editor = (page: Page) => page.locator('[data-qa="editor"]')

// The worker looks every second, and a picture is made fit to share by a program of its own.
const LATER = { timeout: 40_000 }

/** Pastes HTML where the caret is, as a browser tells an editor of it. */
async function paste(page: Page, html: string): Promise<void> {
  await editor(page).evaluate((element, html) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.setData("text/html", html)
    dataTransfer.setData("text/plain", "geplakt")
    element.dispatchEvent(new InputEvent("beforeinput", { inputType: "insertFromPaste", dataTransfer, bubbles: true, cancelable: true }))
  }, html)
}

async function begin(page: Page, kind: "news" | "newsletter" | "page", title: string): Promise<void> {
  await page.goto(`${bathmen}/beheer/nieuws`)
  await page.locator(`[data-qa="new-${kind}"]`).click()
  await expect(editor(page)).toBeVisible(LATER)
  await page.getByLabel("Titel").fill(title)
  await editor(page).click()
}

test("a newsletter is written with all that is pasted, reaches its group by mail, and opens after sign-in", async ({ as, visitor, watch }, info) => {
  test.slow()
  watch.allow(/status of (404|422)/)
  const title = `Nieuwsbrief ${info.workerIndex}-${Date.now() % 100_000}`
  const admin = await as(people.admin)
  await begin(admin, "newsletter", title)
  await admin.keyboard.type("Lieve ouders, ")
  await admin.evaluate(() => { (window as unknown as { ran: number }).ran = 0 })
  await paste(admin, `<!--[if mso]><xml></xml><![endif]--><style>p{color:red}</style><p class=MsoNormal style="color:red" data-controller="seen" data-seen-url-value="/uitloggen">uit Word<o:p></o:p></p>
    <script>window.ran++</script><img src=x onerror="window.ran++"><a href="javascript:window.ran++" data-turbo-method="post">klik</a><svg onload="window.ran++"></svg><turbo-frame src="/uitloggen">kader</turbo-frame>`)
  await paste(admin, `<table>${"<tr><td>rij</td><td>cel</td></tr>".repeat(300)}</table>`)
  await expect(editor(admin)).toContainText("uit Word")
  const choose = admin.waitForEvent("filechooser")
  await admin.locator('[data-qa="picture"]').click()
  await (await choose).setFiles({ name: "herfst.jpg", mimeType: "image/jpeg", buffer: Buffer.concat([scene, Buffer.alloc(5 << 20)]) })
  await expect(editor(admin).locator('img[src^="/nieuws/bestanden/"]')).toBeVisible(LATER)
  await expect(admin.locator('[data-qa="saved"]')).toHaveText("Opgeslagen.", LATER)

  await expect(admin.locator('[data-qa="reach"]')).toContainText(/bereikt \d+ ouders/)
  const everybody = await admin.locator('[data-qa="reach"]').innerText()
  await admin.getByRole("checkbox", { name: "Kikkers" }).check()
  await expect(admin.getByRole("checkbox", { name: /^Hele organisatie/ }), "some places are not all of them").not.toBeChecked()
  await expect(admin.locator('[data-qa="reach"]')).not.toHaveText(everybody, LATER)
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator(".toast")).toContainText("Opgeslagen.")
  await admin.getByLabel("Bijlage kiezen").setInputFiles({ name: "menu.pdf", mimeType: "application/pdf", buffer: PDF })
  await admin.getByLabel("Dag").fill("2031-02-03") // kept nowhere until it is sent
  await admin.locator('[data-qa="attach"]').click()
  await expect(admin.locator('[data-qa="attachment"]')).toContainText("menu.pdf")
  await expect(admin.locator('[data-qa="file-said"]')).toHaveText("De bijlage is toegevoegd.")
  await expect(admin.getByLabel("Bijlage kiezen")).toHaveValue("")
  await expect(admin.getByLabel("Dag"), "what was typed beside it stays").toHaveValue("2031-02-03")
  await admin.getByLabel("Bijlage kiezen").setInputFiles({ name: "leeg.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(0) })
  await admin.locator('[data-qa="attach"]').click()
  await expect(admin.getByText("Dit bestand is leeg. Kies een ander.")).toBeVisible()
  await admin.locator('[data-qa="preview"]').click()
  await expect(admin.locator('[data-qa="phone"]')).toContainText("uit Word")
  await expect(admin.locator('[data-qa="letter"]')).toContainText("Bekijk de foto")
  await expect(admin.locator('[data-qa="letter"]')).toContainText("Er hoort een bijlage bij: menu.pdf.")
  await admin.getByRole("link", { name: "Terug naar het bericht" }).click()
  await expect(editor(admin)).toBeVisible(LATER)
  await admin.locator('[data-qa="publish"]').click()
  await expect(admin.locator(".toast")).toContainText("Gepubliceerd.")

  const parent = await visitor()
  await openMail(parent, people.ouder.email, new RegExp(title))
  await parent.goto(await linkInMail(parent, /\/nieuwsbrieven\//))
  await fillSignIn(parent, people.ouder.email, PASSWORD)
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(title)
  const text = parent.locator('[data-qa="rich"]')
  await expect(text).toContainText("uit Word")
  await text.locator("img").scrollIntoViewIfNeeded()
  await expect(text.locator("img")).toHaveJSProperty("complete", true)
  expect(await text.evaluate((rich) => [...rich.querySelectorAll("*")].flatMap((e) => e.getAttributeNames()).filter((a) => /^(on|data-|class|id|style)/.test(a)))).toEqual([])
  await expect(text.locator("script, style, svg, turbo-frame, a")).toHaveCount(0)
  for (const page of [admin, parent]) expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran ?? 0)).toBe(0)
  await expect(parent.locator('[data-qa="file"]')).toContainText(/menu\.pdf\s*PDF/)
  const download = parent.waitForEvent("download")
  await parent.locator('[data-qa="file"]').click()
  expect((await download).suggestedFilename()).toBe("menu.pdf")

  const path = new URL(parent.url()).pathname
  const gone = await as(people.vertrokken)
  await gone.goto(bathmen)
  expect(await statusOf(gone, path), "of who has left").toBe(404)
  await admin.locator('[data-qa="withdraw"]').click()
  await admin.getByRole("dialog").getByRole("button", { name: "Intrekken" }).click()
  await expect(admin.locator(".toast")).toContainText("Ingetrokken.")
  expect(await statusOf(parent, path)).toBe(404)
})

test("a newsletter that is scheduled for two groups comes at its moment, once, to exactly their guardians, in their language", async ({ as, visitor }, info) => {
  test.slow()
  const title = `Brief voor twee groepen ${info.workerIndex}-${Date.now() % 100_000}`
  const admin = await as(people.admin)
  await begin(admin, "newsletter", title)
  await admin.keyboard.type("We gaan samen naar de kinderboerderij.")
  await admin.getByRole("checkbox", { name: /^Hele organisatie/ }).uncheck()
  for (const group of ["Kikkers", "Uiltjes"]) await admin.getByRole("checkbox", { name: group, exact: true }).check()
  await expect(admin.locator('[data-qa="saved"]')).toHaveText("Opgeslagen.", LATER)
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator(".toast")).toContainText("Opgeslagen.")
  const reach = Number(/bereikt (\d+) ouders/.exec(await admin.locator('[data-qa="reach"]').innerText())![1])

  // The form knows minutes: the next one, or the one after when that is about to begin.
  const due = new Date(Math.ceil((Date.now() + 15_000) / 60_000) * 60_000)
  const clock = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam", ...options }).format(due)
  await admin.getByLabel("Dag", { exact: true }).fill(clock({ dateStyle: "short" }))
  await admin.getByLabel("Tijd", { exact: true }).fill(clock({ timeStyle: "short" }))
  await admin.locator('[data-qa="schedule"]').click()
  await expect(admin.locator(".toast")).toContainText("Ingepland.")

  const parent = await as(people.ingetrokken), other = await as(people.chidi), inbox = await visitor()
  const listed = (page: Page) => page.locator('[data-qa="article"]').filter({ hasText: title })
  await parent.goto(`${bathmen}/nieuwsbrieven`)
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Nieuwsbrieven")
  await expect(listed(parent)).toHaveCount(0)
  expect(await mailsAbout(inbox, title)).toEqual([])
  expect(Date.now(), "that was before its moment").toBeLessThan(due.getTime())

  // Other journeys bring families in and end them meanwhile: whom an audience has at a moment is counted in the tests of the module.
  const named = [people.ouder, people.vader, people.english, people.ingetrokken]
  await expect.poll(async () => {
    const told = (await mailsAbout(inbox, title)).map((m) => m.to)
    return named.filter((who) => !told.includes(who.email))
  }, { timeout: 120_000, intervals: [1000] }).toEqual([])
  let mails = await mailsAbout(inbox, title)
  await expect.poll(async () => {
    const before = mails.length
    mails = await mailsAbout(inbox, title)
    return mails.length - before
  }, { intervals: [3000], timeout: 30_000 }).toBe(0)
  expect(new Set(mails.map((m) => m.to)).size, "each once").toBe(mails.length)
  expect(reach, "as was said before").toBeGreaterThan(named.length)
  expect(mails.every((m) => m.at >= due.getTime()), "not before its moment").toBe(true)
  const told = mails.map((m) => m.to)
  for (const who of [people.chidi, people.informatie, people.oma, people.geblokkeerd, people.vertrokken, people.starter]) expect(told).not.toContain(who.email)
  await parent.reload()
  await expect(listed(parent)).toHaveCount(1)
  await other.goto(`${bathmen}/nieuwsbrieven`)
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Nieuwsbrieven")
  await expect(listed(other)).toHaveCount(0)

  await openMail(inbox, people.ouder.email, new RegExp(title))
  await expect(inbox.locator('[data-qa="text"]')).toContainText("Bekijk de nieuwsbrief in het ouderportaal")
  const english = await visitor()
  await openMail(english, people.english.email, new RegExp(title))
  await expect(english.locator('[data-qa="text"]')).toContainText("View the newsletter in the parent portal")
  await english.goto(await linkInMail(english, /\/nieuwsbrieven\//))
  await fillSignIn(english, people.english.email, PASSWORD)
  await expect(english.getByRole("heading", { level: 1 })).toHaveText(title)
  await expect(english.locator('[data-qa="rich"]')).toContainText("kinderboerderij")
})

test("the editor is still there after saving, and after a mistake with what was written", async ({ as, watch }) => {
  watch.allow(/status of 422/)
  const admin = await as(people.admin)
  await begin(admin, "page", "Eerst een titel")
  await admin.keyboard.type("Nog niet klaar")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator(".toast")).toContainText("Opgeslagen.")
  await expect(editor(admin)).toContainText("Nog niet klaar")
  await admin.getByLabel("Titel").fill("")
  await editor(admin).click()
  await admin.keyboard.press("Control+End")
  await admin.keyboard.type(", maar bijna")
  await admin.locator('[data-qa="publish"]').click()
  await expect(admin.locator(".errors")).toContainText("Vul een titel in.")
  await expect(editor(admin)).toContainText("Nog niet klaar, maar bijna")
  await expect(admin.locator("trix-toolbar")).toHaveCount(1)
  await editor(admin).click()
  await admin.keyboard.press("Control+End")
  await admin.keyboard.type("!")
  await admin.getByLabel("Titel").fill("Nu wel")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator(".toast")).toContainText("Opgeslagen.")
  await expect(editor(admin)).toContainText("Nog niet klaar, maar bijna!")

  // Its buttons do once what they say.
  await editor(admin).click()
  await admin.keyboard.press("Control+a")
  await admin.getByRole("button", { name: "Vet" }).click()
  await expect(editor(admin).locator("strong")).toContainText("maar bijna!")
  await admin.getByRole("button", { name: "Link", exact: true }).first().click()
  await admin.getByLabel("Adres van de link").fill("https://example.org/")
  await admin.locator('[data-trix-method="setAttribute"]').click()
  await expect(editor(admin).locator('a[href="https://example.org/"]')).toBeVisible()
  const choose = admin.waitForEvent("filechooser")
  await admin.locator('[data-qa="picture"]').click()
  await (await choose).setFiles({ name: "herfst.jpg", mimeType: "image/jpeg", buffer: scene })
  await expect(editor(admin).locator('img[src^="/nieuws/bestanden/"]')).toHaveCount(1, LATER)
  await admin.locator('[data-qa="remove"]').click()
  await expect(admin).toHaveURL(/\/beheer\/nieuws$/)
})

test("news is found, read and marked, and its pages hold in every width", async ({ as }) => {
  test.slow()
  const parent = await as(people.vader)
  await parent.goto(`${bathmen}/nieuws`)
  await expect(parent.locator('[data-qa="article"]').filter({ hasText: "Voorleesweek" })).toBeVisible()
  await expect(parent.locator('[data-qa="article"]').filter({ hasText: "Nieuw menu" }).locator('[data-qa="paperclip"]')).toContainText("1 bijlage")
  await look(parent, "nieuws")
  await parent.locator('[data-qa="article"]').filter({ hasText: "Voorleesweek" }).click()
  await expect(parent.locator('[data-qa="rich"] img')).toBeVisible()
  await look(parent, "nieuwsbericht")
  await parent.goto(`${bathmen}/nieuws`)
  await expect(parent.locator('[data-qa="article"]').filter({ hasText: "Voorleesweek" })).not.toHaveClass(/is-new/)
  await parent.goto(`${bathmen}/informatie`)
  await expect(parent.locator('[data-qa="article"]').first()).toContainText("Brengen en halen")

  const english = await as(people.english)
  await english.goto(`${bathmen}/nieuwsbrieven`)
  await expect(english.getByRole("heading", { level: 1 })).toHaveText("Newsletters")
})

test("what is written in the console holds in every width", async ({ as }) => {
  test.slow()
  const admin = await as(people.admin)
  await admin.goto(`${bathmen}/beheer/nieuws`)
  await expect(admin.locator('[data-qa="row"]').filter({ hasText: "Sinterklaas" })).toContainText("Concept")
  await look(admin, "beheer-nieuws")
  await admin.getByRole("link", { name: /^Sinterklaas/ }).click()
  await expect(editor(admin)).toBeVisible(LATER)
  await look(admin, "beheer-nieuws-bewerken")
  await admin.locator('[data-qa="preview"]').click()
  await expect(admin.locator('[data-qa="letter"]')).toBeVisible()
  await look(admin, "beheer-nieuws-voorbeeld")
})

test("without JavaScript an article is written in a plain field", async ({ as }) => {
  const admin = await as(people.admin, { javaScriptEnabled: false })
  await admin.goto(`${bathmen}/beheer/nieuws`)
  await admin.locator('[data-qa="new-page"]').click()
  await admin.getByLabel("Titel").fill("Zonder scripts")
  await admin.getByLabel("Tekst", { exact: true }).fill("Eerste alinea\n\nTweede <b>alinea</b>")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.getByLabel("Tekst", { exact: true })).toHaveValue(/Tweede <strong>alinea<\/strong>/)
  await admin.locator('[data-qa="remove"]').click()
  await expect(admin).toHaveURL(/\/beheer\/nieuws$/)
})

test("on a phone news stands in the timeline while it is not read, and beside it on a wide screen", async ({ as }) => {
  const page = await as(people.grace, { viewport: { width: 390, height: 844 } })
  await page.goto(bathmen)
  const between = page.locator('#news-between [data-qa="teaser"]'), beside = page.locator('#news-teaser [data-qa="teaser"]')
  await page.locator('[data-qa="entry"]').nth(1).scrollIntoViewIfNeeded()
  await expect(between).toBeVisible()
  const [post, teaser, next] = [page.locator('[data-qa="entry"]').nth(1), page.locator("#news-between > section"), page.locator("#news-between + :not(.day), #news-between + .day :is(h2, h3)")]
  const [above, at, below] = [(await post.boundingBox())!, (await teaser.boundingBox())!, (await next.boundingBox())!]
  expect(at.y - (above.y + above.height), "room above it").toBeGreaterThan(10)
  expect(below.y - (at.y + at.height), "and below").toBeGreaterThan(10)
  await expect(beside).toHaveCount(0)
  await page.setViewportSize({ width: 1194, height: 834 })
  await page.evaluate(() => scrollTo(0, 0))
  await expect(beside).toBeVisible()
  await expect(between).toBeHidden()
  await page.setViewportSize({ width: 390, height: 844 })
  const title = await between.innerText()
  await between.click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title)
  await expect.poll(() => page.evaluate(async () => (await fetch("/nieuws/teaser")).text()), "it is read").not.toContain('data-qa="teaser"')
  await page.goto(bathmen)
  await page.locator('[data-qa="entry"]').nth(1).scrollIntoViewIfNeeded()
  await expect(page.locator("#news-between[complete]")).toBeAttached()
  await expect(between).toHaveCount(0)
})
