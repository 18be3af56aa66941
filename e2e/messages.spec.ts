import { mkdirSync, writeFileSync } from "node:fs"
import { brokenPhotos } from "./support/pictures"
import { origin, people } from "./support/portal"
import { expect, statusOf, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

// A message waits twenty seconds before anybody else sees it, and the worker looks every second.
const OUT = { timeout: 40_000 }

const mark = (page: Page) => page.evaluate(() => { (window as unknown as { stayed: boolean }).stayed = true })
const stayed = (page: Page) => page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed === true)
const thread = (page: Page, subject: string) => page.locator('[data-qa="thread"]').filter({ hasText: subject })
const tabBadge = (page: Page) => page.locator('.tabs a[href="/berichten"] .badge')

/** The moment at which something on the page says these words, as the page itself sees it. */
const says = (page: Page, selector: string, words: string) => page.evaluate(([selector, words]) => new Promise<number>((resolve) => {
  const look = () => {
    if (document.querySelector(selector!)?.textContent?.trim() !== words) return
    changes.disconnect()
    resolve(Date.now())
  }
  const changes = new MutationObserver(look)
  changes.observe(document, { childList: true, subtree: true, characterData: true })
  look()
}), [selector, words])

/** Writes a message from Mijn kind. */
async function write(page: Page, subject: string, text: string, child?: string): Promise<void> {
  await page.goto(bathmen)
  await page.getByRole("link", { name: /Bericht\s+schrijven/ }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Bericht schrijven")
  await expect(page.locator('[data-qa="final"]')).toContainText("na het versturen niet meer te wijzigen of te verwijderen")
  if (child) await page.getByRole("radio", { name: new RegExp(`^${child}\\b`) }).check()
  await page.getByLabel("Onderwerp").fill(subject)
  await page.getByLabel("Bericht", { exact: true }).fill(text)
  await page.locator('[data-qa="send"]').click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(subject)
}

test("a message goes out after its moment, is answered and read, and pages follow", async ({ as }, info) => {
  test.slow()
  const subject = `Zonnebrand ${info.workerIndex}-${Date.now() % 100_000}`
  const staff = await as(people.sanne)
  await staff.goto(`${bathmen}/berichten`)
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText("Berichten")
  await mark(staff)

  const parent = await as(people.geenfoto)
  await write(parent, subject, "Noor is vandaag al ingesmeerd.")
  await expect(parent.locator('[data-qa="waits"]')).toContainText(/Wordt over \d+ seconden? verstuurd/)
  await expect(thread(staff, subject), "nobody sees what can still be taken back").toHaveCount(0)
  await mark(parent)

  await expect(thread(staff, subject)).toContainText("Noor is vandaag al ingesmeerd.", OUT)
  expect(await stayed(staff), "the page was not loaded anew").toBe(true)
  await expect(parent.locator('[data-qa="waits"]')).toHaveCount(0)
  expect(await stayed(parent), "the page was not loaded anew").toBe(true)

  await thread(staff, subject).click()
  await expect(staff.locator('[data-qa="message"]')).toContainText("Noor is vandaag al ingesmeerd.")
  await staff.getByLabel("Je antwoord").fill("Fijn, dank je!")
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.locator('[data-qa="message"]')).toHaveCount(2)
  await parent.goto(bathmen)
  await expect(parent.getByRole("heading", { level: 1 })).toBeVisible()
  const before = Number((await tabBadge(parent).count()) && (await tabBadge(parent).locator("[aria-hidden]").innerText()))
  const followed = says(parent, '.tabs a[href="/berichten"] .badge [aria-hidden]', String(before + 1))
  await expect(tabBadge(parent).locator("[aria-hidden]")).toHaveText(String(before + 1), OUT)
  await expect(staff.locator('[data-qa="waits"]')).toHaveCount(0)
  const released = Date.parse((await staff.locator('[data-qa="message"] time').last().getAttribute("datetime"))!)
  expect((await followed) - released, "within two seconds; a message tells whole ones").toBeLessThan(3000)

  await parent.goto(`${bathmen}/berichten?ongelezen=1`)
  await thread(parent, subject).click()
  await expect(parent.locator('[data-qa="message"]').last()).toContainText("Fijn, dank je!")
  await expect(staff.locator('[data-qa="read-by"]')).toContainText("Gelezen door", { timeout: 2_000 })
  if (before === 0) await expect(tabBadge(parent)).toHaveCount(0)
  else await expect(tabBadge(parent).locator("[aria-hidden]")).toHaveText(String(before))
})

