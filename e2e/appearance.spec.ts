import { origin, people } from "./support/portal"
import { expect, signIn, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)

test("the language of the pages is one's own choice", async ({ visitor }) => {
  const page = await visitor()
  await signIn(page, people.vertrokken)
  await page.goto(`${bathmen}/overig`)
  await page.locator('[data-qa="language"]').getByText("English").click()
  await page.locator('[data-qa="language"] button[type="submit"]').click()
  await expect(page.locator("html")).toHaveAttribute("lang", "en")
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("Overig")
  await page.goto(bathmen)
  await expect(page.getByRole("link", { name: "My child" })).toBeVisible()
  await page.goto(`${bathmen}/overig`)
  await page.getByRole("button", { name: /^(Log|Sign) out$/ }).last().click()
  await expect(page).toHaveURL(/\/inloggen/)
  await expect(page.locator("html"), "remembered after signing out").toHaveAttribute("lang", "en")
})

test("who reads English gets English, pages and browser alike", async ({ visitor }) => {
  const page = await visitor()
  await signIn(page, people.english)
  await expect(page.locator("html")).toHaveAttribute("lang", "en")
  const stranger = await visitor({ locale: "en-GB" })
  await stranger.goto(`${bathmen}/inloggen`)
  await expect(stranger.locator("html")).toHaveAttribute("lang", "en")
})

test("light or dark is chosen, kept, and otherwise as the device has it", async ({ as }) => {
  const page = await as(people.ingetrokken)
  await page.goto(`${bathmen}/overig`)
  const light = await ground(page)
  await page.emulateMedia({ colorScheme: "dark" })
  const dark = await ground(page)
  expect(dark).not.toBe(light)
  await page.emulateMedia({ colorScheme: "light" })
  expect(await ground(page)).toBe(light)

  const saved = page.waitForResponse((r) => r.url().endsWith("/overig/weergave"))
  await page.getByText("Donker", { exact: true }).click()
  await expect.poll(() => ground(page), "at once").toBe(dark)
  await saved
  await page.goto(bathmen)
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark")
  expect(await ground(page)).toBe(dark)
})
