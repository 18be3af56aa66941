import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

// The manual for parents, paragraph by paragraph: what it says is there, under the words that it uses. What happens after a
// button is told at length in the journeys of that part.
const bathmen = origin("kinderopvangbathmen")
const computer = { viewport: { width: 1280, height: 900 } }
const heading = (page: Page) => page.getByRole("heading", { level: 1 })
const menu = (page: Page) => page.getByRole("navigation", { name: "Hoofdmenu" })

/** Signed in, and at a part of the menu. */
async function at(page: Page, part: string): Promise<void> {
  await page.goto(bathmen)
  await menu(page).getByRole("link", { name: part }).click()
}

test("2 Inloggen bij het Ouderportaal", async ({ visitor }) => {
  const page = await visitor(computer)
  await page.goto(bathmen)
  await expect(page.getByLabel("Gebruikersnaam")).toBeVisible()
  await expect(page.getByLabel("Wachtwoord", { exact: true })).toBeVisible()
  await expect(page.getByRole("button", { name: "Inloggen", exact: true })).toBeVisible()
  for (const [link, title] of [["Privacyverklaring", "Privacyverklaring"], ["Responsible disclosure", "Responsible disclosure"], ["Wachtwoord vergeten?", "Wachtwoord vergeten"]]) {
    await page.goto(`${bathmen}/inloggen`)
    await page.getByRole("link", { name: link }).click()
    await expect(heading(page)).toContainText(title)
  }
  await expect(page.getByRole("textbox")).toHaveCount(1) // the address to which the mail goes
})

test("3 Het Ouderportaal", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await page.goto(bathmen)
  await expect(page).toHaveTitle(/^Mijn kind/)
  await expect(page.locator('[data-qa="entry"]').first()).toBeVisible()
  const timeline = (await page.locator('[data-qa="entry"]').first().boundingBox())!
  for (const button of [/^Dagboek\s+schrijven$/, /^Bericht\s+schrijven$/, /^Afwezig\s+melden$/]) {
    const box = (await page.getByRole("link", { name: button }).boundingBox())!
    expect(box.x, `${button} is at the right of the timeline`).toBeGreaterThan(timeline.x + timeline.width / 2)
  }
  const names = await menu(page).getByRole("link").allInnerTexts()
  expect(names.map((name) => name.replace(/[\d\s]+$/, "").replace(/^\s+/, ""))).toEqual(["Mijn kind", "Berichten", "Mijn locatie", "Overig"])
  await expect(menu(page).getByRole("link", { name: "Mijn kind" })).toHaveAttribute("aria-current", "page")
  await page.setViewportSize({ width: 390, height: 844 }) // a wide screen has it above the page
  const bar = (await menu(page).boundingBox())!
  expect(bar.y + bar.height, "the menu is at the bottom").toBeGreaterThan(800)
})

test("3.1 Foto’s", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await page.goto(bathmen)
  const series = page.locator('[data-qa="entry"]').filter({ has: page.locator("a[data-w]").nth(2) }).first()
  await series.locator("a[data-w]").first().click()
  await expect(page.locator(".pswp__counter")).toHaveText(/^1 van [3-9]/)
  await page.keyboard.press("ArrowRight")
  await expect(page.locator(".pswp__counter")).toHaveText(/^2 van/)
  await page.keyboard.press("Escape")
  await series.locator('[data-qa="read"]').click()
  await expect(page).toHaveURL(/\/dagboek\//)
  const photos = await page.locator(".post--whole a[data-w]").count()
  expect(photos).toBeGreaterThan(2)
  await expect(page.locator('[data-qa="download"]')).toHaveCount(photos)
  await expect(page.locator('[data-qa="download"]').first()).toContainText("Downloaden")
})

test("3.2 Dagboek", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await page.goto(bathmen)
  await page.locator('[data-qa="entry"] [data-qa="read"]').first().click()
  await expect(page).toHaveURL(/\/dagboek\//)
  await page.goto(bathmen)
  await page.getByRole("link", { name: /Dagboek\s+schrijven/ }).click()
  await expect(heading(page)).toHaveText("Dagboek schrijven")
  await expect(page.getByLabel("Wat wil je vertellen?")).toBeVisible()
  await expect(page.locator("#photos")).toHaveAttribute("type", "file")
  await expect(page.getByRole("button", { name: "Versturen" })).toBeVisible()
  await page.locator("main").getByRole("link", { name: "Bericht schrijven" }).click() // it is not meant for messages
  await expect(heading(page)).toHaveText("Bericht schrijven")
})

