import { misfits } from "./support/fits"
import { care, compose } from "./support/pages"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

// Text twice as large on the smallest phone. Every page that somebody comes to by links, one of each kind, and then what only
// opens by doing something.
const bathmen = origin("kinderopvangbathmen")
const phone = { viewport: { width: 320, height: 640 } }

/** Makes the text twice as large and looks whether all of it still has room. */
async function fits(page: Page, what: string): Promise<void> {
  await page.evaluate(async () => {
    document.documentElement.style.fontSize = "200%"
    await document.fonts.ready
  })
  expect.soft(await misfits(page), what).toEqual([])
}

/** The kind of page that an address leads to: without what names one child, group, person or day. */
const kind = (path: string): string => path.replace(/\?.*/, "").replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")

/** Walks to one page of each kind that links lead to from the first one, within a part of the portal. Files are no pages. */
async function walk(page: Page, first: string, part: RegExp): Promise<void> {
  const known = new Set([kind(first)]), paths = [first]
  for (const path of paths) {
    await page.goto(bathmen + path)
    await fits(page, path)
    const links = await page.locator("a[href]:not([download])").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))
    for (const href of links) {
      const { origin, pathname, search } = new URL(href)
      if (origin !== bathmen || !part.test(pathname) || /\.\w+$/.test(pathname) || known.has(kind(pathname))) continue
      known.add(kind(pathname))
      paths.push(pathname + search)
    }
  }
  expect(paths.length, "kinds of pages").toBeGreaterThan(15)
}

const refused = /status of (404|422)/

test("a parent reads it", async ({ as, watch }) => {
  watch.allow(refused)
  const page = await as(people.ouder, phone)
  await walk(page, "/", /^\/(?!beheer|groep)/)
  for (const path of ["/nieuws", "/nieuwsbrieven", "/informatie"]) {
    await page.goto(bathmen + path)
    await fits(page, path)
    await page.locator('[data-qa="article"]').first().click()
    await expect(page.locator('[data-qa="rich"]')).toBeVisible()
    await fits(page, `one of ${path}`)
  }
  await page.goto(`${bathmen}/dagboek/schrijven`)
  await page.locator('[data-qa="send"]').click()
  await expect(page.locator(".errors")).toBeVisible()
  await fits(page, "writing, refused")
})

test("staff read it", async ({ as, watch }) => {
  watch.allow(refused)
  const page = await as(people.sanne, phone)
  await walk(page, "/groep", /^\/(?!beheer)/)
  await compose(page)
  await page.locator('[data-qa="send"]').click()
  await expect(page.locator(".errors")).toBeVisible()
  await fits(page, "writing, refused")
  await care(page)
  for (const kind of await page.locator(".kinds label").all()) await kind.click()
  await page.locator('[data-qa="note"]').click()
  await expect(page.locator(".errors")).toBeVisible()
  await fits(page, "noting care, refused")
  await care(page)
  await page.locator(".kinds").getByText("Humeur").click()
  await page.getByText("Vrolijk", { exact: true }).click()
  await page.locator('[data-qa="note"]').click()
  await expect(page.getByRole("status").getByText("De zorg is genoteerd.")).toBeVisible()
  await fits(page, "the group with a toast")
  await page.goto(`${page.url()}/zorg`)
  await page.locator('[data-qa="record"]').first().click()
  await page.getByRole("button", { name: "Weghalen" }).click()
  await expect(page.getByRole("dialog")).toBeVisible()
  await fits(page, "asking before taking away")
})

test("an admin reads it", async ({ as, watch }) => {
  watch.allow(refused)
  const page = await as(people.admin, phone)
  await walk(page, "/beheer", /^\/(beheer|groep$|berichten$)/)
  await page.goto(`${bathmen}/beheer/kinderen/nieuw`)
  await page.locator('[data-qa="save"]').click()
  await expect(page.locator(".errors")).toBeVisible()
  await fits(page, "a new child, refused")
  await page.goto(`${bathmen}/beheer/kinderen?q=ma`)
  await page.locator('[data-qa="child"]').first().click()
  await expect(page.locator(".peek .ident h2")).toBeVisible()
  await fits(page, "a child beside the list")
})
