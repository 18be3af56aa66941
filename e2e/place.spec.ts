import { brokenPhotos } from "./support/pictures"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

// Of the manual, 5 and 5.1. Each story has people and a location that no other journey changes.
const bathmen = origin("kinderopvangbathmen"), vuurtoren = origin("devuurtoren"), klaproos = origin("klaproos")

const colleague = (page: Page, name: string) => page.locator('[data-qa="colleague"]').filter({ hasText: name })

/** Whether the picture that a colleague has in the team was really drawn. */
const drawn = (page: Page, name: string) => colleague(page, name).locator("img").evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 0)

test("5 Mijn locatie: the contact data of each location, clearly apart", async ({ as }) => {
  const page = await as(people.grace)
  await page.goto(bathmen)
  await page.getByRole("navigation", { name: "Hoofdmenu" }).getByRole("link", { name: "Mijn locatie" }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mijn locatie")
  const contact = page.locator('[data-qa="contact"]')
  await expect(contact.getByRole("heading")).toHaveText("De Brink")
  await expect(contact.locator('[data-qa="phone"]')).toHaveAttribute("href", "tel:0570001231")
  await expect(contact.locator('[data-qa="email"]')).toHaveAttribute("href", /^mailto:/)
  await expect(contact.locator('[data-qa="map"]')).toHaveAttribute("href", /^https:\/\/www\.openstreetmap\.org\/search\?query=Brinkweg/)
  await expect(contact).toContainText("000101101")
  await expect(page.locator('[data-qa="opening"]')).toContainText("7:30–18:30")
  await expect(page.locator('[data-qa="special"]')).toContainText("Kerst")
  await page.getByRole("navigation", { name: "Kies een locatie" }).getByRole("link", { name: "Het Zonnebos" }).click()
  await expect(contact.getByRole("heading")).toHaveText("Het Zonnebos")
  await expect(page.locator("main")).not.toContainText("De Brink")
})

test("5.1 Ons team: a click on a picture tells more, and a photo that is withdrawn is gone", async ({ as, watch }, info) => {
  watch.allow(/status of 404/) // the photo that is asked for after it was withdrawn
  const parent = await as(people.klaproosOuder), ans = await as(people.ans)
  await parent.goto(`${klaproos}/locatie`)
  const photo = await colleague(parent, "Ans").locator("img").getAttribute("src")
  expect(photo).toMatch(/^\/locatie\/fotos\//)
  await expect.poll(() => drawn(parent, "Ans")).toBe(true)
  await colleague(parent, "Ans").locator("img").click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Ans")
  await expect(parent.locator('[data-qa="introduction"]')).toContainText("ik ben Ans")

  await ans.goto(`${klaproos}/overig`)
  await ans.getByRole("link", { name: "Mijn profiel" }).click()
  await ans.locator('[data-qa="remove-photo"]').click()
  await expect(ans.getByRole("status").getByText("De foto is weg.")).toBeVisible()
  expect(await parent.evaluate(async (path) => (await fetch(path)).status, photo!)).toBe(404)
  await parent.goto(`${klaproos}/locatie`)
  await expect(colleague(parent, "Ans").locator("img")).toHaveAttribute("src", /^\/gezicht\//)

  await ans.getByLabel("Kies een foto van jezelf").setInputFiles(brokenPhotos(info.outputPath("photos")).good)
  await ans.locator('[data-qa="send-photo"]').click()
  await expect(ans.locator('[data-qa="remove-photo"]'), "the page shows it when it is ready").toBeVisible({ timeout: 15_000 })
  await parent.reload()
  await expect.poll(() => drawn(parent, "Ans")).toBe(true)
  expect(await colleague(parent, "Ans").locator("img").getAttribute("src")).not.toBe(photo)
})

test("5.1 Ons team: what an admin wrote is shown when the colleague agrees", async ({ as, watch }) => {
  watch.allow(/status of 422/)
  const admin = await as(people.vuurtorenAdmin), jelle = await as(people.jelle), parent = await as(people.vuurtorenOuder)
  await admin.goto(`${vuurtoren}/beheer/locaties`)
  await admin.locator('[data-qa="location"]').filter({ hasText: "Duinzicht" }).getByRole("link", { name: "Wijzigen" }).click()
  await admin.locator('[name="again_from_5"]').fill("17:00")
  await admin.locator('[name="again_to_5"]').fill("19:00")
  await admin.locator('[data-qa="save-opening"]').click()
  await expect(admin.locator(".errors")).toContainText("Deze tijden vallen over elkaar.")
  await expect(admin.locator('[name="again_to_5"]')).toHaveValue("19:00")
  await admin.locator('[name="to_5"]').fill("16:45")
  await admin.locator('[data-qa="save-opening"]').click()
  await expect(admin.getByRole("status").getByText("bewaard", { exact: false })).toBeVisible()

  await colleague(admin, "Jelle").getByRole("link").click()
  await admin.getByLabel("Introductie").fill("Jelle kent elke schelp van het strand.")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator('[data-qa="card-form"]')).toContainText("wacht op het akkoord van Jelle")
  await parent.goto(`${vuurtoren}/locatie`)
  await expect(parent.locator('[data-qa="opening"]')).toContainText("7:00–16:45, 17:00–19:00")
  await colleague(parent, "Jelle").click()
  await expect(parent.locator('[data-qa="introduction"]')).toContainText("ik ben Jelle")

  await jelle.goto(`${vuurtoren}/meldingen`)
  await jelle.getByText("Er staat een foto of tekst over jou klaar.").click()
  await jelle.locator('[data-qa="agree"]').click()
  await expect(jelle.getByRole("status").getByText("Ouders zien dit vanaf nu.")).toBeVisible()
  await parent.reload()
  await expect(parent.locator('[data-qa="introduction"]')).toContainText("Jelle kent elke schelp van het strand.")
})
