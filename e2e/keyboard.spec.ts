import { beheer, signInAsOperator } from "./support/operator"
import { care, desk, entry, thread } from "./support/pages"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const phone = { viewport: { width: 390, height: 700 } }

/** Goes through a page with Tab, and says which stops cannot be seen: nothing tells that they have the focus, or something lies over them. */
async function unseenStops(page: Page, most = 40): Promise<string[]> {
  const unseen: string[] = []
  let stops = 0
  for (const known = new Set<string>(); stops < most; stops++) {
    await expect(page.locator("turbo-frame[busy]")).toHaveCount(0) // what comes late moves what is there
    await page.keyboard.press("Tab")
    const stop = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement
      if (at === document.body) return null
      const label = at.closest("label"), box = (label ?? at).getBoundingClientRect()
      const marked = (style: CSSStyleDeclaration) => /0px 0px 0px [1-9]/.test(style.boxShadow) || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && style.outlineColor !== "rgba(0, 0, 0, 0)")
      // With large text a row may be higher than what is in view: then its upper edge is not.
      const over = document.elementFromPoint(box.left + box.width / 2, Math.max(box.top, 0) + Math.min(box.height / 2, 20))
      return {
        place: `${at.tagName} ${Math.round(box.left)}, ${Math.round(box.top + scrollY)}`,
        name: `${at.tagName.toLowerCase()} “${(label ?? at).innerText.trim().slice(0, 30)}”`,
        // The field and what stands around it; a link that fills its row is marked by what it draws over it.
        marked: at.matches(".skip") || [getComputedStyle(at), getComputedStyle(at, "::after"), getComputedStyle(at.parentElement!), ...(label ? [getComputedStyle(label)] : [])].some(marked),
        covered: over === null ? "the edge of the window" : over.contains(at) || at.contains(over) || label?.contains(over) ? "" : `<${over.tagName.toLowerCase()} class="${over.getAttribute("class") ?? ""}">`,
      }
    })
    if (!stop) break
    const here = `${stop.place} ${stop.name}` // the two skip links stand in one place
    if (known.has(here)) break
    known.add(here)
    if (!stop.marked) unseen.push(`${stop.name} shows no focus`)
    if (stop.covered) unseen.push(`${stop.name} at ${stop.place} lies under ${stop.covered}`)
  }
  expect(stops, "stops").toBeGreaterThan(5)
  return unseen
}

/** Goes through a page as it is, and again at 320 px with text twice as large. */
async function seenEverywhere(page: Page, what: string): Promise<void> {
  expect.soft(await unseenStops(page), what).toEqual([])
  await page.setViewportSize({ width: 320, height: 640 })
  await page.reload() // Tab begins at the top again
  await page.evaluate(async () => {
    document.documentElement.style.fontSize = "200%"
    await document.fonts.ready
  })
  expect.soft(await unseenStops(page, 30), `${what} at 320 px with large text`).toEqual([])
  await page.setViewportSize(phone.viewport)
}

test("staff see where they are with Tab, and a question keeps them until it is answered", async ({ as }) => {
  const page = await as(people.sanne, phone)
  await desk(page)
  expect.soft(await unseenStops(page), "the group").toEqual([])
  await care(page)
  expect.soft(await unseenStops(page), "noting care").toEqual([])

  await page.locator(".kinds").getByText("Humeur").click()
  await page.getByText("Vrolijk", { exact: true }).click()
  await page.locator('[data-qa="note"]').click()
  await expect(page.getByRole("status").getByText("De zorg is genoteerd.")).toBeVisible()
  await page.goto(`${page.url()}/zorg`)
  await page.locator('[data-qa="record"]').first().click()
  const opener = page.getByRole("button", { name: "Weghalen" })
  await opener.focus()
  await page.keyboard.press("Enter")
  const question = page.getByRole("dialog")
  await expect(question).toBeVisible()
  for (let i = 0; i < 4; i++) {
    await page.keyboard.press("Tab")
    // From its last button the browser goes to its own bar, never to the page behind.
    expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null)).toBe(true)
  }
  await page.keyboard.press("Escape")
  await expect(question).toBeHidden()
  await expect(opener).toBeFocused()
})