test("4 Berichten", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await at(page, "Berichten")
  await expect(heading(page)).toHaveText("Berichten")
  await page.locator('[data-qa="thread"]').first().click()
  const message = page.locator('[data-qa="message"]').first()
  await expect(message.locator("time")).toHaveText(/\d/)
  await expect(heading(page)).toBeVisible()
  await expect(page.locator("body")).toContainText(/Mila|Finn/)
  await expect(page.locator("body")).toContainText("Kikkers")
  await at(page, "Berichten")
  await page.getByRole("link", { name: "Bericht schrijven" }).first().click()
  await expect(page.getByRole("radio", { name: /^Mila\b/ })).toBeVisible()
  await expect(page.getByLabel("Onderwerp")).toBeVisible()
  await expect(page.getByLabel("Bericht", { exact: true })).toBeVisible()
  await expect(page.locator('[data-qa="final"]')).toContainText("na het versturen niet meer te wijzigen of te verwijderen")
  await expect(page.locator('[data-qa="send"]')).toHaveText("Versturen")
})

test("5 Mijn locatie", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await at(page, "Mijn locatie")
  await expect(page.locator('[data-qa="contact"] [data-qa="phone"]')).toBeVisible()
  for (const part of ["Ons team", "Nieuws", "Nieuwsbrieven", "Informatiepagina’s"]) {
    const title = page.getByRole("heading", { name: part, exact: true })
    await title.scrollIntoViewIfNeeded()
    await expect(title).toBeVisible()
  }
})

test("5.1 Ons team", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await at(page, "Mijn locatie")
  await page.locator('[data-qa="colleague"]').filter({ hasText: "Sanne" }).locator("img").click()
  await expect(heading(page)).toContainText("Sanne")
  await expect(page.locator('[data-qa="introduction"]')).toBeVisible()
})

for (const [paragraph, frame, list] of [["5.2 Nieuws", "#news", "/nieuws"], ["5.3 Nieuwsbrief", "#newsletters", "/nieuwsbrieven"]]) {
  test(paragraph, async ({ as }) => {
    const page = await as(people.ouder, computer)
    await at(page, "Mijn locatie")
    const part = page.locator(frame)
    await part.scrollIntoViewIfNeeded()
    await expect(part.locator('[data-qa="article"]').first()).toBeVisible()
    await part.getByRole("link", { name: /^Alle bekijken/ }).click()
    await expect(page).toHaveURL(new RegExp(`${list}$`))
    if (list === "/nieuws") await expect(page.locator('[data-qa="paperclip"]').first()).toBeVisible()
    await page.locator('[data-qa="article"]').first().click()
    await expect(page.locator('[data-qa="rich"]')).toBeVisible()
  })
}

test("5.4 Informatiepagina’s", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await at(page, "Mijn locatie")
  const pages = page.locator("#information")
  await pages.scrollIntoViewIfNeeded()
  await pages.getByRole("link").first().click()
  await expect(page).toHaveURL(/\/informatie\//)
  await expect(page.locator('[data-qa="rich"]')).toBeVisible()
})

test("6.1 Account & Kinderen", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await at(page, "Overig")
  const account = page.getByRole("region", { name: "Account & Kinderen" })
  await account.getByRole("link").first().click() // one's own name
  await expect(page).toHaveURL(/\/gegevens$/)
  await expect(page.locator("main")).toContainText(people.ouder.email)
  await page.getByRole("link", { name: "Wachtwoord wijzigen" }).click()
  await expect(heading(page)).toContainText("Wachtwoord")
  await at(page, "Overig")
  await page.locator('[data-qa="kids"]').getByRole("link", { name: "Mila" }).click()
  await expect(page.locator('[data-qa="child-facts"]')).toContainText("Mentor")
  await expect(page.locator('[data-qa="placement"]').first()).toContainText("Kikkers")
  for (const [frame, part] of [["#toestemmingen", "child-consents"], ["#verklaringen", "child-declarations"]]) {
    await page.locator(frame).scrollIntoViewIfNeeded()
    await expect(page.locator(`[data-qa="${part}"]`)).toBeVisible()
  }
})

test("6.2 Notificaties", async ({ as }) => {
  const page = await as(people.ouder, computer)
  await at(page, "Overig")
  await page.getByRole("link", { name: "Notificaties" }).click()
  await expect(heading(page)).toHaveText("Notificaties")
  for (const channel of ["mail", "push"]) await expect(page.locator(`input[role="switch"][name="${channel}"]`).first()).toBeEnabled()
})

test("6.3 Uitloggen", async ({ as }) => {
  const page = await as(people.klaproosOuder, computer)
  await page.goto(`${origin("klaproos")}/overig`)
  const out = page.getByRole("button", { name: "Uitloggen", exact: true })
  const below = await out.evaluate((button) => [...document.querySelectorAll("main button, main a")].filter((other) => other !== button && other.getBoundingClientRect().top > button.getBoundingClientRect().bottom).length)
  expect(below, "nothing stands below it").toBe(0)
  await expect(out).toBeVisible()
})
