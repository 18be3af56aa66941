import { codeOf, withCode } from "./support/codes"
import { linkInMail, openMail } from "./support/inbox"
import { look } from "./support/look"
import { inboxOrigin, origin, PASSWORD, people } from "./support/portal"
import { expect, fillCode, fillSignIn, signIn, test, type Page } from "./support/test"

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

test("a manager sets up an authenticator app before anything else, loses the phone, and the codes as well", async ({ visitor, watch }) => {
  test.setTimeout(120_000)
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
  const key = (await page.locator('[data-qa="secret"]').innerText()).replaceAll(" ", "")
  await expect(page.locator('[data-qa="open-app"]')).toHaveAttribute("href", new RegExp(`^otpauth://totp/.*secret=${key}`))
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: vuurtoren })
  await page.locator('[data-qa="copy-secret"]').click()
  await expect(page.getByRole("status").filter({ hasText: "Gekopieerd" })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(key)
  await page.reload() // as a phone does that was in the app meanwhile
  expect((await page.locator('[data-qa="secret"]').innerText()).replaceAll(" ", ""), "the key that is in the app by now").toBe(key)
  await look(page, "authenticator-app")
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

  // The paper is lost as well: somebody who runs the organisation removes the second step, and it is set up anew.
  const desk = await visitor()
  await desk.goto(`${vuurtoren}/inloggen`)
  await fillSignIn(desk, people.vuurtorenAdmin.email, PASSWORD)
  await fillCode(desk, people.vuurtorenAdmin)
  await expect(desk).toHaveURL(people.vuurtorenAdmin.home)
  await desk.goto(`${vuurtoren}/beheer/medewerkers?q=${people.vuurtorenManager2.email}`)
  const file = vuurtoren + (await desk.locator('[data-qa="person"]').first().getAttribute("href"))
  await desk.goto(file)
  await desk.locator('[data-qa="remove-factor"]').click()
  await desk.getByLabel("Waarom?").fill("Telefoon en herstelcodes kwijt")
  await desk.locator('[data-qa="save"]').click()
  await expect(desk).toHaveURL(file)
  await expect(desk.locator('[data-qa="remove-factor"]')).toHaveCount(0)
  const anew = await visitor()
  await anew.goto(`${vuurtoren}/inloggen`)
  await fillSignIn(anew, people.vuurtorenManager2.email, PASSWORD)
  await expect(anew.getByRole("heading", { level: 1 })).toHaveText("Authenticator-app instellen")
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

test("who reads the mail disowns an app that somebody else set up", async ({ visitor, watch }) => {
  test.setTimeout(120_000)
  watch.allow(/status of 401/) // the open page of whoever is signed out
  const who = people.chidi
  const stranger = await visitor()
  await signIn(stranger, who)
  await stranger.goto(`${bathmen}/overig/beveiliging/app`)
  await setUp(stranger)
  const owner = await visitor()
  await owner.goto(`${bathmen}/wachtwoord`)
  await owner.getByLabel("E-mailadres").fill(who.email)
  await owner.getByRole("button", { name: "Link sturen" }).click()
  await expect(owner).toHaveURL(`${bathmen}/wachtwoord/verzonden`)
  await openMail(owner, who.email, /Nieuw wachtwoord/i)
  await owner.goto(await linkInMail(owner, /\/wachtwoord\/nieuw\//))
  await expect(owner.locator('[data-qa="added-lately"]')).toContainText("Authenticator-app")
  await look(owner, "visitor-added-lately")
  await owner.getByLabel("Nieuw wachtwoord").fill("een paarse fiets vol knikkers")
  await owner.getByRole("checkbox", { name: /Dit was ik niet/ }).check()
  await owner.getByRole("button", { name: "Wachtwoord bewaren" }).click()
  await expect(owner).toHaveURL(who.home)
  await stranger.goto(`${bathmen}/overig`)
  await expect(stranger).toHaveURL(/\/inloggen\?next/)
})

test("an admin proves who they are with a code, and says why the second step of a colleague is removed", async ({ visitor, watch }) => {
  test.setTimeout(120_000)
  watch.allow(/status of 422/)
  const page = await visitor()
  await page.goto(`${bathmen}/inloggen`)
  await fillSignIn(page, people.admin.email, PASSWORD)
  await fillCode(page, people.admin)
  await expect(page).toHaveURL(people.admin.home)
  await page.goto(`${bathmen}/bevestigen?next=/beheer`)
  await expect(page.getByLabel("Wachtwoord")).toHaveCount(0)
  await look(page, "staff-confirm-by-code")
  await page.goto(`${bathmen}/beheer/medewerkers?q=${people.sanne.email}`)
  await page.goto(bathmen + (await page.locator('[data-qa="person"]').first().getAttribute("href")))
  await page.locator('[data-qa="remove-factor"]').click()
  await page.locator('[data-qa="save"]').click()
  await expect(page.locator(".errors")).toContainText("Vul een reden in")
  await look(page, "console-remove-factor")
})
