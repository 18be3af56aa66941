import { origin, PASSWORD, people } from "./support/portal"
import { expect, fillCode, fillSignIn, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

test.use({ contextOptions: { javaScriptEnabled: false } })

test("a parent signs in, reads, pages back and signs out", async ({ visitor }) => {
  const page = await visitor()
  await page.goto(`${bathmen}/inloggen`)
  await fillSignIn(page, people.vader.email, PASSWORD)
  await expect(page).toHaveURL(people.vader.home)
  const entries = page.locator('[data-qa="entry"]')
  await expect(entries.first()).toBeVisible()
  const newest = await entries.first().getAttribute("id")

  await page.getByRole("link", { name: "Meer laden" }).click()
  await expect(page).toHaveURL(/\/tijdlijn\?/)
  await expect(entries.first()).toBeVisible()
  expect(await entries.first().getAttribute("id")).not.toBe(newest)
  await page.getByRole("link", { name: "Naar het nieuwste" }).click()
  await expect(page.locator(`[id="${newest}"]`)).toBeVisible() // or below what another journey posted meanwhile

  await page.locator("a[data-w]").first().click() // the photo itself
  await expect(page).toHaveURL(/\/fotos\/[0-9a-f-]{36}\/\d+\.webp$/)
  await page.goBack()
  await entries.first().locator('[data-qa="read"]').click()
  await expect(page).toHaveURL(/\/dagboek\//)

  await page.goto(`${bathmen}/meldingen`)
  await page.locator('[data-qa="notification"]').filter({ hasText: /dagboek|dagverslag/ }).first().click()
  await expect(page).toHaveURL(/\/dagboek\//)

  await page.goto(`${bathmen}/overig/notificaties`)
  await page.getByRole("switch").first().uncheck()
  await page.locator('[data-qa="preferences"]').getByRole("button", { name: "Bewaren" }).click()
  await expect(page.getByRole("switch").first()).not.toBeChecked()

  await page.goto(`${bathmen}/overig`)
  await page.locator('[data-qa="sign-out"] button').click()
  await expect(page).toHaveURL(`${bathmen}/inloggen`)
})

test("staff write without photos, and get their words back when something is missing", async ({ visitor, watch }) => {
  watch.allow(/status of 422/)
  const page = await visitor()
  await page.goto(`${bathmen}/inloggen?next=/groep`)
  await fillSignIn(page, people.sanne.email, PASSWORD)
  await fillCode(page, people.sanne)
  await page.getByRole("checkbox", { name: /^Finn\b/ }).check()
  await page.locator('[data-qa="write"]').click()
  await page.getByLabel("Titel").fill("Zonder scripts")
  await page.locator('[data-qa="send"]').click()
  await expect(page.locator(".errors")).toContainText("Schrijf iets")
  await expect(page.getByLabel("Titel")).toHaveValue("Zonder scripts")
  await expect(page.getByRole("checkbox", { name: /^Finn\b/ })).toBeChecked()
  await page.getByLabel("Wat hebben jullie beleefd?").fill("Het kan.")
  await page.locator('[data-qa="send"]').click()
  await expect(page.locator('[data-qa="recent"]').filter({ hasText: "Zonder scripts" })).toBeVisible()
})
