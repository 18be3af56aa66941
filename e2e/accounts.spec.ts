import { origin, PASSWORD, people } from "./support/portal"
import { expect, fillSignIn, signIn, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen"), vuurtoren = origin("devuurtoren")

test("two parents on one tablet change over, and one has an account elsewhere", async ({ visitor }) => {
  const page = await visitor()
  await signIn(page, people.oma)
  await page.goto(`${bathmen}/overig`)
  await page.getByRole("button", { name: "Account toevoegen" }).click()
  await expect(page).toHaveURL(`${bathmen}/inloggen?account=nieuw`)
  await fillSignIn(page, people.starter.email, PASSWORD)
  await expect(page).toHaveURL(people.starter.home)
  await page.goto(`${bathmen}/overig`)
  await expect(page.locator('[data-qa="account"]')).toHaveCount(2)
  await page.getByRole("button", { name: /^Wisselen naar / }).click()
  await expect(page).toHaveURL(`${bathmen}/`)
  await page.goto(`${bathmen}/overig`)
  await expect(page.getByText(people.oma.email)).toBeVisible()

  await test.step("links the account at the other organisation", async () => {
    await page.getByRole("link", { name: "Account bij een andere organisatie koppelen" }).click()
    await page.getByLabel("Adres van de andere organisatie").fill("devuurtoren")
    await page.locator('[data-qa="link"] button[type="submit"]').click()
    await page.locator('[data-qa="onward"]').click()
    await expect(page).toHaveURL(/devuurtoren.*\/inloggen/)
    await fillSignIn(page, people.vuurtorenOuder.email, PASSWORD)
    await page.locator('[data-qa="finish-link"] button').click()
    await expect(page).toHaveURL(`${vuurtoren}/overig`)
    await expect(page.locator('[data-qa="linked"]')).toContainText("Kinderopvang Bathmen")
    await page.getByRole("link", { name: "Wisselen naar Kinderopvang Bathmen" }).click()
    await expect(page).toHaveURL(`${bathmen}/`)
  })
  await test.step("and signs out of all at once", async () => {
    await page.goto(`${bathmen}/overig`)
    await page.getByRole("button", { name: "Uitloggen uit alle accounts" }).click()
    await expect(page).toHaveURL(`${bathmen}/inloggen`)
    for (const home of [bathmen, vuurtoren]) {
      await page.goto(`${home}/overig`)
      await expect(page).toHaveURL(/\/inloggen\?next/)
    }
  })
})
