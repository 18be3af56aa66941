import { look } from "./support/look"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const refused = /status of (404|409|422)/

const list = async (page: Page, path: string): Promise<void> => {
  await page.goto(`${bathmen}/beheer/${path}`)
  await expect(page.locator('[data-qa="row"]').first()).toBeVisible()
}

/** Opens the page of the first child or person of a list. */
const first = async (page: Page, path: string): Promise<void> => {
  await list(page, `${path}?q=ma`)
  await page.goto(bathmen + (await page.locator('[data-qa="row"] a').first().getAttribute("href")))
  await expect(page.locator("h1")).toBeVisible()
}

const peek = async (page: Page): Promise<void> => {
  await list(page, "kinderen?q=ma")
  await page.locator('[data-qa="child"]').first().click()
  await expect(page.locator(".peek .ident h2")).toBeVisible()
}

const pages: Record<string, (page: Page) => Promise<unknown>> = {
  overview: (page) => page.goto(`${bathmen}/beheer`),
  children: (page) => list(page, "kinderen?q=ma"), // axe takes long for fifty rows
  "children-none": (page) => page.goto(`${bathmen}/beheer/kinderen?q=niemand`),
  peek,
  child: (page) => first(page, "kinderen"),
  "child-accesses": async (page) => {
    await first(page, "kinderen")
    await page.locator('[data-qa="accesses"]').click()
    await expect(page.locator('[data-qa="access"]').first()).toBeVisible()
  },
  "child-wrong": async (page) => {
    await page.goto(`${bathmen}/beheer/kinderen/nieuw`)
    await page.locator('[data-qa="save"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  placement: async (page) => {
    await first(page, "kinderen")
    await page.locator('[data-qa="edit-placement"]').first().click()
    await expect(page.locator('[data-qa="placement-form"]')).toBeVisible()
  },
  guardian: async (page) => {
    await first(page, "kinderen")
    await page.locator('[data-qa="guardian"] a').first().click()
    await expect(page.locator('[data-qa="tie-form"]')).toBeVisible()
  },
  "guardian-new": async (page) => {
    await first(page, "kinderen")
    await page.goto(`${page.url()}/ouders/nieuw`)
  },
  parents: (page) => list(page, "ouders?q=ma"),
  parent: (page) => first(page, "ouders"),
  staff: (page) => list(page, "medewerkers?q=an"),
  "staff-member": (page) => first(page, "medewerkers"),
  absences: (page) => page.goto(`${bathmen}/beheer/afwezig`),
  declarations: (page) => page.goto(`${bathmen}/beheer/verklaringen`),
  declaration: async (page) => {
    await page.goto(`${bathmen}/beheer/verklaringen`)
    await page.locator('[data-qa="declaration"] a').last().click()
    await expect(page.locator('[data-qa="stand"]')).toBeVisible()
  },
  "declaration-paper": async (page) => {
    await page.goto(`${bathmen}/beheer/verklaringen`)
    await page.getByRole("link", { name: "Inentingen" }).click()
    await page.locator('[data-qa="paper"]').first().click()
    await expect(page.locator('[data-qa="paper-form"]')).toBeVisible()
  },
  "declaration-new": (page) => page.goto(`${bathmen}/beheer/verklaringen/nieuw`),
  requests: (page) => page.goto(`${bathmen}/beheer/wijzigingen`),
  retention: (page) => page.goto(`${bathmen}/beheer/bewaartermijnen`),
  "retention-files": (page) => page.goto(`${bathmen}/beheer/bewaartermijnen/dossiers`),
  "retention-hold-wrong": async (page) => {
    await page.goto(`${bathmen}/beheer/bewaartermijnen/dossiers`)
    await page.getByRole("link", { name: /^Pim/ }).click()
    await page.locator('[data-qa="save"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  agenda: (page) => page.goto(`${bathmen}/beheer/agenda`),
  "agenda-entry": async (page) => {
    await page.goto(`${bathmen}/beheer/agenda`)
    await page.locator('[data-qa="edit-entry"]').first().click()
    await expect(page.locator('[data-qa="remove-entry"]')).toBeVisible()
  },
  messages: (page) => page.goto(`${bathmen}/beheer/berichten`),
  message: async (page) => {
    await page.goto(`${bathmen}/beheer/berichten`)
    await page.locator('[data-qa="thread"]').first().click()
    await expect(page.locator("#antwoord")).toBeVisible()
  },
  "message-withdrawal": async (page) => {
    await page.goto(`${bathmen}/beheer/berichten`)
    await page.locator('[data-qa="thread"]').first().click()
    await page.locator('[data-qa="ask-withdrawal"]').first().click()
    await page.locator('[data-qa="withdraw"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "message-settings": (page) => page.goto(`${bathmen}/beheer/berichten/instellingen`),
  "message-hours": async (page) => {
    await page.goto(`${bathmen}/beheer/berichten/instellingen`)
    await page.locator('main a[href*="/leestijden/"]').first().click()
    await expect(page).toHaveURL(/leestijden/)
  },
  "message-template-wrong": async (page) => {
    await page.goto(`${bathmen}/beheer/berichten/standaardantwoorden/nieuw`)
    await page.locator("main form").last().evaluate((form: HTMLFormElement) => { form.noValidate = true })
    await page.locator('main form button[type="submit"]').last().click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  places: (page) => page.goto(`${bathmen}/beheer/locaties`),
  location: (page) => page.goto(`${bathmen}/beheer/locaties/nieuw`),
  "location-wrong": async (page) => {
    await page.goto(`${bathmen}/beheer/locaties`)
    await page.locator('[data-qa="location"]').filter({ hasText: "De Brink" }).getByRole("link", { name: "Wijzigen" }).click()
    await page.locator('[name="again_from_1"]').fill("17:00")
    await page.locator('[name="again_to_1"]').fill("19:00")
    await page.locator('[data-qa="save-opening"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "team-profile": async (page) => {
    await page.goto(`${bathmen}/beheer/locaties`)
    await page.locator('[data-qa="location"]').filter({ hasText: "De Brink" }).getByRole("link", { name: "Wijzigen" }).click()
    await page.locator('[data-qa="colleague"]').filter({ hasText: "Marieke" }).getByRole("link").click()
    await expect(page.locator('[data-qa="card-form"]')).toBeVisible()
  },
  group: async (page) => {
    await page.goto(`${bathmen}/beheer/locaties`)
    await page.locator('[data-qa="group"] a').first().click()
    await expect(page.locator('[data-qa="group-form"]')).toBeVisible()
  },
  rights: (page) => page.goto(`${bathmen}/beheer/rollen`),
  settings: (page) => page.goto(`${bathmen}/beheer/instellingen`),
  "sign-in-rules": (page) => page.goto(`${bathmen}/beheer/instellingen/inloggen`), // or the page that asks first who it is
  "house-style": (page) => page.goto(`${bathmen}/beheer/huisstijl`),
  "house-style-wrong": async (page) => {
    await page.goto(`${bathmen}/beheer/huisstijl`)
    await page.locator('[data-qa="set-logo"]').evaluate((form: HTMLFormElement) => { form.noValidate = true })
    await page.locator('[data-qa="send-logo"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  texts: (page) => page.goto(`${bathmen}/beheer/teksten`),
  text: (page) => page.goto(`${bathmen}/beheer/teksten/privacy?taal=nl`),
  presence: async (page) => {
    await page.goto(`${bathmen}/beheer`)
    await page.locator('[data-qa="presence"] a').first().click()
    await expect(page.locator("h1")).toContainText("Vandaag op")
  },
  unanswered: (page) => page.goto(`${bathmen}/beheer/onbeantwoord`),
  failures: (page) => page.goto(`${bathmen}/beheer/bezorging`),
  search: (page) => page.goto(`${bathmen}/beheer/zoeken?q=ma`),
  find: async (page) => {
    await page.goto(`${bathmen}/beheer`)
    await page.keyboard.press("Control+k")
    await page.locator('[data-qa="find"]').getByRole("combobox").fill("ma")
    await expect(page.locator('[data-qa="find"]').getByRole("option").first()).toBeVisible()
  },
  log: (page) => list(page, "logboek?actie=identity.sign_in"),
}

test.describe("pages", () => {
  test.describe.configure({ timeout: 120_000 })
  for (const [name, open] of Object.entries(pages)) {
    test(`console: ${name}`, async ({ as, watch }) => {
      watch.allow(refused)
      const page = await as(people.admin)
      await open(page)
      await look(page, `console-${name}`)
    })
  }
})

test("an admin keeps a family in order", async ({ as, watch }) => {
  watch.allow(refused)
  const admin = await as(people.admin)

  await test.step("adds a child with a placement, and is told what cannot be", async () => {
    await admin.goto(`${bathmen}/beheer/kinderen`)
    await admin.locator('[data-qa="add-child"]').click()
    await admin.getByLabel("Voornaam").fill("Fenna")
    await admin.getByLabel("Achternaam").fill("Bakker-Smit")
    await admin.getByLabel("Geboortedatum").fill(day(-400))
    await admin.getByLabel("Groep", { exact: true }).selectOption({ index: 1 })
    await admin.getByLabel("Eerste dag").fill(day(20))
    await admin.getByLabel("Laatste dag").fill(day(10))
    await admin.getByLabel("maandag", { exact: true }).check()
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.locator(".errors")).toContainText("De laatste dag ligt voor de eerste dag.")
    await expect(admin.getByLabel("Achternaam")).toHaveValue("Bakker-Smit")
    await admin.getByLabel("Laatste dag").fill("")
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.locator("h1")).toHaveText("Fenna Bakker-Smit")
    await expect(admin.locator('[data-qa="placement"]')).toHaveCount(1)
  })
  const file = admin.url()

  await test.step("with two guardians in two households", async () => {
    for (const [name, household, phone] of [["Roos", "1", "0612345678"], ["Jasper", "2", "0687654321"]]) {
      await admin.goto(`${file}/ouders/nieuw`)
      await admin.getByLabel("Voornaam").fill(name)
      await admin.getByLabel("E-mailadres").fill(`${name.toLowerCase()}.fenna@bathmen.example`)
      await admin.getByLabel("Telefoon").fill(phone)
      await admin.getByLabel("Huishouden").selectOption(household)
      await admin.locator('[data-qa="save"]').click()
      await expect(admin.locator("h1")).toHaveText("Fenna Bakker-Smit")
    }
    await expect(admin.locator('[data-qa="guardian"]')).toHaveCount(2)
    await expect(admin.locator('[data-qa="guardian"]').last()).toContainText("Huishouden 2")
  })

  await test.step("is led from the tab that has her not to the one that has", async () => {
    await admin.goto(`${bathmen}/beheer/kinderen?q=fenna+bak`)
    await expect(admin.getByRole("heading", { name: "Niets gevonden bij Actief" })).toBeVisible()
    await admin.getByRole("link", { name: "1 gevonden bij Start binnenkort" }).click()
    await expect(admin.locator('[data-qa="row"]')).toHaveCount(1)
  })

  await test.step("finds her while typing, and walks through the list with the keyboard", async () => {
    await admin.goto(`${bathmen}/beheer/kinderen?status=soon`)
    await admin.locator("#q").focus()
    await admin.keyboard.type("fenna bak")
    await expect(admin.locator('[data-qa="row"]')).toHaveCount(1)
    await expect(admin.locator("#q")).toBeFocused()
    await expect(admin).toHaveURL(/q=fenna/)
    await expect(async () => { // an answer to an earlier letter may still take the row, and with it the focus
      await admin.locator('[data-qa="child"]').focus()
      await admin.keyboard.press("Enter")
      await expect(admin.locator(".peek .ident h2")).toHaveText("Fenna Bakker-Smit", { timeout: 2_000 })
    }).toPass()
    await admin.keyboard.press("Escape")
    await expect(admin.locator(".peek .ident h2")).toHaveCount(0)
    await expect(admin.locator('[data-qa="child"]')).toBeFocused()
    await admin.goto(`${bathmen}/beheer/kinderen`)
    await admin.locator('[data-qa="child"]').first().focus()
    await admin.keyboard.press("j")
    await expect(admin.locator('[data-qa="child"]').nth(1)).toBeFocused()
    await admin.keyboard.press("k")
    await expect(admin.locator('[data-qa="child"]').first()).toBeFocused()
  })

  await test.step("and overwrites nothing that a second browser changed", async () => {
    const second = await as(people.admin)
    await second.goto(`${file}/wijzigen`)
    await admin.goto(`${file}/wijzigen`)
    await admin.getByLabel("Achternaam").fill("Bakker")
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.locator("h1")).toHaveText("Fenna Bakker")
    await second.getByLabel("Achternaam").fill("Smit")
    await second.getByLabel("Geboortedatum").fill(day(-401))
    await second.locator('[data-qa="save"]').click()
    const conflict = second.locator('[data-qa="conflict"]')
    await expect(conflict).toContainText("nu Bakker, jij typte Smit")
    await expect(conflict).not.toContainText("Geboortedatum:") // only she changed it, and it is still there
    await expect(second.getByLabel("Geboortedatum")).toHaveValue(day(-401))
    await expect(second.getByLabel("Achternaam")).toHaveValue("Smit")
    await look(second, "console-conflict")
    await admin.reload()
    await expect(admin.locator("h1")).toHaveText("Fenna Bakker")
  })

  await test.step("and takes back what was a mistake", async () => {
    await admin.goto(file)
    await admin.locator('[data-qa="edit-placement"]').click()
    await admin.locator('[data-qa="cancel-placement"]').click()
    await expect(admin.locator('[data-qa="placement"]')).toContainText("Geannuleerd")
    await admin.getByRole("button", { name: "Ongedaan maken" }).click()
    await expect(admin.locator('[data-qa="placement"]')).not.toContainText("Geannuleerd")
    await admin.goto(`${file}/wijzigen`)
    await admin.getByLabel("Voornaam").fill("Fenne")
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.locator("h1")).toHaveText("Fenne Bakker")
    await expect(admin.locator('[data-qa="history"]')).toContainText("Voornaam: van Fenna naar Fenne")
    await admin.getByRole("button", { name: "Ongedaan maken" }).click()
    await expect(admin.locator("h1")).toHaveText("Fenna Bakker")
  })
})

test("a guardian who is blocked loses the open page", async ({ as, watch }) => {
  watch.allow(refused)
  const parent = await as(people.vertrokken), admin = await as(people.admin)
  await admin.goto(`${bathmen}/beheer/ouders?status=gone&q=${people.vertrokken.email}`)
  if ((await admin.locator('[data-qa="row"]').count()) === 0) await admin.goto(`${bathmen}/beheer/ouders?q=${people.vertrokken.email}`)
  await admin.goto(bathmen + (await admin.locator('[data-qa="person"]').first().getAttribute("href")))
  await admin.locator(".lines a").first().click()
  await expect(admin).toHaveURL(/kinderen/)
  const child = (await admin.locator("h1").innerText()).split(" ")[0]
  await parent.goto(bathmen)
  await expect(parent.locator("body")).toContainText(child)

  await admin.locator('[data-qa="guardian"] a').first().click()
  await admin.getByLabel("Waarom?").fill("uitspraak van de rechter")
  await admin.locator('[data-qa="block"]').click()
  await expect(admin.locator('[data-qa="guardian"]').first()).toContainText("Geblokkeerd")
  await parent.reload()
  await expect(parent.locator("body")).not.toContainText(child)

  await admin.locator('[data-qa="guardian"] a').first().click()
  await admin.locator('[data-qa="unblock"]').click()
  const question = admin.getByRole("dialog")
  await expect(question).toContainText("uitspraak van de rechter")
  await question.getByRole("button", { name: "Blokkade opheffen" }).click()
  await expect(admin.locator('[data-qa="guardian"]').first()).not.toContainText("Geblokkeerd")
  await parent.reload()
  await expect(parent.locator("body")).toContainText(child)
})

test("the list of children tells on a tablet when they started", async ({ as }) => {
  const admin = await as(people.admin, { viewport: { width: 1194, height: 834 } })
  await list(admin, "kinderen?q=ma")
  await expect(admin.getByRole("link", { name: "Start", exact: true })).toBeVisible()
  const row = admin.locator('[data-qa="row"]').first()
  const start = row.locator(":scope > *").nth(2).locator(".num")
  await expect(start).toHaveText(/^\d+ [a-z]+ \d{4}$/)
  expect(await start.evaluate((cell) => cell.getBoundingClientRect().right > cell.parentElement!.getBoundingClientRect().right + 1 || cell.getClientRects().length > 1)).toBe(false)
  const week = await row.locator(".weekdays").boundingBox()
  expect(week!.height).toBeLessThan(40)
})

test("a manager keeps the own location only", async ({ as, watch }) => {
  watch.allow(refused, /status of 403/)
  const admin = await as(people.admin), manager = await as(people.manager)
  await admin.goto(`${bathmen}/beheer/locaties`)
  await manager.goto(`${bathmen}/beheer/locaties`)
  const all = await admin.locator('[data-qa="location"] h2').allInnerTexts(), own = await manager.locator('[data-qa="location"] h2').allInnerTexts()
  expect(own.length).toBeGreaterThan(0)
  expect(own.length).toBeLessThan(all.length)
  const hrefs = async (page: Page): Promise<(string | null)[]> => {
    await list(page, "kinderen")
    return page.locator('[data-qa="child"]').evaluateAll((links) => links.map((link) => link.getAttribute("href")))
  }
  const kept = await hrefs(manager), foreign = (await hrefs(admin)).find((href) => !kept.includes(href))
  expect(foreign, "a child of another location").toBeDefined()
  expect((await manager.goto(bathmen + foreign))!.status()).toBe(404)
  await manager.goto(`${bathmen}/beheer/kinderen`)
  await expect(manager.locator('[data-qa="row"]').first()).toBeVisible()
  await expect(manager.getByRole("link", { name: "Logboek" })).toHaveCount(0)
  await manager.goto(`${bathmen}/beheer`)
  await look(manager, "console-manager")
})

/** A day that lies so many days from today, as a date field wants it. */
function day(from: number): string {
  return new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10)
}
