import { origin, people } from "./support/portal"
import { expect, signIn, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)

test("the language of the pages is one's own choice", async ({ visitor }) => {
  const page = await visitor()
  await signIn(page, people.murat)
  await page.goto(`${bathmen}/overig`)
  await page.locator('[data-qa="language"]').getByText("English").click()
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

test("text twice as large still fits a phone", async ({ as }) => {
  const phone = { viewport: { width: 390, height: 844 } }
  const [parent, staff] = [await as(people.ouder, phone), await as(people.sanne, phone)]
  for (const [page, path] of [[parent, "/"], [parent, "/overig"], [staff, "/groep"], [staff, "/overig"]] as const) {
    await page.goto(bathmen + path)
    await expect(page.locator("h1")).toBeVisible()
    const wide = await page.evaluate(() => {
      document.documentElement.style.fontSize = "200%"
      const room = document.documentElement.clientWidth
      return [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest(".pads, .vh, svg") && e.getBoundingClientRect().right > room + 1 && !e.closest(".tabs, .rail")).map((e) => `${e.tagName}.${e.className}`).slice(0, 5)
        .concat(document.documentElement.scrollWidth > room ? [`scrolls: ${document.documentElement.scrollWidth}`] : [])
    })
    expect(wide, path).toEqual([])
  }
})
