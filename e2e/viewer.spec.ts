import type { Locator } from "@playwright/test"
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")

/** A post with at least three photos, from any page of the timeline. */
async function post(page: Page) {
  await page.goto(bathmen)
  await expect(page.locator("h1")).toBeVisible()
  const found = page.locator('[data-qa="entry"]').filter({ has: page.locator("a[data-w]:nth-of-type(3)") }).first()
  for (let i = 0; i < 12 && !(await found.count()); i++) {
    await page.mouse.wheel(0, 20_000)
    await page.waitForTimeout(250)
  }
  await found.scrollIntoViewIfNeeded()
  const id = await found.getAttribute("id") // another journey may post meanwhile, and then another is the first
  return page.locator(`[id="${id}"]`)
}

const viewer = (page: Page) => page.locator(".pswp")
const counter = (page: Page) => page.locator(".pswp__counter")

test("with a mouse: open, next, zoom, close", async ({ as }) => {
  const page = await as(people.ouder)
  const photos = (await post(page)).locator("a[data-w]")
  await photos.nth(1).click()
  await expect(viewer(page)).toHaveAttribute("role", "dialog")
  await expect(viewer(page)).toHaveAttribute("aria-modal", "true")
  await expect(counter(page)).toHaveText(/^2 van \d+$/)
  await expect(page.locator(".pswp__img:not(.pswp__img--placeholder)").first()).toBeVisible()
  await page.getByRole("button", { name: "Volgende foto" }).click()
  await expect(counter(page)).toHaveText(/^3 van/)
  await expect(page.locator(".pswp__save")).toHaveAttribute("href", /^\/fotos\/[0-9a-f-]{36}\/download$/)
  await page.getByRole("button", { name: "Sluiten" }).click()
  await expect(viewer(page)).toHaveCount(0)
  await expect(photos.nth(2)).toBeFocused()
})

test("with a keyboard: Enter, arrows, Tab stays inside, Escape gives the focus back", async ({ as }) => {
  const page = await as(people.ouder)
  const photos = (await post(page)).locator("a[data-w]")
  await photos.first().focus()
  await page.keyboard.press("Enter")
  await expect(counter(page)).toHaveText(/^1 van/)
  await page.keyboard.press("ArrowRight")
  await expect(counter(page)).toHaveText(/^2 van/)
  await page.keyboard.press("ArrowLeft")
  await expect(counter(page)).toHaveText(/^1 van/)
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab")
    // Between the last and the first control the focus is with the browser itself, as in any dialog; never on the page behind.
    const behind = await page.evaluate(() => document.activeElement !== document.body && !document.querySelector(".pswp")!.contains(document.activeElement))
    expect(behind, `focus on the page behind after ${i + 1} × Tab`).toBe(false)
  }
  await page.keyboard.press("Escape")
  await expect(viewer(page)).toHaveCount(0)
  await expect(photos.first()).toBeFocused()
})

test("a photo that was withdrawn meanwhile says so, and takes its words and buttons with it; a bad line takes nothing", async ({ as, watch }) => {
  watch.allow(/status of 404/, /ERR_FAILED/)
  const page = await as(people.ouder)
  const photos = (await post(page)).locator("a[data-w]")
  const addresses = await photos.evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname.replace(/[^/]+$/, "")))
  await page.route(`**${addresses[1]}*`, (route) => route.fulfill({ status: 404 }))
  await page.route(`**${addresses[2]}*`, (route) => route.abort())
  const [foot, caption, save, report] = [".pswp__foot", ".pswp__caption", ".pswp__save", ".pswp__report"].map((part) => page.locator(part)) as [Locator, Locator, Locator, Locator]
  await photos.first().click()
  await expect(save).toBeVisible()
  await save.focus()
  await page.keyboard.press("ArrowRight")
  await expect(caption).toHaveText("Deze foto is er niet meer.")
  await expect(page.locator(".pswp__error-msg:visible").filter({ hasText: "Deze foto is er niet meer." })).toBeInViewport()
  await expect(foot.getByRole("link")).toHaveCount(0)
  await expect(viewer(page), "the focus stays in the viewer").toBeFocused()
  await page.keyboard.press("ArrowRight")
  await expect(page.locator(".pswp__error-msg").filter({ hasText: "Deze foto kan niet worden getoond." })).toBeInViewport()
  await expect(save).toBeVisible()
  await expect(report).toBeVisible()
  await page.keyboard.press("ArrowLeft")
  await expect(save).toBeHidden()
})

