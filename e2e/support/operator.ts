// Who runs the platform of the demo.
import { withCode } from "./codes"
import { origin, PASSWORD } from "./portal"
import { expect, fillSignIn, type Page } from "./test"

export const beheer = origin("beheer")
export const operator = "operator@ouderportaal.example"

/** Signs in with a code, and waits for the list of organisations. */
export async function signInAsOperator(page: Page): Promise<void> {
  await page.goto(beheer)
  await fillSignIn(page, operator, PASSWORD)
  await expect(page).toHaveURL(/\/inloggen\/code/)
  await withCode(operator, async (code) => {
    await page.getByLabel("Code uit je app").fill(code)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).toHaveText("Organisaties")
  })
}
