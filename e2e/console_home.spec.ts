import { origin, people } from "./support/portal"
import { expect, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

test("an admin sees how things stand, what did not arrive, and finds anything with the keyboard", async ({ as }) => {
  const admin = await as(people.admin)

  await test.step("each number of the overview leads to its list", async () => {
    await admin.goto(`${bathmen}/beheer`)
    await expect(admin.locator('[data-qa="presence"] a').first()).toContainText("verwacht")
    await admin.locator('[data-qa="presence"] a').first().click()
    await expect(admin.locator("h1")).toContainText("Vandaag op")
    await admin.goto(`${bathmen}/beheer`)
    await admin.locator('[data-qa="failures"] a').click()
    await expect(admin.locator("h1")).toHaveText("Niet bezorgd")
  })

  await test.step("one message is sent again, and is gone from the list", async () => {
    const row = admin.locator('[data-qa="row"]').filter({ hasText: "De mailbox is vol." })
    await row.getByRole("checkbox").check()
    await admin.getByRole("button", { name: "Gekozen opnieuw versturen" }).click()
    await expect(admin.getByText("De berichten worden opnieuw verstuurd.")).toBeVisible()
    await expect(row).toHaveCount(0)
    const gone = admin.locator('[data-qa="row"]').filter({ hasText: "Dit e-mailadres bestaat niet." })
    await expect(gone).toContainText("Adres werkt niet")
    await gone.getByRole("link").first().click()
    await expect(admin.locator('[data-qa="address-fails"]')).toContainText("komt niet aan")
  })

  await test.step("Ctrl K finds a child; arrows and Enter go there", async () => {
    await admin.keyboard.press("Control+k")
    const find = admin.locator('[data-qa="find"]')
    const field = find.getByRole("combobox")
    await expect(field).toBeFocused()
    await field.fill("sanne")
    const options = find.getByRole("option")
    await expect(options.first()).toBeVisible()
    await expect(field).toHaveAttribute("aria-expanded", "true")
    await expect(admin.locator('[data-qa="find"] [role="status"]')).toHaveText(/gevonden/)
    await admin.keyboard.press("ArrowDown")
    await expect(options.first()).toHaveAttribute("aria-selected", "true")
    await expect(field).toHaveAttribute("aria-activedescendant", "vondst-0")
    await expect(field).toBeFocused()
    const href = await options.first().getAttribute("href")
    await admin.keyboard.press("Enter")
    await expect(admin).toHaveURL(bathmen + href)
    await expect(admin.locator('[data-qa="find"]')).toBeHidden()
  })

  await test.step("what is not there is said, and Escape closes", async () => {
    await admin.keyboard.press("Control+k")
    await admin.locator('[data-qa="find"]').getByRole("combobox").fill("xyzzy")
    await expect(admin.locator('[data-qa="find"] [role="status"]')).toContainText("Niets gevonden")
    await admin.keyboard.press("Escape")
    await expect(admin.locator('[data-qa="find"]')).toBeHidden()
  })
})

test("the search is a page where there are no scripts", async ({ as }) => {
  const admin = await as(people.admin, { javaScriptEnabled: false })
  await admin.goto(`${bathmen}/beheer`)
  await admin.locator('a[href="/beheer/zoeken"]').click()
  await admin.locator('[data-qa="search-page"] input').fill("logboek")
  await admin.locator('[data-qa="search-page"] button').click()
  await admin.locator("main .found a").click()
  await expect(admin.locator("h1")).toHaveText("Logboek")
})
