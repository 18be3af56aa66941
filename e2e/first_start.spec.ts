// The first day: an installation in which nothing and nobody is, until a parent reads the first news.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { faultless } from "./support/axe"
import { codeOf } from "./support/codes"
import { linkInMail, openMail } from "./support/inbox"
import { command, origin } from "./support/portal"
import { start } from "./support/start_demo"
import { expect as usual, fillSignIn, test, type Page } from "./support/test"

const CHOSEN = "een paarse fiets vol knikkers"
const PARENT = "familie3@gezinnen.example" // of Софія, who begins in the coming weeks
const LATER = { timeout: 40_000 } // what a worker does
const expect = usual.configure({ timeout: 20_000 }) // a second demo is at work beside it

// Everything here runs against an installation of its own.
const before = { ...process.env }
let stop: () => Promise<void>
let ours: string[] = []
test.beforeAll(async () => {
  test.setTimeout(180_000)
  const empty = await start("--empty")
  stop = empty.stop
  ours = Object.keys(empty.where)
  Object.assign(process.env, empty.where)
})
test.afterAll(async () => {
  test.setTimeout(60_000)
  for (const name of ours) process.env[name] = before[name] // the next file may run in this process
  await stop?.()
})

/** Sets up the authenticator app that the page shows. */
async function withApp(page: Page, form: string): Promise<void> {
  const secret = (await page.locator('[data-qa="secret"]').innerText()).replaceAll(" ", "")
  await page.getByLabel("Code uit je app").fill(codeOf(secret))
  await page.locator(`[data-qa="${form}"] button[type="submit"]`).click()
}

/** Sends a file as an admin does, and waits until all of it is in. */
async function bring(page: Page, file: string, changes: RegExp): Promise<void> {
  await page.getByRole("link", { name: "Importeren" }).first().click()
  await page.getByLabel("Bestand").setInputFiles(join(process.env.E2E_DATA ?? "", "demo", file))
  await page.locator('[data-qa="send"]').click()
  await expect(page.locator('[data-qa="changes"]')).toHaveText(changes)
  const looked = page.getByLabel("Ik heb de fouten en waarschuwingen bekeken")
  if (await looked.isVisible()) await looked.check()
  await page.locator('[data-qa="apply-button"]').click()
  await expect(page.locator('[data-qa="done"]')).toBeVisible(LATER)
}

