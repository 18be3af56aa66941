import { origin, people } from "./support/portal"
import { expect, statusOf, test } from "./support/test"

const vuurtoren = origin("devuurtoren")

/** Chooses a colour as the field of a browser does, which no keyboard of a test can. */
const choose = (field: HTMLInputElement, colour: string): void => {
  field.value = colour
  field.dispatchEvent(new Event("input", { bubbles: true }))
}

test("an organisation gives its portal a colour, its own words, and does without a part of it", async ({ as, visitor, watch }) => {
  watch.allow(/status of (404|422)/)
  const admin = await as(people.vuurtorenAdmin)
  const reader = await visitor()
  const sheet = (): Promise<string | null> => reader.locator('link[href^="/t/"]').getAttribute("href")

  await test.step("sees a colour on a phone and in a mail before it is kept", async () => {
    await reader.goto(`${vuurtoren}/inloggen`)
    await expect(reader.locator(".plain__card img.logo")).toBeVisible()
    await expect(reader.getByText("Welkom aan boord van De Vuurtoren.")).toBeVisible()
    const before = await sheet()
    await admin.goto(`${vuurtoren}/beheer/huisstijl`)
    const button = admin.locator('[data-qa="sample-light"] .phone__button').first()
    const colour = await button.evaluate((e) => getComputedStyle(e).backgroundColor)
    await admin.getByLabel("Jullie kleur").evaluate(choose, "#ffb000")
    await expect(admin.locator('[data-qa="verdict"]')).toContainText("niet goed te lezen")
    await expect.poll(() => button.evaluate((e) => getComputedStyle(e).backgroundColor)).not.toBe(colour)
    await admin.getByLabel("In het Nederlands").last().fill("Tot morgen aan boord!")
    await expect(admin.locator('[data-qa="sample-dark"] .letter__foot')).toContainText("Tot morgen aan boord!")
    await reader.reload()
    expect(await sheet()).toBe(before)
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.getByRole("status").getByText("De huisstijl is opgeslagen")).toBeVisible()
    await reader.reload()
    expect(await sheet()).not.toBe(before)
    await admin.getByRole("button", { name: "Ongedaan maken" }).click()
    await expect(admin.locator('[data-qa="version"]')).toHaveCount(4)
    await reader.reload()
    expect(await sheet()).toBe(before)
  })

  await test.step("writes its own privacy statement, in which nothing runs", async () => {
    await reader.getByRole("link", { name: "Privacyverklaring" }).click()
    await expect(reader.getByText("Autoriteit Persoonsgegevens")).toBeVisible()
    await admin.goto(`${vuurtoren}/beheer/teksten`)
    await admin.getByRole("link", { name: "Wijzigen: Privacyverklaring, In het Nederlands" }).click()
    await admin.getByLabel("Tekst", { exact: true }).fill("# Wat wij bewaren\n\n- Namen\n- <script>alert(1)</script>")
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.getByRole("status").getByText("Opgeslagen.")).toBeVisible()
    await reader.reload()
    await expect(reader.getByRole("heading", { name: "Wat wij bewaren" })).toBeVisible()
    await expect(reader.getByRole("listitem").filter({ hasText: "<script>alert(1)</script>" })).toBeVisible()
    await admin.getByRole("button", { name: "Onze tekst gebruiken" }).click()
    await expect(admin.getByLabel("Tekst", { exact: true })).toHaveValue(/Autoriteit Persoonsgegevens/)
  })

  await test.step("does without taking home", async () => {
    const parent = await as(people.vuurtorenOuder)
    await parent.goto(`${vuurtoren}/overig`)
    await expect(parent.locator('a[href="/meenemen"]')).toBeVisible()
    await admin.goto(`${vuurtoren}/beheer/instellingen`)
    await admin.getByLabel("Alles meenemen").uncheck()
    await admin.locator('[data-qa="save"]').click()
    await expect(admin.getByRole("status").getByText("Opgeslagen.")).toBeVisible()
    await parent.reload()
    await expect(parent.locator('a[href="/meenemen"]')).toHaveCount(0)
    expect(await statusOf(parent, `${vuurtoren}/meenemen`)).toBe(404)
    await admin.getByLabel("Alles meenemen").check()
    await Promise.all([admin.waitForResponse((answer) => answer.request().method() === "POST"), admin.locator('[data-qa="save"]').click()])
    await expect(admin.getByLabel("Alles meenemen")).toBeChecked()
  })
})
