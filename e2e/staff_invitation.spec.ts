// A new colleague: hired in the console, the mail, the first password, the second factor, the group; and a fresh proof first.
import { codeOf } from "./support/codes"
import { linkInMail, openMail } from "./support/inbox"
import { look } from "./support/look"
import { origin, people } from "./support/portal"
import { expect, signIn, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const newcomer = "ilse.nieuw@bathmen.example"

test("a new colleague is invited, and gets in with a second factor only", async ({ visitor, watch }) => {
  test.setTimeout(180_000)
  watch.allow(/status of 4(03|10|22)/)
  const desk = await visitor()
  await signIn(desk, people.admin) // just now: who hires has proved who they are
  await desk.goto(`${bathmen}/beheer/medewerkers/nieuw`)
  await look(desk, "console-staff-new")
  await desk.setViewportSize({ width: 1194, height: 834 })
  await desk.getByLabel("Voornaam").fill("Ilse")
  await desk.getByLabel("Achternaam").fill("Nieuwkomer")
  await desk.getByLabel("E-mailadres").fill(newcomer)
  await desk.getByLabel("Groep", { exact: true }).selectOption({ index: 1 })
  await desk.locator('[data-qa="save"]').click()
  await expect(desk.locator("h1")).toHaveText("Ilse Nieuwkomer")
  const state = desk.locator('[data-qa="invited"]')
  await expect(async () => {
    await desk.reload()
    await expect(state).toContainText("Verzonden", { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await look(desk, "console-staff-invited")
  await desk.locator('[data-qa="invite"]').click()
  await expect(desk.getByRole("status").filter({ hasText: "wordt nu verstuurd" })).toBeVisible()

  const page = await visitor({ viewport: { width: 390, height: 844 } })
  await openMail(page, newcomer, /Je account bij/)
  await expect(page.locator('[data-qa="text"]')).toContainText("tweede stap")
  await page.goto(await linkInMail(page, /\/activeren\//))
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welkom, Ilse")
  await page.getByLabel("Nieuw wachtwoord").fill("negen natte regenlaarzen")
  await page.getByRole("button", { name: "Account activeren" }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Authenticator-app instellen")
  await page.goto(`${bathmen}/groep`)
  await expect(page).toHaveURL(`${bathmen}/overig/beveiliging/app`)
  const secret = (await page.locator('[data-qa="secret"]').innerText()).replaceAll(" ", "")
  await page.getByLabel("Code uit je app").fill(codeOf(secret))
  await page.locator('[data-qa="confirm-app"] button[type="submit"]').click()
  await page.getByRole("link", { name: "Ik heb ze bewaard" }).click()
  await expect(page).toHaveURL(/\/groep(\/|$)/)

  await expect(async () => {
    await desk.reload()
    await expect(state).toContainText("Geactiveerd", { timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await expect(desk.locator('[data-qa="invite"]')).toHaveCount(0)
})

test("the overview leads to who starts soon and has nobody reached", async ({ as }) => {
  const desk = await as(people.admin)
  await desk.goto(`${bathmen}/beheer/kinderen/nieuw`) // a child of its own: other journeys reach and bring theirs meanwhile
  await desk.getByLabel("Voornaam").fill("Sterre")
  await desk.getByLabel("Achternaam").fill("Onbereikt")
  await desk.getByLabel("Geboortedatum").fill(day(-500))
  await desk.getByLabel("Groep", { exact: true }).selectOption({ index: 1 })
  await desk.getByLabel("Eerste dag").fill(day(30))
  await desk.getByLabel("donderdag", { exact: true }).check()
  await desk.locator('[data-qa="save"]').click()
  await expect(desk.locator("h1")).toHaveText("Sterre Onbereikt")

  await desk.goto(`${bathmen}/beheer`)
  const notice = desk.locator('[data-qa="unreached"]')
  await expect(notice).toContainText("binnen 6 weken zonder ouder met een account")
  await notice.getByRole("link").click()
  await expect(desk.getByLabel("Start binnenkort")).toBeChecked()
  await expect(desk.getByLabel("Geen ouder met account")).toBeChecked()
  await desk.goto(`${desk.url()}&q=sterre+onb`)
  await expect(desk.locator('[data-qa="row"]')).toHaveCount(1)
})

/** A day that lies so many days from today, as a date field wants it. */
const day = (from: number): string => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10)