test("from an empty installation to a parent who reads the news", async ({ visitor, watch }) => {
  test.setTimeout(300_000)
  watch.allow(/status of 422/)
  const beheer = origin("beheer"), portal = origin("zonnebloem")

  const operator = await visitor()
  await test.step("the first operator begins by the link of the command line", async () => {
    const link = /http\S+\/begin\/\S+/.exec(command("operator", "create", "ruud@platform.example", "Ruud Hofstede"))
    await operator.goto(link![0])
    await operator.getByLabel("Nieuw wachtwoord").fill(CHOSEN)
    await withApp(operator, "start")
    await expect(operator.locator("h1")).toHaveText("Organisaties")
    await expect(operator.getByText("Er zijn nog geen organisaties")).toBeVisible()
    await faultless(operator)
  })

  await test.step("and starts an organisation", async () => {
    await operator.locator('[data-qa="new"]').click()
    await operator.getByLabel("Naam van de organisatie").fill("De Zonnebloem")
    await operator.getByLabel("Adres van het portaal").fill("zonnebloem")
    await operator.getByLabel("Voornaam").fill("Sanne")
    await operator.getByLabel("Achternaam").fill("Terpstra")
    await operator.getByLabel("E-mailadres").fill("sanne@zonnebloem.example")
    await operator.getByRole("button", { name: "Organisatie starten en uitnodigen" }).click()
    await expect(operator.locator("h1")).toHaveText("De Zonnebloem")
  })

  const admin = await visitor()
  const steps = admin.locator('[data-qa="first-steps"]')
  const taken = (key: string) => admin.locator(`[data-qa="step-${key}"]`).getByText("Klaar")
  await test.step("its admin follows the mail, and sets up a second step", async () => {
    await openMail(admin, "sanne@zonnebloem.example", /De Zonnebloem/)
    await admin.goto(await linkInMail(admin, /\/activeren\//))
    await admin.getByLabel("Nieuw wachtwoord").fill(CHOSEN)
    await admin.getByRole("button", { name: "Account activeren" }).click()
    await expect(admin.locator("h1")).toHaveText("Authenticator-app instellen")
    await withApp(admin, "confirm-app")
    await admin.getByRole("link", { name: "Ik heb ze bewaard" }).click()
    await expect(admin).toHaveURL(`${portal}/beheer`)
    await expect(steps.getByRole("listitem")).toHaveCount(7)
    await expect(steps.getByText("Klaar")).toHaveCount(0)
    await faultless(admin)
  })

  await test.step("finds the way on from every page that is empty", async () => {
    for (const [path, way] of [["locaties", "Importeren"], ["kinderen", "Kind toevoegen"], ["ouders", "Kinderen"], ["agenda", "Toevoegen"], ["uitnodigingen", "Kinderen"]]) {
      await admin.goto(`${portal}/beheer/${path}`)
      await expect.soft(admin.locator(".empty").getByRole("link", { name: way }), path).toBeVisible()
      await faultless(admin)
    }
  })

  await test.step("brings in places, colleagues and a planning", async () => {
    await bring(admin, "locaties.csv", /wijziging/)
    await bring(admin, "medewerkers.csv", /wijziging/)
    await bring(admin, "planning.csv", /286 wijzigingen/)
    await admin.goto(`${portal}/beheer`)
    for (const key of ["location", "group", "staff", "children"]) await expect(taken(key)).toBeVisible()
    await expect(admin.locator('[data-qa="numbers"]')).toBeVisible()
  })

  await test.step("gives the portal a colour and a logo", async () => {
    await steps.getByRole("link", { name: "Geef het portaal jullie kleur en logo" }).click()
    await admin.getByLabel("Jullie kleur").evaluate((field: HTMLInputElement) => { field.value = "#8a3ffc"; field.dispatchEvent(new Event("input", { bubbles: true })) })
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.getByRole("status").getByText("De huisstijl is opgeslagen")).toBeVisible()
    await admin.locator('[data-qa="set-logo"] input[type="file"]').setInputFiles({ name: "logo.jpg", mimeType: "image/jpeg",
      buffer: readFileSync(join(import.meta.dirname, "../cmd/ouderportaal/demo/scenes/zandbak.jpg")) })
    await admin.locator('[data-qa="send-logo"]').click()
    await expect(admin.locator('[data-qa="logo"] img')).toBeVisible()
  })

  await test.step("publishes news", async () => {
    await admin.goto(`${portal}/beheer`)
    await expect(taken("style")).toBeVisible()
    await steps.getByRole("link", { name: "Schrijf het eerste nieuws" }).click()
    await admin.locator('[data-qa="new-news"]').click()
    await expect(admin.locator('[data-qa="editor"]')).toBeVisible(LATER)
    await admin.getByLabel("Titel").fill("Welkom in ons portaal")
    await admin.locator('[data-qa="editor"]').click()
    await admin.keyboard.type("Vanaf nu lees je hier hoe de dag van je kind was.")
    await expect(admin.locator('[data-qa="saved"]')).toHaveText("Opgeslagen.", LATER)
    await admin.locator('[data-qa="publish"]').click()
    await expect(admin.locator(".toast")).toContainText("Gepubliceerd.")
  })

  await test.step("and invites", async () => {
    await admin.getByRole("link", { name: "Uitnodigingen" }).click() // the step itself may be done: by day the first mails go by themselves
    await expect(admin.locator("h1")).toHaveText("Uitnodigingen", LATER)
    await admin.goto(`${portal}/beheer/uitnodigingen?q=${encodeURIComponent(PARENT)}`)
    const row = admin.locator('[data-qa="row"]').filter({ hasText: PARENT })
    await expect(row).toBeVisible()
    // Within six weeks of the first day, and at an hour of the day, it goes by itself.
    if (await row.getByRole("button", { name: /^Nu versturen/ }).isVisible()) await row.locator('[data-qa="send"]').click()
    await expect(async () => {
      await admin.reload()
      await expect(row).toContainText("Verzonden", { timeout: 500 })
    }).toPass(LATER)
    await admin.goto(`${portal}/beheer`)
    await expect(steps, "everything is done").toHaveCount(0)
  })

  await test.step("a parent follows the mail and reads the news", async () => {
    const parent = await visitor({ viewport: { width: 390, height: 844 } })
    await openMail(parent, PARENT, /Je account bij/)
    await parent.goto(await linkInMail(parent, /\/activeren\//))
    await expect(parent.locator("img.logo")).toBeVisible()
    await parent.getByLabel("Nieuw wachtwoord").fill(CHOSEN)
    await parent.getByRole("button", { name: "Account activeren" }).click()
    await expect(parent).toHaveURL(`${portal}/`)
    await parent.goto(`${portal}/nieuws`)
    await parent.locator('[data-qa="article"]').filter({ hasText: "Welkom in ons portaal" }).click()
    await expect(parent.locator('[data-qa="rich"]')).toContainText("hoe de dag van je kind was")
  })

  await test.step("the operator comes back with a code", async () => {
    await operator.locator('[data-qa="sign-out"] button').click()
    await fillSignIn(operator, "ruud@platform.example", CHOSEN)
    await expect(operator).toHaveURL(`${beheer}/inloggen/code`)
  })
})