test("a photo that is withdrawn while it is looked at goes away when the page hears of it", async ({ as, watch }) => {
  watch.allow(/status of 404/)
  const page = await as(people.ouder)
  const photos = (await post(page)).locator("a[data-w]")
  const address = await photos.first().evaluate((link) => (link as HTMLAnchorElement).pathname.replace(/[^/]+$/, ""))
  await photos.first().click()
  await expect(page.locator(".pswp__img:not(.pswp__img--placeholder)").first()).toBeVisible()
  await page.locator(".pswp__save").focus()
  await page.route(`**${address}*`, (route) => route.fulfill({ status: 404 }))
  await page.evaluate(() => document.dispatchEvent(new Event("turbo:render"))) // as after news that something changed
  await expect(page.locator(".pswp__caption")).toHaveText("Deze foto is er niet meer.")
  await expect(page.locator(".pswp__error-msg:visible").filter({ hasText: "Deze foto is er niet meer." })).toBeInViewport()
  await expect(page.locator(".pswp__foot").getByRole("link")).toHaveCount(0)
  await expect(viewer(page)).toBeFocused()
  await page.keyboard.press("ArrowRight")
  await expect(page.locator(".pswp__save"), "the next one stays").toBeVisible()
  await page.keyboard.press("ArrowLeft")
  await expect(page.locator(".pswp__save")).toBeHidden()
})

test("with a finger: tap opens, swiping turns over, pulling down closes", async ({ as }) => {
  const page = await as(people.ouder, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  const photos = (await post(page)).locator("a[data-w]")
  await photos.first().tap()
  await expect(counter(page)).toHaveText(/^1 van/)
  await expect(page.locator(".pswp__img:not(.pswp__img--placeholder)").first()).toBeVisible()
  await swipe(page, [330, 420], [60, 420])
  await expect(counter(page)).toHaveText(/^2 van/)
  await swipe(page, [60, 420], [330, 420])
  await expect(counter(page)).toHaveText(/^1 van/)
  await swipe(page, [195, 300], [195, 760])
  await expect(viewer(page)).toHaveCount(0)
})

for (const [device, options] of [
  ["a phone", { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } }],
  ["a desktop", { viewport: { width: 1440, height: 900 } }],
] as const) {
  test(`on ${device} the way back closes the viewer and not the page`, async ({ as }) => {
    const page = await as(people.ouder, options)
    const photos = (await post(page)).locator("a[data-w]")
    await photos.last().scrollIntoViewIfNeeded()
    const [address, top] = [page.url(), await page.evaluate(() => scrollY)]
    await page.evaluate(() => document.addEventListener("turbo:visit", (event) => { document.documentElement.dataset[(event as CustomEvent<{ action: string }>).detail.action] = "" }))
    for (const close of [() => page.goBack(), () => page.keyboard.press("Escape"), () => page.goBack()]) {
      await photos.nth(1).focus()
      await page.keyboard.press("Enter")
      await expect(counter(page)).toHaveText(/^2 van/)
      await page.keyboard.press("ArrowLeft")
      await expect(counter(page)).toHaveText(/^1 van/)
      await close()
      await expect(viewer(page)).toHaveCount(0)
      await expect(photos.first()).toBeFocused()
      expect(page.url()).toBe(address)
      expect(await page.evaluate(() => scrollY)).toBe(top)
    }
    await expect(page.locator("html"), "the page is not drawn anew").not.toHaveAttribute("data-restore")
    await expect(photos.first(), "and the focus is still there").toBeFocused()

    await photos.first().click()
    await page.locator(".pswp__report").click()
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Meld deze foto")
    await page.goBack()
    await expect(photos.first()).toBeVisible()
    expect(page.url()).toBe(address)
    await expect(viewer(page)).toHaveCount(0)
    await page.locator('[data-qa="read"]').first().click()
    await expect(page.locator(".post--whole")).toBeVisible()
    await page.goBack()
    await expect(page.locator('[data-qa="read"]').first()).toBeVisible()
    await page.goBack()
    await expect(page).not.toHaveURL(address)
  })
}

test("with little motion a photo that is let go of is at its place at once", async ({ as }) => {
  const page = await as(people.ouder, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } })
  await (await post(page)).locator("a[data-w]").first().tap()
  await expect(page.locator(".pswp__img:not(.pswp__img--placeholder)").first()).toBeVisible()
  const places = page.evaluate(() => new Promise<number>((done) => addEventListener("touchend", () => {
    const seen = new Set<string>(), until = performance.now() + 600
    const look = () => {
      seen.add(document.querySelector<HTMLElement>(".pswp__container")!.style.transform)
      if (performance.now() < until) requestAnimationFrame(look)
      else done(seen.size)
    }
    requestAnimationFrame(look)
  }, { once: true, capture: true })))
  await swipe(page, [330, 420], [60, 420])
  expect(await places, "places in which the row of photos was").toBe(1)
  await expect(counter(page)).toHaveText(/^2 van/)
})

/** Moves one finger over the screen. */
async function swipe(page: Page, [fromX, fromY]: number[], [toX, toY]: number[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: { x: number; y: number }[]) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints: points })
  await touch("touchStart", [{ x: fromX, y: fromY }])
  for (let i = 1; i <= 8; i++) await touch("touchMove", [{ x: fromX + ((toX - fromX) * i) / 8, y: fromY + ((toY - fromY) * i) / 8 }])
  await touch("touchEnd", [])
  await devtools.detach()
}
