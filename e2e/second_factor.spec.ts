import { codeOf, withCode } from "./support/codes"
import { inboxOrigin, origin, PASSWORD, people } from "./support/portal"
import { expect, fillSignIn, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen"), vuurtoren = origin("devuurtoren")

/** Sets up an authenticator app on the page that shows its secret, and gives the secret and the recovery codes. */
async function setUp(page: Page): Promise<{ secret: string; codes: string[] }> {
  const secret = (await page.locator('[data-qa="secret"]').innerText()).replaceAll(" ", "")
  await page.getByLabel("Code uit je app").fill(codeOf(secret))
  await page.locator('[data-qa="confirm-app"] button[type="submit"]').click()
  const list = page.locator('[data-qa="recovery-codes"] code')
  await expect(list).toHaveCount(10)
  return { secret, codes: await list.allInnerTexts() }
}

test("a manager sets up an authenticator app before anything else, and loses the phone", async ({ visitor, watch }) => {
  watch.allow(/status of 422/)
  const page = await visitor({ viewport: { width: 390, height: 844 } })
  await page.goto(`${vuurtoren}/inloggen`)
  await fillSignIn(page, people.vuurtorenManager2.email, PASSWORD)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Authenticator-app instellen")
  for (const path of ["/groep", "/overig", "/meldingen"]) {
    await page.goto(vuurtoren + path)
    await expect(page).toHaveURL(`${vuurtoren}/overig/beveiliging/app`)
  }
  await page.getByLabel("Code uit je app").fill("12 34")
  await page.locator('[data-qa="confirm-app"] button[type="submit"]').click()
  await expect(page.locator(".errors")).toBeFocused()
  const { codes } = await setUp(page)
  await page.getByRole("link", { name: "Ik heb ze bewaard" }).click()
  await expect(page).toHaveURL(people.vuurtorenManager2.home)

  const other = await visitor()
  await other.goto(`${vuurtoren}/inloggen?next=/overig`)
  await fillSignIn(other, people.vuurtorenManager2.email, PASSWORD)
  await other.getByRole("link", { name: /herstelcode/ }).click()
  await other.getByLabel("Herstelcode").fill(codes[0].toLowerCase())
  await other.getByRole("button", { name: "Inloggen", exact: true }).click()
  await expect(other).toHaveURL(`${vuurtoren}/overig`)
})

test("a code works once", async ({ visitor, watch }) => {
  watch.allow(/status of 422/)
  const page = await visitor()
  await withCode(people.admin.email, async (code) => {
    for (const again of [false, true]) {
      await page.context().clearCookies()
      await page.goto(`${bathmen}/inloggen`)
      await fillSignIn(page, people.admin.email, PASSWORD)
      await page.getByLabel("Code uit je app").fill(code)
      await page.locator('[data-qa="code"] button[type="submit"]').click()
      if (again) await expect(page.locator(".errors")).toContainText("al gebruikt")
      else await expect(page).toHaveURL(people.admin.home)
    }
  })
})

test("the demo shows the codes beside its inbox", async ({ visitor }) => {
  const page = await visitor()
  await page.goto(inboxOrigin())
  await page.getByRole("link", { name: "Codes for signing in" }).click()
  await expect(page.locator('[data-qa="code"][data-email="sanne@bathmen.example"] b')).toHaveText(/^\d{3} \d{3}$/)
})
