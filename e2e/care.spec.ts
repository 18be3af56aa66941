import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const vuurtoren = origin("devuurtoren") // whose group no other journey writes in

/** Ticks the children in the group and presses a button of the dock. */
async function press(page: Page, button: string, children: string[]): Promise<void> {
  for (const name of children) await page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) }).check()
  await page.locator(`[data-qa="${button}"]`).click()
}

const tile = (page: Page, name: string) => page.locator(".tile").filter({ has: page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) }) })

test("staff check two children in and note a nap, and the parent's open page shows it", async ({ as }, info) => {
  const parent = await as(people.ouder)
  await parent.goto(bathmen)
  await parent.getByRole("link", { name: "Mila", exact: true }).click()
  await expect(parent).toHaveURL(/kind=/)
  await parent.evaluate(() => { (window as unknown as { stayed: boolean }).stayed = true }) // gone after a reload

  const staff = await as(people.sanne)
  await staff.goto(`${bathmen}/groep`)
  await press(staff, "collect", ["Mila", "Finn"]) // whatever the hour of the day made of them
  await expect(staff.getByRole("status").getByText(/Het ophalen is genoteerd|Zij zijn er nu niet/)).toBeVisible()
  await press(staff, "arrive", ["Mila", "Finn"])
  await expect(staff.getByRole("status").getByText("De aankomst is genoteerd.")).toBeVisible()
  const sent = Date.now()
  await expect(tile(staff, "Mila")).toContainText("er sinds")
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(/^Mila is er sinds \d\d:\d\d$/, { timeout: 2_000 })
  info.annotations.push({ type: "live", description: `${Date.now() - sent} ms after the answer to staff` })

  await press(staff, "care", ["Mila", "Finn"])
  await expect(staff).toHaveURL(/\/zorg\?/)
  await staff.getByText("Slapen", { exact: true }).click()
  await staff.locator('[data-qa="note"]').click()
  await expect(staff.getByRole("status").getByText("De zorg is genoteerd.")).toBeVisible()
  await expect(tile(staff, "Finn")).toContainText("slaapt sinds")
  await expect(parent.locator('[data-qa="daylog"]')).toContainText("Slaapt", { timeout: 2_000 })
  await expect(parent.locator('[data-qa="daylog"]')).toHaveCount(1)
  expect(await parent.evaluate(() => (window as unknown as { stayed?: boolean }).stayed), "the page was not loaded anew").toBe(true)

  // A slip is taken back for both at once.
  await staff.getByRole("button", { name: "Ongedaan maken" }).click()
  await expect(staff.getByRole("status").getByText("Het is ongedaan gemaakt.")).toBeVisible()
  await expect(tile(staff, "Finn")).toContainText("er sinds")
  await expect(parent.locator('[data-qa="daylog"] li').filter({ hasText: /^\S+\s*Slaapt$/ })).toHaveCount(0, { timeout: 2_000 })
})

test.describe("without JavaScript", () => {
  test.use({ contextOptions: { javaScriptEnabled: false } })

  test("care is noted, and a mistake comes back as it was typed", async ({ as, watch }) => {
    watch.allow(/status of 422/)
    const page = await as(people.sanne)
    await page.goto(`${bathmen}/groep`)
    await press(page, "care", ["Ruby"])
    await page.getByText("Temperatuur", { exact: true }).click()
    await page.getByLabel("Temperatuur in °C").fill("98")
    await page.locator('[data-qa="note"]').click()
    await expect(page.locator(".errors")).toContainText("van 34 tot en met 43")
    await expect(page.getByLabel("Temperatuur in °C")).toHaveValue("98")
    await expect(page.getByRole("checkbox", { name: /^Ruby\b/ })).toBeChecked()
    await page.getByLabel("Temperatuur in °C").fill("37,4")
    await page.locator('[data-qa="note"]').click()
    await page.goto(`${page.url()}/zorg`)
    const line = page.locator('[data-qa="record"]').filter({ hasText: "37,4 °C" }).first()
    await expect(line).toContainText("Ruby")
    await line.click()
    await page.getByLabel("Toelichting").fill("Ruby speelt gewoon mee.")
    await page.locator('[data-qa="correct"]').click()
    await page.goto(`${page.url()}/zorg`)
    await page.locator('[data-qa="record"]').filter({ hasText: "Ruby speelt gewoon mee." }).click()
    await expect(page.locator(".care__history li")).toHaveCount(2)
  })
})

test("a day report is written as a draft, posted, and follows what is corrected", async ({ as }) => {
  const staff = await as(people.jelle)
  await staff.goto(`${vuurtoren}/groep`)
  await press(staff, "care", ["Pepijn"])
  await staff.getByText("Fles", { exact: true }).click()
  await staff.getByLabel("Hoeveel ml?").fill("170")
  await staff.locator('[data-qa="note"]').click()
  await expect(staff.getByRole("status").getByText("De zorg is genoteerd.")).toBeVisible()

  const words = `Pepijn bouwde een toren van ${Date.now() % 100000} blokken.`
  await staff.locator('[data-qa="days"]').click()
  const card = staff.locator('[data-qa="day-report"]').filter({ has: staff.getByRole("heading", { name: "Pepijn", exact: true }) })
  await expect(card).toBeVisible()
  test.skip(await card.locator('[data-qa="posted-day"]').isVisible(), "the demo has a report of today already") // late in the day
  await card.getByLabel("Wat wil je vertellen over Pepijn?").fill(words)
  await staff.locator('[data-qa="keep-days"]').click()
  await expect(staff.getByRole("status").getByText("De concepten zijn bewaard.")).toBeVisible()
  await expect(card).toContainText("Concept")
  await expect(card.locator('[data-qa="facts"]')).toContainText("ml")

  const parent = await as(people.vuurtorenOuder)
  await parent.goto(vuurtoren)
  await expect(parent.getByText(words)).toHaveCount(0)
  await card.getByRole("checkbox").check()
  await staff.locator('[data-qa="post-days"]').click()
  await expect(staff.getByRole("status").getByText("Het dagverslag is geplaatst.")).toBeVisible()
  const post = parent.locator('[data-qa="entry"]').filter({ hasText: words })
  await expect(post, "the open page shows it").toContainText("Dagverslag", { timeout: 4_000 })
  await post.locator('[data-qa="read"]').click()
  await expect(parent.locator('[data-qa="day-lines"]')).toContainText("Fles van 170 ml")

  await staff.locator('[data-qa="care-of-day"]').click()
  await staff.locator('[data-qa="record"]').filter({ hasText: "Fles van 170 ml" }).first().click()
  await staff.getByLabel("Hoeveel ml?").fill("140")
  await staff.locator('[data-qa="correct"]').click()
  await expect(staff.getByRole("status").getByText("De verbetering is bewaard.")).toBeVisible()
  await expect(parent.locator('[data-qa="day-lines"]')).toContainText("Fles van 140 ml", { timeout: 4_000 })
})
