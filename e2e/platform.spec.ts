import { withAuthenticator } from "./support/authenticator"
import { faultless } from "./support/axe"
import { codeOf, withCode } from "./support/codes"
import { misfits } from "./support/fits"
import { linkInMail, openMail } from "./support/inbox"
import { look } from "./support/look"
import { beheer, operator, signInAsOperator } from "./support/operator"
import { command, origin } from "./support/portal"
import { expect, fillSignIn, test } from "./support/test"

test("an operator starts an organisation, whose admin follows the mail, and looks into another one", async ({ visitor, watch }) => {
  test.setTimeout(180_000)
  watch.allow(/status of (403|422)/)
  const page = await visitor()
  await signInAsOperator(page)
  await expect(page.locator('[data-qa="organisation"]').filter({ hasText: "Klaproos" })).toBeVisible()
  await faultless(page)

  const slug = `zonnebloem-${Date.now().toString(36)}`
  await page.locator('[data-qa="new"]').click()
  await page.getByLabel("Naam van de organisatie").fill("De Zonnebloem")
  await page.getByLabel("Adres van het portaal").fill("beheer")
  await expect(page.locator('[data-qa="taken"]')).toBeVisible()
  await page.getByLabel("Adres van het portaal").fill(slug)
  await expect(page.locator('[data-qa="free"]')).toContainText(slug)
  await page.getByLabel("Voornaam").fill("Sanne")
  await page.getByLabel("Achternaam").fill("Terpstra")
  await page.getByLabel("E-mailadres").fill(`sanne@${slug}.example`)
  await faultless(page)
  await page.getByRole("button", { name: "Organisatie starten en uitnodigen" }).click()
  await expect(page.locator("h1")).toHaveText("De Zonnebloem")
  await faultless(page)

  const admin = await visitor()
  await admin.goto(`${origin(slug)}/inloggen`)
  await openMail(admin, `sanne@${slug}.example`, /De Zonnebloem/)
  await admin.goto(await linkInMail(admin, /\/activeren\//))
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Welkom, Sanne")

  for (const path of ["/bezorging", "/melding", "/beveiliging", "/bevestigen"]) {
    await page.goto(beheer + path)
    await faultless(page)
  }

  await page.goto(`${beheer}/?q=klaproos`)
  await page.locator('[data-qa="organisation"]').click()
  await page.locator('[data-qa="visit"]').click()
  await faultless(page)
  await withCode(operator, async (code) => {
    await page.getByLabel("Reden").fill("Ouder mist een dag in het dagboek")
    await page.getByLabel("Code uit je app").fill(code)
    await page.getByRole("button", { name: "Inzage starten" }).click()
    await expect(page.locator('[data-qa="to-portal"]')).toBeVisible()
  })
  await page.locator('[data-qa="to-portal"]').click()
  await page.getByRole("button", { name: "Beginnen" }).click()
  await expect(page.locator('[data-qa="visit"]')).toContainText("Ruud Hofstede")
  await page.goto(`${origin("klaproos")}/beheer/kinderen`)
  await expect(page.locator('[data-qa="visit"]')).toBeVisible()
  await faultless(page)
  await page.getByRole("button", { name: "Inzage beëindigen" }).click()
  await expect(page).toHaveURL(/\/inloggen/)
})

test("the platform's pages have room on the smallest phone with large text", async ({ visitor }) => {
  test.setTimeout(120_000)
  const page = await visitor({ viewport: { width: 320, height: 640 } })
  await signInAsOperator(page)
  const paths = ["/", "/organisaties/nieuw", "/bezorging", "/melding", "/beveiliging", "/bevestigen"]
  await page.goto(`${beheer}/?q=klaproos`)
  const organisation = new URL((await page.locator('[data-qa="organisation"]').getAttribute("href")) ?? "", beheer).pathname
  for (const path of [...paths, organisation, `${organisation}/limieten`, `${organisation}/opschorten`, `${organisation}/toegang`]) {
    await page.goto(beheer + path)
    await page.evaluate(async () => {
      document.documentElement.style.fontSize = "200%"
      await document.fonts.ready
    })
    expect.soft(await misfits(page), path).toEqual([])
  }
})

test("the platform's pages in every width and scheme", async ({ visitor, watch }) => {
  test.setTimeout(300_000)
  watch.allow(/status of 422/)
  const page = await visitor()
  await page.goto(beheer)
  await look(page, "platform-sign-in")
  await page.setViewportSize({ width: 1194, height: 834 })
  await signInAsOperator(page)
  await look(page, "platform-list")
  const organisation = new URL((await page.locator('[data-qa="organisation"]').first().getAttribute("href")) ?? "", beheer).pathname
  await page.goto(beheer + organisation)
  await look(page, "platform-organisation")
  for (const path of ["beveiliging", "bevestigen", "organisaties/nieuw", "bezorging"]) {
    await page.goto(`${beheer}/${path}`)
    await look(page, `platform-${path.replace("/", "-")}`)
  }
  await page.goto(`${beheer}/melding`)
  await page.locator('[data-qa="say"]').evaluate((form) => (form as HTMLFormElement).noValidate = true)
  await page.getByRole("button", { name: "Plaatsen" }).click()
  await expect(page.locator(".errors")).toBeVisible()
  await look(page, "platform-banner")
})

test("an operator adds a passkey, and shows it after the password", async ({ visitor, watch }) => {
  test.setTimeout(120_000)
  watch.allow(/status of (403|422)/)
  const email = `passkey-${Date.now().toString(36)}@platform.example`, chosen = "een paarse fiets vol knikkers"
  const page = await visitor({ viewport: { width: 390, height: 844 } })
  const { saysYes } = await withAuthenticator(page)
  await page.goto(/http\S+\/begin\/\S+/.exec(command("operator", "create", email, "Petra Sleutel"))![0])
  await page.getByLabel("Nieuw wachtwoord").fill(chosen)
  await page.getByLabel("Code uit je app").fill(codeOf((await page.locator('[data-qa="secret"]').innerText()).replaceAll(" ", "")))
  await page.locator('[data-qa="start"] button[type="submit"]').click()
  await expect(page.locator("h1")).toHaveText("Organisaties")

  await page.goto(`${beheer}/beveiliging`)
  await page.getByLabel("Naam van de passkey").fill("Mijn laptop")
  await page.getByRole("button", { name: "Passkey toevoegen" }).click()
  await expect(page.locator('[data-qa="passkey-row"]')).toContainText("Mijn laptop")
  await faultless(page)
  await page.goto(beheer)
  await page.locator('[data-qa="sign-out"] button').click({ force: true })
  await expect(page).toHaveURL(/\/inloggen/)

  await fillSignIn(page, email, chosen)
  await expect(page).toHaveURL(/\/inloggen\/code/)
  await faultless(page)
  await test.step("a finger that says no, or a code that is wrong, changes nothing", async () => {
    await page.getByLabel("Code uit je app").fill("123")
    await page.locator('[data-qa="code"] button[type="submit"]').click()
    await expect(page.locator(".errors")).toBeFocused()
    await expect(page.getByRole("button", { name: "Inloggen met passkey" })).toBeVisible()
  })
  await saysYes(true)
  await page.getByRole("button", { name: "Inloggen met passkey" }).click()
  await expect(page.locator("h1")).toHaveText("Organisaties")
  await page.goto(`${beheer}/beveiliging`)
  await expect(page.locator('[data-qa="passkey-row"]')).toContainText("Laatst gebruikt")
  await page.getByRole("button", { name: "Passkey Mijn laptop verwijderen" }).click()
  await expect(page.locator('[data-qa="passkey-row"]')).toHaveCount(0)
})

test("an organisation begins with example data, which its pages say", async ({ visitor, watch }) => {
  test.setTimeout(240_000)
  watch.allow(/status of 422/)
  const page = await visitor()
  await signInAsOperator(page)
  const slug = `voorbeeld-${Date.now().toString(36)}`
  await page.goto(`${beheer}/organisaties/nieuw`)
  await page.getByLabel("Begin met voorbeeldgegevens").check()
  await page.getByLabel("Naam van de organisatie").fill("Voorbeeldopvang")
  await page.getByLabel("Adres van het portaal").fill(slug)
  await page.getByLabel("Voornaam").fill("Vera")
  await page.getByLabel("Achternaam").fill("Voorbeeld")
  await page.getByLabel("E-mailadres").fill("geen adres")
  await page.locator('[data-qa="found"]').evaluate((form) => (form as HTMLFormElement).noValidate = true)
  await page.getByRole("button", { name: "Organisatie starten en uitnodigen" }).click()
  await expect(page.locator(".errors")).toBeVisible()
  await expect(page.getByLabel("Begin met voorbeeldgegevens")).toBeChecked()
  await page.getByLabel("E-mailadres").fill(`vera@${slug}.test`)
  await page.getByRole("button", { name: "Organisatie starten en uitnodigen" }).click()
  await expect(page.locator("h1")).toHaveText("Voorbeeldopvang")
  await expect(page.locator('[data-qa="example-ready"]')).toBeVisible({ timeout: 150_000 })
  await faultless(page)

  const admin = await visitor()
  await openMail(admin, `vera@${slug}.test`, /Voorbeeldopvang/)
  await admin.goto(await linkInMail(admin, /\/activeren\//))
  await expect(admin.locator('[data-qa="banner"]')).toContainText("verzonnen")
  await admin.getByLabel("Nieuw wachtwoord").fill("een paarse fiets vol knikkers")
  await admin.getByRole("button", { name: "Account activeren" }).click()
  await admin.getByLabel("Code uit je app").fill(codeOf((await admin.locator('[data-qa="secret"]').innerText()).replaceAll(" ", "")))
  await admin.locator('[data-qa="confirm-app"] button[type="submit"]').click()
  await admin.getByRole("link", { name: "Ik heb ze bewaard" }).click()
  await expect(admin.locator('[data-qa="numbers"]')).toBeVisible()
  await expect(admin.locator('[data-qa="step-children"]')).toContainText("Klaar")
  await faultless(admin)
})
