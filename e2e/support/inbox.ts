// The demo's inbox, read as people read it: in the browser.
import { expect, type Page } from "@playwright/test"
import { inboxOrigin } from "./portal"

/** Opens the newest mail to this address with this in its subject; waits until it is there. */
export async function openMail(page: Page, to: string, subject: RegExp): Promise<void> {
  const mail = page.locator('[data-qa="mail"]').filter({ hasText: subject }).first()
  await expect(async () => {
    await page.goto(`${inboxOrigin()}/?to=${encodeURIComponent(to)}`)
    await expect(mail).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 15_000 })
  await mail.getByRole("link").click()
  await expect(page.locator('[data-qa="text"]')).toBeVisible()
}

/** The first link of the opened mail whose address matches. */
export async function linkInMail(page: Page, address: RegExp): Promise<string> {
  const links = await page.locator('[data-qa="text"] a').evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))
  const found = links.find((href) => address.test(href))
  expect(found, `a link like ${address} among ${links.join(" ")}`).toBeDefined()
  return found!
}

/** All mails with this as their subject: to whom, and when they came. */
export async function mailsAbout(page: Page, subject: string): Promise<{ to: string; at: number }[]> {
  await page.goto(inboxOrigin())
  await expect(page.locator('[data-qa="count"]')).toBeVisible()
  return page.locator('[data-qa="mail"]').filter({ hasText: subject }).evaluateAll((all) => all.map((mail) => ({
    to: mail.querySelector(".to")!.textContent!, at: Date.parse(mail.querySelector("time")!.dateTime),
  })))
}
