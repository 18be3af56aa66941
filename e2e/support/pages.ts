// The way to pages that have no address of their own to type.
import { origin } from "./portal"
import { expect, type Page } from "./test"

const bathmen = origin("kinderopvangbathmen")

/** Where parents begin: Mijn kind. */
export async function home(page: Page): Promise<void> {
  await page.goto(bathmen)
  await expect(page.locator("h1")).toBeVisible()
}

/** The newest post with photos, as a parent. */
export async function entry(page: Page): Promise<void> {
  await home(page)
  await page.locator('[data-qa="entry"]').filter({ has: page.locator("a[data-w]") }).locator('[data-qa="read"]').first().click()
  await expect(page).toHaveURL(/\/dagboek\//)
}

/** The first group of who works here. */
export async function desk(page: Page): Promise<void> {
  await page.goto(`${bathmen}/groep`)
  if (/\/groep$/.test(page.url())) await page.locator('[data-qa="group"]').first().click()
  await expect(page.locator(".tile").first()).toBeVisible()
}

/** Writing about two children, one of whom may not be on photos. */
export async function compose(page: Page): Promise<void> {
  await desk(page)
  await page.getByRole("checkbox", { name: /^(Mila|Noor)\b/ }).first().check()
  await page.getByRole("checkbox", { name: /^Noor\b/ }).check()
  await page.locator('[data-qa="write"]').click()
  await expect(page).toHaveURL(/\/nieuw\?/)
}

/** Noting care for two children. */
export async function care(page: Page): Promise<void> {
  await desk(page)
  await page.getByRole("checkbox", { name: /^Mila\b/ }).check()
  await page.getByRole("checkbox", { name: /^Ruby\b/ }).check()
  await page.locator('[data-qa="care"]').click()
  await expect(page).toHaveURL(/\/zorg\?/)
}

/** The newest conversation of who has one. */
export async function thread(page: Page): Promise<void> {
  await page.goto(`${bathmen}/berichten`)
  await page.locator('[data-qa="thread"]').first().click()
  await expect(page.locator('[data-qa="message"]').first()).toBeVisible()
}
