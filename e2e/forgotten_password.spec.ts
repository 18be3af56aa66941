import { linkInMail, openMail } from "./support/inbox"
import { origin, PASSWORD, people } from "./support/portal"
import { expect, fillSignIn, signIn, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const chosen = "een paarse fiets vol knikkers"

test("a forgotten password is replaced by way of a mail, and old sessions end", async ({ visitor, watch }) => {
  watch.allow(/status of 4(22|10|04)/)
  const who = people.informatie
  const elsewhere = await visitor()
  await signIn(elsewhere, who)

  const page = await visitor()
  await page.goto(`${bathmen}/inloggen`)
  await page.getByRole("link", { name: "Wachtwoord vergeten?" }).click()
  await page.getByLabel("E-mailadres").fill(who.email)
  await page.getByRole("button", { name: "Link sturen" }).click()
  await expect(page).toHaveURL(`${bathmen}/wachtwoord/verzonden`)

  await openMail(page, who.email, /wachtwoord/i)
  const link = await linkInMail(page, /\/wachtwoord\/nieuw\//)
  expect(link).toMatch(new RegExp(`^${bathmen}/wachtwoord/nieuw/[\\w-]{43}$`))

  await page.goto(link)
  await page.getByLabel("Nieuw wachtwoord").fill("kort")
  await page.getByRole("button", { name: "Wachtwoord bewaren" }).click()
  await expect(page.locator(".errors")).toBeFocused()
  await expect(page.locator(".errors")).toContainText("minstens")
  await page.getByLabel("Nieuw wachtwoord").fill(chosen)
  await page.getByRole("button", { name: "Wachtwoord bewaren" }).click()
  await expect(page).toHaveURL(who.home)

  await elsewhere.reload()
  await expect(elsewhere).toHaveURL(/\/inloggen/)
  await fillSignIn(elsewhere, who.email, PASSWORD)
  await expect(elsewhere.locator(".errors")).toBeVisible()
  await fillSignIn(elsewhere, who.email, chosen)
  await expect(elsewhere).toHaveURL(who.home)

  await page.goto(link)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Deze link werkt niet meer")
})

test("who is not known gets the same answer and no mail", async ({ visitor }) => {
  const page = await visitor()
  await page.goto(`${bathmen}/wachtwoord`)
  await page.getByLabel("E-mailadres").fill("niemand@bathmen.example")
  await page.getByRole("button", { name: "Link sturen" }).click()
  await expect(page).toHaveURL(`${bathmen}/wachtwoord/verzonden`)
})
