import { origin, PASSWORD, people } from "./support/portal"
import { expect, fillSignIn, signIn, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const neutral = "Deze gebruikersnaam en dit wachtwoord horen niet bij elkaar."

test("a parent signs in, asks for a page and gets it, and signs out", async ({ visitor }) => {
  const page = await visitor()
  await page.goto(`${bathmen}/overig`)
  await expect(page).toHaveURL(`${bathmen}/inloggen?next=%2Foverig`)
  await fillSignIn(page, people.vader.email, PASSWORD)
  await expect(page).toHaveURL(`${bathmen}/overig`)
  await expect(page.getByRole("definition").filter({ hasText: "Daan Roelofs" })).toBeVisible()

  await page.getByRole("button", { name: "Uitloggen", exact: true }).last().click()
  await expect(page).toHaveURL(`${bathmen}/inloggen`)
  await expect(page.getByRole("status").getByText("Je bent uitgelogd.")).toBeVisible()
  await page.goBack()
  await page.goto(`${bathmen}/overig`)
  await expect(page).toHaveURL(/\/inloggen/)
})

test("a wrong password and an unknown address get the same answer", async ({ visitor, watch }) => {
  watch.allow(/status of 422/)
  const page = await visitor()
  const answers: string[] = []
  for (const [email, password] of [[people.oma.email, "niet het wachtwoord"], ["niemand@bathmen.example", PASSWORD]]) {
    await page.goto(`${bathmen}/inloggen`)
    await fillSignIn(page, email, password)
    const summary = page.locator(".errors")
    await expect(summary).toBeFocused()
    await expect(summary).toContainText(neutral)
    await expect(page).toHaveTitle(/^Fout: /)
    await expect(page.getByLabel("Gebruikersnaam")).toHaveValue(email)
    await expect(page.getByLabel("Wachtwoord", { exact: true })).toHaveValue("")
    answers.push((await page.locator("main").innerText()).trim())
  }
  expect(answers[0]).toBe(answers[1])
})

test("signing in needs nothing but a keyboard, on a screen of 320 px", async ({ visitor }) => {
  const page = await visitor({ viewport: { width: 320, height: 640 } })
  await page.goto(`${bathmen}/inloggen`)
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("name") ?? document.activeElement?.textContent?.trim())
  await page.keyboard.press("Tab")
  expect(await focused()).toBe("Naar de inhoud")
  await page.keyboard.press("Enter")
  await expect(page.getByRole("main")).toBeFocused()
  await page.keyboard.press("Tab")
  expect(await focused()).toBe("username")
  await page.keyboard.type(people.vader.email)
  await page.keyboard.press("Tab")
  expect(await focused()).toBe("password")
  await page.keyboard.type(PASSWORD)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(people.vader.home)
})

test("a password can be looked at while typing", async ({ visitor }) => {
  const page = await visitor()
  await page.goto(`${bathmen}/inloggen`)
  const field = page.getByLabel("Wachtwoord", { exact: true })
  await field.fill("zichtbaar")
  await page.getByRole("button", { name: "Wachtwoord tonen" }).click()
  await expect(field).toHaveAttribute("type", "text")
  await expect(field).toHaveValue("zichtbaar")
})

test("staff come to their group, and somebody with two roles changes over", async ({ visitor }) => {
  const page = await visitor()
  await signIn(page, people.marieke)
  await page.goto(`${bathmen}/overig`)
  await page.locator('[data-qa="switch-role"] button').click()
  await expect(page).toHaveURL(`${bathmen}/`)
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Bo")
})
