// The photo viewer, loaded when somebody opens the first photo.
import { session } from "@hotwired/turbo"
import PhotoSwipe, { type SlideData } from "photoswipe"

export interface ViewerWords {
  dialog: string; close: string; zoom: string; previous: string; next: string; download: string; error: string; gone: string; of: string; report: string
}

export interface Slide extends SlideData {
  caption: string
  download: string
  report: string
}

let styles: Promise<void> | undefined
let wayBack: Promise<void> | undefined // of a viewer that was closed, until the browser went it

/** Loads the style sheet once; PhotoSwipe must not measure before it is there. */
function styled(): Promise<void> {
  return (styles ??= new Promise((done) => {
    const link = document.createElement("link")
    link.rel = "stylesheet"
    link.href = VIEWER_CSS
    link.onload = link.onerror = () => done()
    document.head.append(link)
  }))
}

/** Opens the series at index. */
export async function open(slides: Slide[], index: number, words: ViewerWords): Promise<void> {
  await Promise.all([styled(), wayBack])
  const opener = document.activeElement as HTMLElement | null
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches
  const viewer = new PhotoSwipe({
    dataSource: slides, index, loop: slides.length > 2, bgOpacity: 1, wheelToZoom: true, returnFocus: false, trapFocus: true,
    showHideAnimationType: still ? "none" : "zoom", zoomAnimationDuration: still ? 0 : 240,
    paddingFn: (size) => ({ top: 60, bottom: size.x < 600 ? 96 : 76, left: 0, right: 0 }),
    closeTitle: words.close, zoomTitle: words.zoom, arrowPrevTitle: words.previous, arrowNextTitle: words.next, errorMsg: words.error,
    indexIndicatorSep: ` ${words.of} `,
  })
  // What is let go of after a swipe or a pull is at its place at once.
  if (still) viewer.animations.startSpring = ({ end, onUpdate, onComplete }) => { onUpdate(end); onComplete?.() }
  const foot = element("div", "pswp__foot")
  const caption = element("p", "pswp__caption")
  const save = element("a", "pswp__save")
  caption.setAttribute("aria-live", "polite")
  save.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 15V3M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M7 10l5 5 5-5"/></svg>'
  save.append(words.download)
  const report = element("a", "pswp__report")
  report.append(words.report)
  foot.append(caption, save, report)

  viewer.on("uiRegister", () => viewer.ui?.registerElement({ name: "foot", appendTo: "root", order: 9, onInit: (holder) => holder.append(foot) }))
  const gone = new Set<SlideData>() // withdrawn since the page came
  const tell = () => {
    const slide = viewer.currSlide?.data as Slide, away = gone.has(slide)
    if (away && foot.contains(document.activeElement)) viewer.element?.focus() // what is hidden drops it
    caption.textContent = away ? words.gone : slide.caption
    caption.classList.toggle("vh", away) // it says so aloud; who sees reads it in the middle
    save.hidden = away || !slide.download
    if (slide.download) Object.assign(save, { href: slide.download, download: "" })
    report.hidden = away || !slide.report
    report.href = slide.report
  }
  viewer.on("change", tell)
  // A photo that is no longer there has no words and no buttons either; one that a bad line kept away keeps them.
  viewer.addFilter("contentErrorElement", (message, { data }) => {
    const say = () => { message.textContent = words.gone; message.ariaHidden = "true" }
    if (gone.has(data)) say()
    else void isGone(data.src!).then((away) => {
      if (!away) return
      gone.add(data)
      say()
      if (!viewer.isDestroying) tell()
    })
    return message
  })
  // What was loaded before it was withdrawn goes away too: when the page behind hears that something changed, what is shown is asked for once more.
  const asked = new Set<SlideData>()
  let heard = false
  const look = () => {
    if (!heard) return
    for (const { slide } of viewer.mainScroll.itemHolders) {
      if (!slide || asked.has(slide.data)) continue
      const { data } = slide
      asked.add(data)
      void isGone(data.src!).then((away) => {
        if (!away || viewer.isDestroying || gone.has(data)) return
        gone.add(data)
        for (const holder of viewer.mainScroll.itemHolders) if (holder.slide?.data === data) holder.slide.content.onError()
        tell()
      })
    }
  }
  const hear = () => { heard = true; asked.clear(); look() }
  document.addEventListener("turbo:render", hear)
  viewer.on("destroy", () => document.removeEventListener("turbo:render", hear))
  viewer.on("change", look)
  viewer.on("afterInit", () => {
    viewer.element?.setAttribute("aria-label", words.dialog)
    viewer.element?.setAttribute("aria-modal", "true")
    viewer.element?.setAttribute("data-turbo-permanent", "") // a live refresh leaves the viewer open
  })
  let leaving = false // for another page, by a link in the viewer
  closeByBack(viewer, () => leaving)
  report.dataset.turboAction = "replace" // of the place that closeByBack added
  viewer.on("destroy", () => {
    const now = slides[viewer.currIndex]?.element
    ;(now && now.offsetParent ? now : opener)?.focus({ preventScroll: true })
  })
  document.addEventListener("turbo:before-cache", () => { leaving = true; viewer.destroy() }, { once: true })
  viewer.init()
}

const isGone = (address: string): Promise<boolean> => fetch(address, { method: "HEAD" }).then(({ status }) => status === 404, () => false)

/**
 * The way back closes the viewer instead of leaving the page: the viewer is a place of its own in the history, at the same address. The browser calls
 * who listens to that in the order in which they came, also those who ask to be the first; Turbo would draw the page anew and drop the focus.
 */
function closeByBack(viewer: PhotoSwipe, leaving: () => boolean): void {
  const { history: places } = session
  let isOpen = true, went = () => {}
  const back = (event: PopStateEvent) => {
    event.stopImmediatePropagation() // it is the same page, so Turbo has nothing to do
    removeEventListener("popstate", back)
    places.replace(new URL(location.href), places.restorationIdentifier) // a refresh meanwhile gave it another name
    went()
    if (!isOpen) return
    isOpen = false
    viewer.close()
  }
  history.pushState(history.state, "")
  removeEventListener("popstate", places.onPopState)
  addEventListener("popstate", back)
  addEventListener("popstate", places.onPopState)
  viewer.on("close", () => {
    if (!isOpen) return
    isOpen = false
    if (leaving()) return removeEventListener("popstate", back)
    wayBack = new Promise((done) => { went = done })
    history.back()
  })
  viewer.on("destroy", () => { if (isOpen) removeEventListener("popstate", back) }) // another page took its place
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  made.className = className
  return made
}
