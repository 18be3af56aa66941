import { look } from "./support/look"
import { origin, people } from "./support/portal"
import { expect, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen"), vuurtoren = origin("devuurtoren")

test("a parent reads what is kept, and until when of a child who left", async ({ as }) => {
  test.slow()
  const parent = await as(people.afscheid)
  await parent.goto(`${bathmen}/overig`)
  await parent.locator('a[href="/overig/privacy"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Privacy")
  await expect(parent.locator('[data-qa="left"]')).toContainText("bewaart het dossier nog tot en met")
  await expect(parent.locator('[data-qa="kept-file"]')).toContainText("2 jaar na de laatste dag opvang")
  await expect(parent.getByText("Autoriteit Persoonsgegevens")).toBeVisible()
  await look(parent, "privacy-vertrokken")
  await parent.locator('[data-qa="left"]').getByRole("link", { name: "Alles meenemen" }).click()
  await expect(parent).toHaveURL(/\/meenemen\/[0-9a-f-]+$/)

  const other = await as(people.ouder)
  await other.goto(`${bathmen}/overig/privacy`)
  await expect(other.locator('[data-qa="kept-account"]')).toBeVisible()
  await expect(other.locator('[data-qa="left"]')).toHaveCount(0)
  await look(other, "privacy")
})

test("an admin keeps a file longer, and the parent reads until when", async ({ as }) => {
  test.slow()
  const admin = await as(people.admin)
  await admin.goto(`${bathmen}/beheer/bewaartermijnen`)
  await expect(admin.locator('[data-qa="ending"]')).toContainText("loopt de bewaartermijn binnenkort af")
  await look(admin, "bewaartermijnen")
  await admin.getByRole("link", { name: "Bekijk de lijst" }).click()
  await expect(admin.locator('[data-qa="row"]').filter({ hasText: "Mats" })).toContainText("Nog niet aangeboden")
  await expect(admin.locator('[data-qa="row"]').filter({ hasText: "Pim" })).toContainText("Aangeboden op")
  await look(admin, "bewaartermijnen-dossiers")
  await admin.getByRole("link", { name: /^Mats/ }).click()
  const year = new Date().getFullYear() + 5
  await admin.getByLabel("Bewaren tot en met").fill(`${year}-06-30`)
  await admin.getByLabel("Waarom").fill("Er loopt nog een klacht.")
  await look(admin, "bewaartermijnen-langer")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator('[data-qa="row"]').filter({ hasText: "Mats" })).toContainText("Langer bewaard")

  const parent = await as(people.vertrokken)
  await parent.goto(`${bathmen}/overig/privacy`)
  await expect(parent.locator('[data-qa="left"]')).toContainText(`30 juni ${year}`)
  await expect(parent.locator('[data-qa="left"]')).toContainText("langer dan normaal")
  await expect(parent.locator('[data-qa="left"]')).not.toContainText("klacht")

  await admin.getByRole("link", { name: /^Mats/ }).click()
  await expect(admin.locator('[data-qa="held"]')).toContainText("heeft op")
  await look(admin, "bewaartermijnen-bewaard")
  await admin.getByRole("button", { name: "Niet langer bewaren dan de termijn" }).click()
  await expect(admin.locator('[data-qa="row"]').filter({ hasText: "Mats" })).not.toContainText("Langer bewaard")
})

test("an admin chooses a period, and parents read it", async ({ as, watch }) => {
  watch.allow(/status of 422/)
  const admin = await as(people.vuurtorenAdmin)
  await admin.goto(`${vuurtoren}/beheer/bewaartermijnen`)
  await admin.getByLabel("Dossier: maanden na de laatste opvangdag").fill("500")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.locator(".errors")).toContainText("van 1 tot en met 120")
  await admin.getByLabel("Dossier: maanden na de laatste opvangdag").fill("30")
  await admin.locator('[data-qa="save"]').click()
  await expect(admin.getByLabel("Dossier: maanden na de laatste opvangdag")).toHaveValue("30")
  const parent = await as(people.vuurtorenOuder)
  await parent.goto(`${vuurtoren}/overig/privacy`)
  await expect(parent.locator('[data-qa="kept-file"]')).toContainText("30 maanden na de laatste dag opvang")
})
