import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const vuurtoren = origin("devuurtoren") // whose child no other journey reports

/** The days of care that can be chosen and are not reported, from the third on: nobody's deadline passes meanwhile. */
const free = (page: Page) => page.locator('.calday:not(:has-text("afgemeld")) input[name="days"]')

const coming = (page: Page) => page.locator('[data-qa="coming"] [data-qa="absence"]')

test("a parent reports an absence, the other parent and the group hear of it, and it is withdrawn", async ({ as }) => {
  const parent = await as(people.vuurtorenOuder), partner = await as(people.vuurtorenVader), staff = await as(people.jelle)
  await partner.goto(`${vuurtoren}/meldingen`)
  await parent.goto(vuurtoren)
  await parent.getByRole("link", { name: "Afwezig melden" }).click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Afwezig melden")
  await expect(parent.locator('[data-qa="deadline"]')).toContainText(/Op tijd|Te laat gemeld/)
  const before = await coming(parent).count()
  const box = free(parent).nth(3)
  const day = (await box.getAttribute("data-words")) ?? ""
  await parent.locator(`.calday:has([data-words="${day}"])`).click()
  await expect(parent.locator('[data-qa="told"]'), "said before sending").toHaveText("Op tijd")
  await parent.getByText("Vakantie", { exact: true }).click()
  await parent.getByLabel("Opmerking").fill("Naar oma")
  await parent.locator('[data-qa="report"]').click()
  await expect(parent.getByRole("status").getByText("De afmelding is verstuurd.")).toBeVisible()
  await expect(coming(parent)).toHaveCount(before + 1)
  const line = coming(parent).filter({ hasText: `Pepijn: ${day}` })
  await expect(line).toContainText("vakantie")

  await expect(partner.getByText(`Pepijn is afgemeld: ${day}`), "the open page shows it").toBeVisible({ timeout: 10_000 })
  await staff.goto(`${vuurtoren}/meldingen`)
  await expect(staff.getByText(`Pepijn is afgemeld: ${day} (vakantie)`)).toBeVisible({ timeout: 10_000 })

  await line.locator('[data-qa="withdraw"]').click()
  const question = parent.getByRole("dialog", { name: "Afmelding intrekken?" })
  await expect(question).toContainText(`Pepijn komt dan gewoon op ${day}.`)
  await question.getByRole("button", { name: "Intrekken" }).click()
  await expect(parent.getByRole("status").getByText("De afmelding is ingetrokken.")).toBeVisible()
  await expect(line).toHaveCount(0)
  await expect(partner.getByText(`De afmelding van Pepijn is ingetrokken: ${day}`).first()).toBeVisible({ timeout: 10_000 })
})

test("a parent lets a calendar program fetch the agenda, at an address that is shown once", async ({ as }) => {
  const page = await as(people.vuurtorenVader)
  await page.goto(vuurtoren)
  await page.locator('[data-qa="agenda"]').first().click()
  await expect(page.locator('[data-qa="item"]').filter({ hasText: "Pepijn" }).first()).toBeVisible()
  await page.locator('[data-qa="make-feed"]').click()
  const address = await page.getByLabel("Geheim adres").inputValue()
  const calendar = await page.evaluate(async (url) => (await fetch(url)).text(), address)
  expect(calendar).toMatch(/^BEGIN:VCALENDAR\r\n[^]*SUMMARY:Pepijn: opvang\r\n[^]*SUMMARY:Knutselochtend/)
  await page.getByRole("link", { name: "Agenda", exact: true }).click()
  await expect(page.locator("body")).not.toContainText(address)
  await page.locator('[data-qa="end-feed"]').click()
  await expect(page.getByRole("status").getByText("Het adres werkt niet meer.")).toBeVisible()
})

test.describe("without JavaScript", () => {
  test.use({ contextOptions: { javaScriptEnabled: false } })

  test("a mistake comes back as it was typed, and a report is withdrawn", async ({ as, watch }) => {
    watch.allow(/status of 422/)
    const page = await as(people.klaproosOuder)
    await page.goto(`${origin("klaproos")}/afwezig`)
    const box = free(page).nth(8)
    const day = (await box.getAttribute("data-words")) ?? ""
    await page.locator(`.calday:has([data-words="${day}"])`).click()
    await page.getByLabel("Opmerking").fill("Bruiloft")
    await page.locator('[data-qa="report"]').click()
    await expect(page.locator(".errors")).toContainText("Kies waarom.")
    await expect(page.getByLabel("Opmerking")).toHaveValue("Bruiloft")
    await expect(page.locator(`input[data-words="${day}"]`)).toBeChecked()
    await page.getByText("Iets anders", { exact: true }).click()
    await page.locator('[data-qa="report"]').click()
    const line = coming(page).filter({ hasText: `Jade: ${day}` })
    await expect(line).toContainText("Bruiloft")
    await line.locator("summary").click()
    await line.getByRole("button", { name: "Intrekken" }).click()
    await expect(page.getByText("De afmelding is ingetrokken.")).toBeVisible()
    await expect(line).toHaveCount(0)
  })
})
