// Whether everything on a page fits its window: nothing beyond the edge, no text out of its box or over other text.
import type { Page } from "./test"

/** Says what does not fit, a line for each. Scrollers, whose content may be wider, and words for screen readers alone are left out. */
export function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const room = document.documentElement.clientWidth
    const found = new Set<string>()
    const name = (e: Element) => `${e.parentElement?.tagName.toLowerCase()}.${e.parentElement?.className} > ${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""}`
    const scrolls = (e: Element) => /auto|scroll/.test(getComputedStyle(e).overflowX)
    const unseen = (e: Element) => !e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || getComputedStyle(e).clipPath !== "none" || e.closest(".vh, .skip, svg") !== null
    /** What stands around an element, up to what scrolls by itself; whether there is such a thing. */
    const around = (e: Element): [Element[], boolean] => {
      const boxes: Element[] = []
      for (let box = e.parentElement; box && box !== document.body; box = box.parentElement) {
        if (scrolls(box)) return [boxes, true]
        boxes.push(box)
      }
      return [boxes, false]
    }

    if (document.documentElement.scrollWidth > room) found.add(`the page is ${document.documentElement.scrollWidth} px wide`)
    for (const e of document.body.querySelectorAll("*")) {
      const { left, right, width } = e.getBoundingClientRect()
      if (width > 0 && (right > room + 1 || left < -1) && !unseen(e) && !around(e)[1]) found.add(`${name(e)} lies from ${Math.round(left)} to ${Math.round(right)}`)
    }

    const words: { box: DOMRect; of: Element; text: string }[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const of = text.parentElement!, said = text.textContent!.trim().slice(0, 24)
      if (!said || unseen(of) || of.closest("select, textarea")) continue
      const [boxes, scrolled] = around(of), range = document.createRange()
      range.selectNodeContents(text)
      for (const box of range.getClientRects()) {
        if (box.width < 2) continue
        for (const b of [of, ...boxes]) {
          const style = getComputedStyle(b), edge = b.getBoundingClientRect()
          if (/inline$|contents/.test(style.display) || edge.width === 0) continue
          if (box.right > edge.right + 2 || box.left < edge.left - 2) found.add(`“${said}” sticks out of ${name(b)}`)
          else if (/hidden|clip/.test(style.overflowY) && box.bottom > edge.bottom + box.height / 2) found.add(`“${said}” is cut off by ${name(b)}`)
        }
        // What stays in its place while the page scrolls lies over the page, and a scroller hides what is beyond its edge.
        if (!scrolled && !of.closest(".rail, .tabs, .dock, .peek, .toasts, dialog")) words.push({ box, of, text: said })
      }
    }
    words.sort((a, b) => a.box.top - b.box.top)
    words.forEach(({ box, of, text }, i) => {
      for (const other of words.slice(i + 1)) {
        if (other.box.top > box.bottom) break
        if (other.of === of) continue
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
        const down = Math.min(box.bottom, other.box.bottom) - other.box.top
        // Lines stand closer to each other than letters are high.
        if (across > 2 && down > Math.min(box.height, other.box.height) * .4) found.add(`“${text}” lies over “${other.text}”`)
      }
    })
    return [...found].slice(0, 8)
  })
}