test("with the inbox of a group nobody needs a mouse", async ({ as }) => {
  const page = await as(people.sanne, phone)
  await page.goto(`${bathmen}/berichten`)
  await expect(page.locator('[data-qa="thread"]').first()).toBeVisible()
  expect.soft(await unseenStops(page), "the inbox").toEqual([])
  await thread(page)
  expect.soft(await unseenStops(page), "a conversation").toEqual([])
  await page.goto(`${bathmen}/berichten/aan`)
  await expect(page.getByLabel("Onderwerp")).toBeVisible()
  expect.soft(await unseenStops(page), "writing").toEqual([])

  // From the search to a conversation and into its answer.
  await page.goto(`${bathmen}/berichten`)
  await page.getByLabel("Zoek op naam of woord").focus()
  const first = page.locator('[data-qa="thread"]').first()
  for (let i = 0; i < 10 && !(await first.evaluate((link) => link === document.activeElement)); i++) await page.keyboard.press("Tab")
  await expect(first).toBeFocused()
  await page.keyboard.press("Enter")
  await expect(page.locator('[data-qa="message"]').first()).toBeVisible()
  const answer = page.getByLabel("Je antwoord")
  for (let i = 0; i < 40 && !(await answer.evaluate((field) => field === document.activeElement)); i++) await page.keyboard.press("Tab")
  await expect(answer).toBeFocused()
})

test("an admin sees where Tab leads", async ({ as }) => {
  const page = await as(people.admin, phone)
  for (const path of ["/groep", "/beheer", "/beheer/kinderen?q=ma", "/beheer/uitnodigingen", "/beheer/agenda", "/beheer/nieuws", "/nieuws", "/beheer/huisstijl", "/beheer/instellingen", "/beheer/bezorging", "/beheer/bewaartermijnen", "/beheer/bewaartermijnen/dossiers", "/beheer/zoeken?q=ma"]) {
    await page.goto(bathmen + path)
    expect.soft(await unseenStops(page), path).toEqual([])
  }
})

test("an operator of the platform sees where Tab leads", async ({ visitor }) => {
  test.setTimeout(120_000)
  const page = await visitor(phone)
  await signInAsOperator(page)
  const organisation = new URL((await page.locator('[data-qa="organisation"]').first().getAttribute("href")) ?? "", beheer).pathname
  for (const path of ["/", "/organisaties/nieuw", "/bezorging", "/melding", "/beveiliging", organisation, `${organisation}/limieten`, `${organisation}/opschorten`, `${organisation}/toegang`]) {
    await page.goto(beheer + path)
    expect.soft(await unseenStops(page), path).toEqual([])
  }
})

test("a parent sees where Tab leads on Mijn locatie, and who works here on their own profile", async ({ as }) => {
  for (const [who, paths] of [[people.grace, ["/locatie", "/overig/privacy"]], [people.youssef, ["/overig/profiel", "/overig"]]] as const) {
    const page = await as(who, phone)
    for (const path of paths) {
      await page.goto(bathmen + path)
      expect.soft(await unseenStops(page), path).toEqual([])
    }
  }
})

const parents = ["/", "/dagboek/schrijven", "/fotos", "/fotos?kies=1", "/afwezig", "/agenda", "/berichten", "/berichten/nieuw", "/meldingen", "/inzage", "/meenemen", "/kinderen",
  "/toestemmingen", "/verklaringen", "/gegevens", "/gegevens/wijzigen", "/nieuws", "/overig/notificaties", "/overig/beveiliging", "/overig/wachtwoord", "/overig/email", "/bevestigen?next=/overig"]

for (const part of [0, 1, 2]) {
  test(`a parent sees where Tab leads on every page, also with large text on the smallest phone (${part + 1} of 3)`, async ({ as }) => {
    test.slow()
    const page = await as(people.ouder, phone)
    for (const path of parents.filter((_, i) => i % 3 === part)) {
      await page.goto(bathmen + path)
      await seenEverywhere(page, path)
    }
    if (part === 0) {
      await entry(page)
      await seenEverywhere(page, "one report")
      await page.locator('[data-qa="report"]').first().click()
      await expect(page.locator('[data-qa="report-form"]')).toBeVisible()
      await seenEverywhere(page, "reporting a photo")
    }
    if (part === 1) {
      await thread(page)
      await seenEverywhere(page, "one conversation")
    }
    if (part === 2) {
      await page.goto(`${bathmen}/kinderen`)
      await page.locator('[data-qa="kids"] a').first().click()
      await expect(page.locator('[data-qa="child-facts"]')).toBeVisible()
      await seenEverywhere(page, "a child")
    }
  })
}

test("staff and admins see where Tab leads with large text on the smallest phone", async ({ as }) => {
  test.slow()
  const staff = await as(people.sanne, phone)
  await desk(staff)
  const group = new URL(staff.url()).pathname
  for (const path of [group, `${group}/zorg`, `${group}/dagverslagen`, `${group}/dagboek/nieuw`, "/berichten", "/berichten/aan", "/nieuws"]) {
    await staff.goto(bathmen + path)
    await seenEverywhere(staff, path)
  }
  const admin = await as(people.admin, phone)
  for (const path of ["/beheer", "/beheer/kinderen", "/beheer/nieuws", "/beheer/instellingen"]) {
    await admin.goto(bathmen + path)
    await seenEverywhere(admin, path)
  }
})