test("what was sent too soon comes back, also after the page was closed", async ({ as }, info) => {
  const subject = `Nog niet af ${info.workerIndex}-${Date.now() % 100_000}`
  const first = await as(people.geenfoto)
  await write(first, subject, "Dit was nog niet klaar")
  const parent = await first.context().newPage()
  await first.close()
  await parent.goto(`${bathmen}/berichten`)
  await expect(thread(parent, subject)).toContainText("Nog niet verstuurd")
  await thread(parent, subject).click()
  await parent.locator('[data-qa="take-back"]').click()
  await expect(parent.getByRole("status").getByText("Je bericht is niet verstuurd.")).toBeVisible()
  await expect(parent.getByLabel("Onderwerp")).toHaveValue(subject)
  await expect(parent.getByLabel("Bericht", { exact: true })).toHaveValue("Dit was nog niet klaar")
  await parent.goto(`${bathmen}/berichten`)
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Berichten")
  await expect(thread(parent, subject)).toHaveCount(0)
})

test("it works without JavaScript", async ({ as }, info) => {
  const subject = `Zonder script ${info.workerIndex}-${Date.now() % 100_000}`
  await as(people.geenfoto) // signs in
  const parent = await as(people.geenfoto, { javaScriptEnabled: false })
  await write(parent, subject, "Eerste versie")
  await parent.locator('[data-qa="take-back"]').click()
  await expect(parent.getByLabel("Bericht", { exact: true })).toHaveValue("Eerste versie")
  await parent.goto(`${bathmen}/berichten`)
  await parent.getByLabel("Zoek op naam of woord").fill("zzzz")
  await parent.getByRole("button", { name: "Zoeken" }).click()
  await expect(parent.getByText("Niets gevonden")).toBeVisible()
})

test("the other household finds nothing of it, and what is wrong stands at its field", async ({ as, watch }, info) => {
  watch.allow(/status of (404|422)/)
  const subject = `Alleen van mij ${info.workerIndex}-${Date.now() % 100_000}`
  const parent = await as(people.ouder)
  await parent.goto(`${bathmen}/dagboek/schrijven`)
  await parent.locator('[data-qa="message-instead"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Bericht schrijven")
  await parent.getByLabel("Onderwerp").fill(subject)
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.locator(".errors")).toContainText("Kies over wie het bericht gaat.")
  await expect(parent.locator(".errors")).toContainText("Schrijf je bericht.")
  await expect(parent.getByLabel("Onderwerp")).toHaveValue(subject)
  await parent.getByRole("radio", { name: /^Mila\b/ }).check()
  await parent.getByLabel("Bericht", { exact: true }).fill("Dit is tussen ons.")
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(subject)

  const father = await as(people.vader)
  await father.goto(`${bathmen}/berichten`)
  await expect(father.getByRole("heading", { level: 1 })).toHaveText("Berichten")
  await expect(thread(father, subject)).toHaveCount(0)
  expect(await statusOf(father, new URL(parent.url()).pathname)).toBe(404)
})

test("who works in a group writes to all its families, each of which has its own conversation", async ({ as, watch }, info) => {
  test.slow()
  watch.allow(/status of 422/)
  const subject = `Studiedag ${info.workerIndex}-${Date.now() % 100_000}`
  const staff = await as(people.ans)
  await staff.goto(`${origin("klaproos")}/berichten`)
  await staff.locator('[data-qa="write"]').click()
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText("Bericht schrijven")
  if (await staff.locator('[data-qa="from-group"]').count() > 0) await staff.locator('[data-qa="from-group"]').filter({ hasText: "Bijtjes" }).click()
  await staff.getByRole("radio", { name: "Alle gezinnen van Bijtjes" }).check()
  await staff.getByLabel("Onderwerp").fill(subject)
  await staff.getByLabel("Bericht", { exact: true }).fill("Vrijdag zijn we dicht.")
  await staff.locator('[data-qa="look"]').click()
  await expect(staff.locator('[data-qa="count"]')).toContainText(/Dit gaat naar \d+ gezinnen\./)
  await expect(staff.getByLabel("Bericht", { exact: true })).toHaveValue("Vrijdag zijn we dicht.")
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.getByRole("status").getByText("Je bericht gaat over 20 seconden uit.")).toBeVisible()
  await staff.getByRole("status").getByRole("button", { name: "Ongedaan maken" }).click()
  await expect(staff.getByLabel("Onderwerp")).toHaveValue(subject)
  await expect(staff.getByRole("radio", { name: "Alle gezinnen van Bijtjes" })).toBeChecked()
  await staff.locator('[data-qa="look"]').click()
  await expect(staff.locator('[data-qa="count"]')).toBeFocused() // it comes into view, and the button moves with it
  await staff.locator('[data-qa="send"]').click()
  await expect(thread(staff, subject).first()).toContainText("Nog niet verstuurd")

  const parent = await as(people.klaproosOuder)
  await parent.goto(`${origin("klaproos")}/berichten`)
  await expect(thread(parent, subject)).toHaveCount(1, OUT)
  await thread(parent, subject).click()
  await expect(parent.locator('[data-qa="message"]')).toHaveCount(1)
  await expect(parent.locator('[data-qa="message"]')).toContainText("Vrijdag zijn we dicht.")
})

