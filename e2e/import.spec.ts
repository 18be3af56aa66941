import { readFileSync } from "node:fs"
import { join } from "node:path"
import { look } from "./support/look"
import { origin, people } from "./support/portal"
import { expect, signIn, test, type Page } from "./support/test"

const importing = `${origin("kinderopvangbathmen")}/beheer/importeren`
const planning = (name: string): string => join(process.env.E2E_DATA ?? "", "demo", name)

async function send(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  await page.goto(importing)
  await page.getByLabel("Bestand").setInputFiles(file)
  await page.locator('[data-qa="send"]').click()
}

const csv = (...lines: string[]) => ({ name: "twee.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\n")) })

test("a planning comes in once, and its mistakes are explained", async ({ visitor }) => {
  const page = await visitor()
  await signIn(page, people.admin) // just now: who applies a file has proved who they are
  await send(page, planning("planning.csv"))
  await expect(page.locator('[data-qa="changes"]')).toHaveText("286 wijzigingen")
  await expect(page.locator('[data-qa="row"]')).toHaveCount(50)
  await page.locator('[data-qa="warned"]').click()
  await expect(page.locator('[data-qa="row"]')).toHaveCount(2)
  await expect(page.locator('[data-qa="row"]').filter({ hasText: "een ander telefoonnummer" })).toHaveCount(1)
  await page.getByRole("navigation", { name: "Regels naar soort" }).getByRole("link", { name: /^Fout/ }).click()
  await expect(page.locator('[data-qa="row"]')).toHaveCount(14)
  for (const row of await page.locator('[data-qa="row"]').all()) await expect(row.locator('[data-qa="problem"]').first()).toContainText(/Cel [A-Z]+\d+.+\w/)
  const downloading = page.waitForEvent("download")
  await page.getByRole("link", { name: "Regels met fouten downloaden" }).click()
  expect(readFileSync(await (await downloading).path(), "utf8")).toContain("Deze dag bestaat niet.")

  await page.getByLabel("Ik heb de fouten en waarschuwingen bekeken").check()
  await page.locator('[data-qa="apply-button"]').click()
  // It is done within seconds, and the page says so by itself.
  await expect(page.locator('[data-qa="progress"], [data-qa="done"]')).toBeVisible()
  await expect(page.locator('[data-qa="done"]')).toContainText("286 nieuw", { timeout: 30_000 })
  for (const again of ["planning.csv", "planning-windows.csv"]) {
    await send(page, planning(again))
    await expect(page.locator('[data-qa="changes"]')).toHaveText("0 wijzigingen")
  }
  await page.locator('[data-qa="discard"]').click()
  await expect(page.getByRole("status").getByText("Het bestand is weggegooid.")).toBeVisible()
})

test("what cannot be read or is not accepted is said, on every screen", async ({ as, watch }) => {
  test.slow() // every page in three widths and two schemes
  watch.allow(/status of 422/)
  const page = await as(people.admin)
  await send(page, { name: "brief.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") })
  await expect(page.locator(".errors")).toContainText("Kies een bestand dat eindigt op .csv of .xlsx")
  await look(page, "import-refused")
  await send(page, csv("Voornaam;Achternaam;Geboortedatum;Stamgroep", "Mila;Proef;1-2-2025;", "Finn;Proef;31-2-2025;"))
  await page.locator('[data-qa="columns"]').click()
  await expect(page.getByLabel("Stamgroep")).toHaveValue("group")
  await look(page, "import-preview")
  await page.setViewportSize({ width: 1194, height: 834 })
  await page.locator('[data-qa="apply-button"]').click()
  await expect(page.locator(".errors")).toContainText("zet dan een vinkje")
})

test("a file can be sent and looked at without JavaScript", async ({ visitor }) => {
  const page = await visitor({ javaScriptEnabled: false })
  await signIn(page, people.admin)
  await send(page, csv("Voornaam;Achternaam;Geboortedatum", "Mila;Proef;1-2-2025", "Finn;Proef;31-2-2025"))
  await expect(page.locator('[data-qa="changes"]')).toHaveText("1 wijziging")
  await expect(page.getByText("Deze dag bestaat niet.")).toBeVisible()
})
