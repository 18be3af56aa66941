import { origin, people, type Person } from "./support/portal"
import { expect, test, type Page } from "./support/test"

// Who cannot read small letters makes them twice as large, on the narrowest phone; who has no mouse goes by Tab. What works in
// a group room and behind a desk works for them as well.
test.describe.configure({ timeout: 120_000 })
test.use({ trace: "off" })

const bathmen = origin("kinderopvangbathmen")

/** The address of the first link like this on a page. */
const linkOn = async (page: Page, path: string, selector: string): Promise<string> => {
  await page.goto(bathmen + path)
  return (await page.locator(selector).first().getAttribute("href")) ?? ""
}

const atWork: Record<string, (page: Page) => Promise<string>> = {
  group: async () => "/groep",
  care: (page) => linkOn(page, "/groep", 'a[href$="/zorg"]'),
  "day reports": (page) => linkOn(page, "/groep", 'a[href$="/dagverslagen"]'),
  compose: async (page) => {
    await page.goto(`${bathmen}/groep`)
    await page.getByRole("checkbox", { name: /^Mila\b/ }).check()
    await page.locator('[data-qa="write"]').click()
    await expect(page).toHaveURL(/\/dagboek\/nieuw\?/)
    return page.url().replace(bathmen, "")
  },
  entry: (page) => linkOn(page, "/groep", '[data-qa="recent"]'),
  account: async () => "/overig",
  security: async () => "/overig/beveiliging",
}

const behindADesk: Record<string, (page: Page) => Promise<string>> = {
  overview: async () => "/beheer",
  children: async () => "/beheer/kinderen?q=ma",
  child: (page) => linkOn(page, "/beheer/kinderen?q=ma", '[data-qa="row"] a'),
  "new child": async () => "/beheer/kinderen/nieuw",
  parents: async () => "/beheer/ouders?q=ma",
  parent: (page) => linkOn(page, "/beheer/ouders?q=ma", '[data-qa="row"] a'),
  staff: async () => "/beheer/medewerkers",
  places: async () => "/beheer/locaties",
  questions: async () => "/beheer/toestemmingen",
  question: async () => "/beheer/toestemmingen/nieuw",
  log: async () => "/beheer/logboek",
  imports: async () => "/beheer/importeren",
}

/** What sticks out or is cut off. */
function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth, found: string[] = []
    if (document.documentElement.scrollWidth > wide) found.push(`the page is ${document.documentElement.scrollWidth} px wide`)
    const name = (e: Element) => `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""} "${e.textContent?.trim().slice(0, 30)}"`
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      if (!element.checkVisibility() || element.closest(".vh, .skip, svg, .truncate, .stack, nav")) continue
      const box = element.getBoundingClientRect(), style = getComputedStyle(element)
      if (box.width === 0) continue
      if (/hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && element.textContent?.trim() && element !== document.body) found.push(`${name(element)} is cut`)
      if (box.right <= wide + 1 && box.left >= -1) continue
      let frame = element.parentElement
      while (frame && !/auto|scroll|hidden|clip/.test(getComputedStyle(frame).overflowX)) frame = frame.parentElement
      if (!frame) found.push(`${name(element)} from ${Math.round(box.left)} to ${Math.round(box.right)}`)
    }
    return found.slice(0, 8)
  })
}

/** Goes through the page by Tab, and tells of each stop that cannot be seen, and of what a mouse reaches and the keyboard does not. */
async function walk(page: Page): Promise<string[]> {
  const problems = new Set<string>(), stops = new Set<string>()
  let last = ""
  await page.evaluate(() => {
    for (const [i, e] of [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].entries()) e.setAttribute("data-stop", String(i))
    scrollTo(0, 0)
    ;(document.activeElement as HTMLElement | null)?.blur()
  })
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab")
    const at = await page.evaluate(() => {
      const e = document.activeElement as HTMLElement | null
      if (!e || e === document.body) return undefined
      const shown = e.closest<HTMLElement>(".pick, .find") ?? (e.matches("input.vh") ? (e.closest("label") ?? e) : e)
      const box = shown.getBoundingClientRect(), style = getComputedStyle(shown), own = getComputedStyle(e)
      const ring = [style, own].some((s) => s.boxShadow !== "none" || (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0)) || shown.querySelector(":focus-visible + *") !== null
      const [x, y] = [Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1), Math.min(Math.max(box.top + Math.min(box.height / 2, innerHeight / 3), 1), innerHeight - 1)]
      const top = document.elementFromPoint(x, y)
      const name = `${e.tagName.toLowerCase()}.${e.className} "${(e.getAttribute("aria-label") ?? e.textContent ?? "").trim().slice(0, 30)}"`
      return {
        stop: e.getAttribute("data-stop") ?? name, name, ring,
        outside: box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth,
        covered: top !== null && !shown.contains(top) && !top.contains(shown) && !e.labels?.length ? `${top.tagName.toLowerCase()}.${top.className}` : "",
      }
    })
    if (!at) break
    if (stops.has(at.stop) && at.stop !== last) break
    stops.add((last = at.stop)) // a date has several places in one field
    if (!at.ring) problems.add(`no focus to be seen on ${at.name}`)
    if (at.outside) problems.add(`${at.name} is outside the window`)
    if (at.covered) problems.add(`${at.name} is behind ${at.covered}`)
  }
  const missed = await page.evaluate((seen) => [...document.querySelectorAll<HTMLElement>("a[href], button, summary, select, textarea, input:not([type=hidden]):not([type=radio])")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !(e as HTMLButtonElement).disabled && e.tabIndex >= 0 && !seen.includes(e.getAttribute("data-stop") ?? ""))
    .map((e) => `${e.tagName.toLowerCase()}.${e.className} "${(e.getAttribute("aria-label") ?? e.textContent ?? "").trim().slice(0, 30)}"`), [...stops])
  if (stops.size < 100) for (const name of missed) problems.add(`the keyboard does not reach ${name}`)
  return [...problems].slice(0, 10)
}

for (const [role, who, pages] of [["staff", people.youssef, atWork], ["an admin", people.admin, behindADesk]] as [string, Person, typeof atWork][]) {
  for (const [name, path] of Object.entries(pages)) {
    test(`${role}: ${name} with letters twice as large on a narrow phone, and by keyboard`, async ({ as }) => {
      const page = await as(who, { viewport: { width: 1194, height: 834 } })
      const where = await path(page)
      await page.setViewportSize({ width: 320, height: 640 })
      await page.goto(bathmen + where)
      await expect(page.locator("h1").first()).toBeVisible()
      expect.soft(await walk(page), `by keyboard through ${where}`).toEqual([])
      await page.evaluate(() => { document.documentElement.style.fontSize = "200%" })
      expect.soft(await misfits(page), `letters twice as large on ${where}`).toEqual([])
      if (process.env.JOURNEY_SCREENS) await page.screenshot({ path: `e2e/results/screens/zoomed-${role}-${name}.png`.replaceAll(" ", "-") })
    })
  }
}