test("the group is asked for where a child is in several", async ({ as, watch }, info) => {
  watch.allow(/status of 422/)
  const subject = `Twee groepen ${info.workerIndex}-${Date.now() % 100_000}`
  const one = await as(people.ouder)
  await one.goto(`${bathmen}/berichten/nieuw`)
  await expect(one.getByLabel("Onderwerp")).toBeVisible()
  await expect(one.getByLabel("Voor welke groep?")).toHaveCount(0)

  const several = await as(people.grace)
  await several.goto(`${bathmen}/berichten/nieuw`)
  await several.getByLabel("Onderwerp").fill(subject)
  await several.getByLabel("Bericht", { exact: true }).fill("Ada blijft morgen wat langer.")
  await several.locator('[data-qa="send"]').click()
  await expect(several.locator(".errors")).toContainText("Kies voor welke groep het bericht is.")
  await expect(several.getByLabel("Bericht", { exact: true })).toHaveValue("Ada blijft morgen wat langer.")
  await several.getByLabel("Voor welke groep?").selectOption({ label: "Eekhoorns · Ada" })
  await several.locator('[data-qa="send"]').click()
  await expect(several.getByRole("heading", { level: 1 })).toHaveText(subject)
  await expect(several.locator(".hero")).toContainText("Eekhoorns")
  await several.locator('[data-qa="take-back"]').click()
  await expect(several.getByLabel("Onderwerp")).toHaveValue(subject)
})

test("a photo and a PDF go along, and what is neither says so at its own line", async ({ as, watch }, info) => {
  test.slow()
  watch.allow(/status of (404|422)/)
  const subject = `Brief ${info.workerIndex}-${Date.now() % 100_000}`
  const folder = info.outputPath("bijlagen")
  const photos = brokenPhotos(folder)
  mkdirSync(folder, { recursive: true })
  const pdf = `${folder}/brief van het ziekenhuis.pdf`, not = `${folder}/nep.pdf`
  writeFileSync(pdf, "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
  writeFileSync(not, "melk, brood")
  const shots = (state: string) => parent.locator(`.shot[data-state="${state}"]`)

  const parent = await as(people.geenfoto)
  await parent.goto(`${bathmen}/berichten/nieuw`)
  await parent.getByLabel("Onderwerp").fill(subject)
  await parent.getByLabel("Bericht", { exact: true }).fill("Zie de brief.")
  await parent.locator("#photos").setInputFiles([photos.good, pdf, not])
  await expect(shots("ready")).toHaveCount(2, { timeout: 20_000 })
  await expect(shots("failed")).toContainText("Dit is geen foto en geen pdf.")
  await shots("failed").getByRole("button", { name: /^Verwijderen/ }).click()
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(subject)
  await parent.locator('[data-qa="take-back"]').click()
  await expect(parent.getByLabel("Onderwerp")).toHaveValue(subject)
  await expect(shots("ready"), "what was taken back comes back with its files").toHaveCount(2)
  await expect(parent.locator(".shot__name").filter({ hasText: "brief van het ziekenhuis.pdf" })).toHaveCount(1)
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.locator(".msg a[data-w]")).toHaveCount(1)
  const photo = await parent.locator(".msg a[data-w]").evaluate((a: HTMLAnchorElement) => a.href)

  const staff = await as(people.sanne)
  await staff.goto(`${bathmen}/berichten`)
  await expect(thread(staff, subject)).toHaveCount(1, OUT)
  await thread(staff, subject).click()
  await staff.locator(".msg a[data-w]").click()
  await expect(staff.locator(".pswp")).toBeVisible()
  await staff.keyboard.press("Escape")
  const saved = staff.waitForEvent("download")
  await staff.locator('[data-qa="file"]').click()
  expect((await saved).suggestedFilename()).toBe("brief van het ziekenhuis.pdf")

  const stranger = await as(people.ouder)
  expect((await stranger.goto(photo))?.status(), "another family").toBe(404)
})

