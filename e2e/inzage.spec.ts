import { origin, people } from "./support/portal"
import { expect, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

test("a parent sees who opened the file of their child, and took a photo", async ({ as }) => {
  const admin = await as(people.admin)
  await admin.goto(`${bathmen}/beheer/kinderen?q=Mila`)
  const link = admin.locator('[data-qa="child"]').filter({ hasText: "Mila" }).first()
  await link.hover() // nothing is fetched ahead of a click
  await link.click()
  await expect(admin.locator(".peek .ident h2")).toContainText("Mila")

  const parent = await as(people.ouder, { deviceScaleFactor: 2 }) // a sharp screen asks for the largest version
  await parent.goto(bathmen)
  await parent.locator('[data-qa="accesses"]').click()
  await expect(parent).toHaveURL(/\/inzage/)
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText("Inzage")
  const file = parent.locator('[data-qa="access"]').filter({ hasText: "Dossier geopend" }).first()
  await expect(file).toContainText("beheerder")
  await expect(file).toContainText("Mila")

  // A photo on the whole screen is listed as the parent's own.
  await parent.goto(`${bathmen}/fotos`)
  await parent.locator('[data-qa="photo"]').first().click()
  await expect(parent.locator(".pswp__img:not(.pswp__img--placeholder)").first()).toBeVisible()
  await parent.keyboard.press("Escape")
  await parent.goto(`${bathmen}/overig`)
  await parent.locator('a[href="/inzage"]').click()
  await expect(parent.locator('[data-qa="access"]').filter({ hasText: "in groot formaat bekeken" }).filter({ hasText: "Jij" }).first()).toBeVisible()
  await parent.getByRole("link", { name: "Finn", exact: true }).click()
  await expect(parent).toHaveURL(/kind=/)
  await expect(parent.locator('[data-qa="access"]').filter({ hasText: "Dossier geopend" })).toHaveCount(0)

  const manager = await as(people.manager)
  await manager.goto(`${bathmen}/beheer/kinderen?q=Mila`)
  await manager.locator('[data-qa="child"]').filter({ hasText: "Mila" }).first().click()
  await expect(manager.locator(".peek .ident h2")).toBeFocused()
  await manager.locator(".peek").getByRole("link", { name: "Hele dossier" }).click()
  await manager.locator('[data-qa="accesses"]').click()
  await expect(manager.getByRole("heading", { level: 1 })).toHaveText(/Inzage: Mila/)
  await expect(manager.locator('[data-qa="access"]').filter({ hasText: "locatiemanager" }).first()).toBeVisible()
})
