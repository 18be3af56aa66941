// Looks at a page as it stands on phone, tablet and desk, light and dark: axe, overflow, a picture for the eye.
import { join } from "node:path"
import { judge, said } from "./axe"
import { expect, type Page } from "./test"

const SCREENS = join(import.meta.dirname, "../results/screens")
const SIZES = [{ width: 390, height: 844 }, { width: 1194, height: 834 }, { width: 1440, height: 900 }]

/** Finds what is wrong with the page as it is, in every size and scheme; name is that of the pictures. */
export async function look(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await settled(page)
      await undecorated(page)
      let found = await judge(page)
      // Somebody else's news brought the page up to date meanwhile, and Turbo says so on <html>, where axe does not want it.
      for (let again = 0; again < 3 && found.violations.some((v) => v.id === "aria-allowed-attr" && v.nodes.every((n) => n.target.join() === "html")); again++) {
        await settled(page)
        found = await judge(page)
      }
      // JOURNEY_UNSURE=1 lists what axe could not judge.
      if (process.env.JOURNEY_UNSURE) for (const node of found.incomplete.flatMap((v) => v.nodes.map((n) => `${v.id} ${n.target.join(" ")} ${n.any.map((a) => a.message).join(" ")}`))) console.log(`${name}: ${node}`)
      expect.soft(said(found), `axe on ${name}, ${size.width} px, ${colorScheme}`).toEqual([])
      await picture(page, `${name}-${size.width}-${colorScheme}`)
    }
  }
  await page.setViewportSize({ width: 320, height: 640 })
  await page.emulateMedia({ colorScheme: "light" })
  await settled(page)
  await picture(page, `${name}-320`)
  expect.soft(await sticksOut(page), `beyond the edge of ${name} at 320 px`).toEqual([])
}

/** Keeps a picture for the eye when asked to: JOURNEY_SCREENS=1 npm run e2e. */
async function picture(page: Page, name: string): Promise<void> {
  if (process.env.JOURNEY_SCREENS) await page.screenshot({ path: join(SCREENS, `${name}.png`) })
}

/**
 * Takes away the drawing behind heads and cards and makes gradients as plain as their first colour: axe cannot tell what
 * colour is behind text there, and would judge none of it.
 */
async function undecorated(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const drawing of document.querySelectorAll<SVGElement>(".pads")) drawing.style.display = "none"
    for (const element of document.querySelectorAll<HTMLElement>("body, body *")) {
      element.style.removeProperty("background") // that of the scheme before
      const first = /^linear-gradient\((?:[^,(]+, )?((?:rgb|oklch|oklab|color)\([^)]*\))/.exec(getComputedStyle(element).backgroundImage)?.[1]
      if (first && !/\/ 0?\.?\d+\)|rgba/.test(first)) element.style.background = first
    }
  })
}

/** Waits until nothing moves any more and fonts are there. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator("html[aria-busy]")).toHaveCount(0) // a form that was sent, or a page that is brought up to date
  await page.evaluate(async () => {
    await document.fonts.ready
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    await Promise.all(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined)))
  })
}

/** Elements that make the page scroll sideways, or reach past its edge without a frame of their own to scroll in. */
function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.clientWidth
    const found = document.documentElement.scrollWidth > wide ? [`the page is ${document.documentElement.scrollWidth} px wide`] : []
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      if (!element.checkVisibility() || element.closest(".vh, .skip, svg, .pswp__scroll-wrap")) continue
      const box = element.getBoundingClientRect()
      if (box.width === 0 || (box.right <= wide + 1 && box.left >= -1)) continue
      let frame = element.parentElement
      while (frame && !/auto|scroll|hidden|clip/.test(getComputedStyle(frame).overflowX)) frame = frame.parentElement
      if (!frame) found.push(`${element.tagName.toLowerCase()}.${element.className} from ${Math.round(box.left)} to ${Math.round(box.right)}`)
    }
    return found.slice(0, 8)
  })
}