test("a parent reads when messages are read, and colleagues answer, note and divide what they wrote", async ({ as }, info) => {
  test.slow()
  const subject = `Notitie ${info.workerIndex}-${Date.now() % 100_000}`
  const vuurtoren = origin("devuurtoren")
  const admin = await as(people.vuurtorenAdmin)
  await admin.goto(`${vuurtoren}/beheer/berichten/instellingen`)
  const places = admin.locator('[data-qa="hours"]')
  for (let i = 0; i < await places.count(); i++) {
    await places.nth(i).locator('[data-qa="edit-hours"]').click()
    await admin.getByLabel("Zin voor ouders").fill("Wij lezen berichten de hele dag.")
    for (const box of await admin.locator('[data-qa="hours-form"] input[type="checkbox"]').all()) await box.check()
    await admin.locator('[data-qa="hours-form"] button[type="submit"]').click()
    await expect(places.nth(i)).toContainText("Wij lezen berichten de hele dag.")
  }

  const answer = `Later ${info.workerIndex}-${Date.now() % 100_000}`
  await admin.locator('[data-qa="add-template"]').click()
  await admin.getByLabel("Titel").fill(answer)
  await admin.getByLabel("Antwoord", { exact: true }).fill("Goed, dan verwachten we {kind} later.")
  await admin.locator('[data-qa="template-form"] button[type="submit"]').click()
  await expect(admin.locator('[data-qa="template"]').filter({ hasText: answer })).toHaveCount(1)

  const parent = await as(people.vuurtorenOuder)
  await parent.goto(`${vuurtoren}/berichten/nieuw`)
  await expect(parent.locator('[data-qa="reading"]').first()).toContainText("Wij lezen berichten de hele dag.")
  await parent.getByLabel("Onderwerp").fill(subject)
  await parent.getByLabel("Bericht", { exact: true }).fill("Mag Pepijn morgen later?")
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(subject)

  const staff = await as(people.jelle)
  await staff.goto(`${vuurtoren}/berichten`)
  await expect(thread(staff, subject)).toHaveCount(1, OUT)
  await thread(staff, subject).click()
  await staff.getByLabel("Standaardantwoord").selectOption({ label: answer })
  await staff.locator('[data-qa="insert"]').press("Enter")
  await expect(staff.getByLabel("Je antwoord")).toHaveValue("Goed, dan verwachten we Pepijn later.")
  await expect(staff.getByLabel("Je antwoord")).toBeFocused()
  await staff.keyboard.type(" Tot dan!")
  await staff.locator('[data-qa="send"]').click()
  await expect(staff.locator('[data-qa="message"]').last()).toContainText("Goed, dan verwachten we Pepijn later. Tot dan!")

  // What was opened stays so when a colleague writes.
  await staff.locator('[data-qa="note-form"] summary').click()
  await admin.goto(staff.url())
  await admin.locator('[data-qa="note-form"] summary').click()
  await admin.getByLabel("Interne notitie", { exact: true }).fill("Ik bel straks even.")
  await admin.locator('[data-qa="save-note"]').click()
  await expect(staff.locator('[data-qa="note"]')).toContainText("Ik bel straks even.")
  await expect(staff.getByLabel("Interne notitie", { exact: true })).toBeVisible()
  await staff.getByLabel("Interne notitie", { exact: true }).fill("Opa haalt hem op.")
  await staff.locator('[data-qa="save-note"]').click()
  await expect(staff.locator('[data-qa="note"]').last()).toContainText("Opa haalt hem op.")
  const me = staff.locator('[data-qa="assign"] option').filter({ hasText: "(jij)" })
  await staff.getByLabel("Wie pakt dit op?").selectOption(await me.getAttribute("value") ?? "")
  const action = await staff.locator('[data-qa="assign"]').getAttribute("action") ?? ""
  const assigned = staff.waitForResponse((answer) => answer.request().method() === "POST" && answer.url().endsWith(action)) // the note was saved in the same words
  await staff.locator('[data-qa="assign"] button').click()
  await assigned
  await expect(staff.getByRole("status").getByText("Opgeslagen.")).toBeVisible()
  await staff.goto(`${vuurtoren}/berichten?mij=1`)
  await expect(staff.getByLabel("Aan mij")).toBeChecked()
  await expect(thread(staff, subject)).toContainText("Jelle")

  await parent.reload()
  await expect(parent.locator('[data-qa="message"]').first()).toContainText("Mag Pepijn morgen later?")
  await expect(parent.getByText("Opa haalt hem op.")).toHaveCount(0)
  await expect(parent.locator('[data-qa="note"], [data-qa="assign"]')).toHaveCount(0)
})

