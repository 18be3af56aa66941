// A guardian without an account: the mail, the first password, the way in, and the console that tells about it.
import { faultless } from "./support/axe"
import { linkInMail, openMail } from "./support/inbox"
import { origin, people } from "./support/portal"
import { expect, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const chosen = "een paarse fiets vol knikkers"
const newcomer = "welkom@bathmen.example" // Elif Aydin: Sef starts in three weeks

test("a guardian is invited, chooses a password and is in; the console tells", async ({ visitor, as, watch }) => {
  watch.allow(/status of 4(22|10)/)
  const desk = await as(people.admin)
  await desk.goto(`${bathmen}/beheer/uitnodigingen?q=${encodeURIComponent("elif aydin")}`)
  const row = desk.locator('[data-qa="row"]').filter({ hasText: newcomer })
  await expect(async () => {
    await desk.reload()
    await expect(row).toContainText("Verzonden", { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await faultless(desk)

  const page = await visitor()
  await openMail(page, newcomer, /Je account bij/)
  await expect(page.locator('[data-qa="text"]')).toContainText("is de eerste dag van Sef")
  const link = await linkInMail(page, /\/activeren\//)
  expect(link).toMatch(new RegExp(`^${bathmen}/activeren/[\\w-]{43}$`))
  await page.goto(link)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welkom, Elif")
  await expect(page.getByLabel("Je gebruikersnaam")).toHaveValue(newcomer)
  await faultless(page)
  await page.getByLabel("Nieuw wachtwoord").fill("kort")
  await page.getByRole("button", { name: "Account activeren" }).click()
  await expect(page.locator(".errors")).toContainText("minstens")
  await page.getByLabel("Nieuw wachtwoord").fill(chosen)
  await page.getByRole("button", { name: "Account activeren" }).click()
  await expect(page).toHaveURL(`${bathmen}/`)
  await expect(page.getByRole("status").filter({ hasText: "Je account is actief" })).toBeVisible()
  await expect(page.getByRole("main").or(page.locator(".hero"))).toContainText(["Sef"])

  const again = await visitor()
  await again.goto(link)
  await expect(again.getByRole("heading", { level: 1 })).toHaveText("Je account is al actief")
  await expect(async () => {
    await desk.reload()
    await expect(row).toContainText("Geactiveerd", { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await expect(row.locator('[data-qa="send"]')).toHaveCount(0)
})

test("the office sends an invitation again and moves those to come", async ({ as, watch }) => {
  watch.allow(/status of 422/)
  const desk = await as(people.admin)
  await desk.goto(`${bathmen}/beheer/uitnodigingen/instellingen`)
  await desk.getByLabel("Dagen vóór de eerste dag").fill("")
  await desk.locator('[data-qa="wishes"]').evaluate((form: HTMLFormElement) => { form.noValidate = true })
  await desk.getByRole("button", { name: "Bewaren" }).click()
  await expect(desk.locator(".errors")).toContainText("van 0 tot en met 365")
  await desk.getByLabel("Dagen vóór de eerste dag").fill("42")
  await desk.getByRole("button", { name: "Bewaren" }).click()
  await expect(desk).toHaveURL(`${bathmen}/beheer/uitnodigingen`)

  await desk.goto(`${bathmen}/beheer/uitnodigingen?q=jorn`)
  const row = desk.locator('[data-qa="row"]').filter({ hasText: "Jorn Nijland" })
  await row.locator('[data-qa="send"]').click()
  await expect(desk.getByRole("status").filter({ hasText: "wordt nu verstuurd" })).toBeVisible()
  await openMail(desk, "jorn.nijland@bathmen.example", /Je account bij/)
})
