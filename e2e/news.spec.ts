import { readFileSync } from "node:fs"
import { join } from "node:path"
import { openMail, linkInMail } from "./support/inbox"
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
  watch.allow(/status of 404/)
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
  await admin.getByRole("checkbox", { name: /^Hele organisatie/ }).uncheck()
  await admin.getByRole("checkbox", { name: "Kikkers" }).check()
  await expect(admin.locator('[data-qa="reach"]')).not.toHaveText(everybody, LATER)
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator(".toast")).toContainText("Opgeslagen.")
  await admin.getByLabel("Bijlage kiezen").setInputFiles({ name: "menu.pdf", mimeType: "application/pdf", buffer: PDF })
  await admin.locator('[data-qa="attach"]').click()
  await expect(admin.locator('[data-qa="attachment"]')).toContainText("menu.pdf")
  await admin.locator('[data-qa="preview"]').click()
  await expect(admin.locator('[data-qa="phone"]')).toContainText("uit Word")
  await expect(admin.locator('[data-qa="letter"]')).toContainText("Bekijk de foto")
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
  await expect(admin.locator(".toast")).toContainText("Ingetrokken.")
  expect(await statusOf(parent, path)).toBe(404)
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
