import { look } from "./support/look"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen"), vuurtoren = origin("devuurtoren")

const item = (page: Page, words: string) => page.locator('[data-qa="item"]').filter({ hasText: words })

/** Leafs on from this month to the one in which somebody's birthday stands: it comes within a year. */
async function leafToBirthday(page: Page, name: string): Promise<void> {
  await page.goto(`${bathmen}/agenda`)
  for (let month = 0; month < 12 && (await item(page, `${name} is jarig`).count()) === 0; month++) {
    const was = await page.locator(".agenda__months h2").innerText()
    await page.locator('[data-qa="beyond"]').click()
    await expect(page.locator(".agenda__months h2")).not.toHaveText(was)
  }
  await expect(item(page, `${name} is jarig`)).toHaveCount(1)
}

test("another family reads of a birthday while the guardians agree to that", async ({ as }) => {
  test.slow()
  const parent = await as(people.ouder) // of two children in the same group
  await leafToBirthday(parent, "Noor")
  await expect(item(parent, "Noor is jarig"), "how old she gets is not told").not.toContainText(/\d/)

  const guardian = await as(people.geenfoto)
  await guardian.goto(`${bathmen}/toestemmingen`)
  const question = guardian.locator('[data-qa="question"]').filter({ hasText: "Verjaardag in de agenda" })
  await question.locator('[data-qa="no"]').click()
  await expect(question.getByText("Geen toestemming")).toBeVisible()
  await parent.reload()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Agenda")
  await expect(item(parent, "Noor is jarig")).toHaveCount(0)

  await question.locator('[data-qa="yes"]').click()
  await expect(question.getByText("Toestemming", { exact: true })).toBeVisible()
  await parent.reload()
  await expect(item(parent, "Noor is jarig")).toHaveCount(1)
})

test("the address for a calendar program is shown once, copied, and renewed", async ({ as, watch }) => {
  watch.allow(/status of 404/)
  const page = await as(people.vuurtorenOuder)
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: vuurtoren })
  await page.goto(`${vuurtoren}/agenda`)
  await page.locator('[data-qa="make-feed"]').click()
  const first = await page.getByLabel("Geheim adres").inputValue()
  await page.locator('[data-qa="copy"]').click()
  await expect(page.getByText("Gekopieerd")).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(first)
  // News refreshes pages, and this one could not be shown again.
  await expect(page.locator("body")).not.toHaveAttribute("data-controller")
  await look(page, "agenda-adres")

  await page.goto(`${vuurtoren}/agenda`)
  await expect(page.locator('[data-qa="feed"]')).toContainText("Het oude werkt daarna niet meer.")
  await page.locator('[data-qa="make-feed"]').click()
  const second = await page.getByLabel("Geheim adres").inputValue()
  expect(second).not.toBe(first)
  const status = (url: string) => page.evaluate(async (url) => (await fetch(url)).status, url)
  expect([await status(first), await status(second)]).toEqual([404, 200])
  await page.goto(`${vuurtoren}/agenda`)
  await page.locator('[data-qa="end-feed"]').click()
  await expect(page.getByRole("status").getByText("Het adres werkt niet meer.")).toBeVisible()
  expect(await status(second)).toBe(404)
})