test("a parent writes to management, who answers in the console, and the group sees nothing of it", async ({ as, watch }, info) => {
  test.slow()
  watch.allow(/status of 404/)
  const subject = `Vertrouwelijk ${info.workerIndex}-${Date.now() % 100_000}`
  const staff = await as(people.sanne)
  await staff.goto(`${bathmen}/berichten`)
  const manager = await as(people.manager)
  await manager.goto(`${bathmen}/beheer/berichten`)
  await expect(manager.getByRole("heading", { level: 1 })).toHaveText("Berichten aan de leiding")
  await mark(manager)

  const parent = await as(people.geenfoto)
  await parent.goto(`${bathmen}/berichten/nieuw`)
  await parent.getByRole("radio", { name: /^Aan de leiding/ }).check()
  await parent.getByLabel("Onderwerp").fill(subject)
  await parent.getByLabel("Bericht", { exact: true }).fill("Dit vertel ik liever alleen aan jou.")
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(subject)
  await expect(parent.locator("main, header").filter({ hasText: "De leiding van" }).first()).toBeVisible()

  await expect(thread(manager, subject), "live, once it went out").toHaveCount(1, OUT)
  expect(await stayed(manager), "the page was not loaded anew").toBe(true)
  await thread(manager, subject).click()
  await expect(manager.locator('[data-qa="message"]')).toContainText("Dit vertel ik liever alleen aan jou.")
  await expect(manager.locator(".cside")).toBeVisible()
  await manager.getByLabel("Je antwoord").fill("Ik bel je vanmiddag.")
  await manager.locator('[data-qa="send"]').click()
  await expect(parent.locator('[data-qa="message"]').last()).toContainText("Ik bel je vanmiddag.", OUT)

  await staff.goto(`${bathmen}/berichten?q=${encodeURIComponent(subject)}`)
  await expect(thread(staff, subject)).toHaveCount(0)
  expect(await statusOf(staff, manager.url()), "somebody of the group").toBe(404)
})

test("an admin withdraws a message with a reason, and nobody who had it reads it any more", async ({ as }, info) => {
  test.slow()
  const word = `geheim${info.workerIndex}x${Date.now() % 100_000}`
  const parent = await as(people.vuurtorenOuder)
  const vuurtoren = origin("devuurtoren")
  await parent.goto(`${vuurtoren}/berichten/nieuw`)
  await parent.getByLabel("Onderwerp").fill(`Uitslag ${word}`)
  await parent.getByLabel("Bericht", { exact: true }).fill(`De uitslag is ${word}.`)
  await parent.locator('[data-qa="send"]').click()
  const staff = await as(people.jelle)
  await staff.goto(`${vuurtoren}/berichten?q=${word}`)
  await expect(thread(staff, word)).toHaveCount(1, OUT)
  await thread(staff, word).click()
  await expect(staff.locator('[data-qa="message"]')).toContainText(word)

  const admin = await as(people.vuurtorenAdmin)
  await admin.goto(staff.url())
  await admin.locator('[data-qa="ask-withdrawal"]').click()
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Bericht intrekken")
  await admin.getByLabel("Waarom trek je het in?").fill("Verkeerd gezin")
  await admin.locator('[data-qa="withdraw"]').click()
  await expect(admin.locator('[data-qa="withdrawn"]')).toHaveText("Dit bericht is ingetrokken")
  await admin.locator('[data-qa="original"] summary').click()
  await expect(admin.locator('[data-qa="original"]')).toContainText(`De uitslag is ${word}.`)

  for (const page of [staff, parent]) {
    await expect(page.locator('[data-qa="withdrawn"]'), "live").toHaveCount(1)
    await expect(page.locator("body")).not.toContainText(word)
  }
  await staff.goto(`${vuurtoren}/berichten?q=${word}`)
  await expect(thread(staff, word)).toHaveCount(0)
})
