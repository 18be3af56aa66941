import { Controller } from "@hotwired/stimulus"
import type { Slide, ViewerWords } from "../viewer"

/** Opens the photos among its links full screen; the viewer's code arrives with the first click. */
export default class extends Controller<HTMLElement> {
  static override values = { caption: String }
  declare captionValue: string

  async open(event: MouseEvent): Promise<void> {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-w]")
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    const links = [...this.element.querySelectorAll<HTMLAnchorElement>("a[data-w]")]
    try {
      const { open } = await import("../viewer")
      await open(links.map((link) => slide(link, this.captionValue)), links.indexOf(link), words())
    } catch {
      location.assign(link.href) // without the viewer the picture itself is better than nothing
    }
  }
}

function slide(link: HTMLAnchorElement, caption: string): Slide {
  const image = link.querySelector("img")
  const { w, download, report, nameless } = link.dataset, words = link.dataset.caption ?? caption
  const alt = link.dataset.alt ?? image?.alt ?? "", height = link.dataset.h ?? image?.getAttribute("height")
  return {
    src: link.href, width: Number(w), height: Number(height), srcset: image ? `${image.srcset}, ${link.href} ${largest(link)}w` : undefined, msrc: image?.currentSrc, element: link, thumbCropped: true,
    alt, caption: [nameless === undefined ? alt : "", words].filter(Boolean).join(" · "), download: download === undefined ? "" : link.pathname.replace(/[^/]+$/, "download"),
    report: report === undefined ? "" : link.pathname.replace(/[^/]+$/, "melden"),
  }
}

/** Width of the picture behind the link: its name says how wide it is, unless the photo was narrower. */
const largest = (link: HTMLAnchorElement): number => Math.min(Number(link.dataset.w), parseInt(link.pathname.replace(/.*\//, ""), 10))

function words(): ViewerWords {
  return JSON.parse(document.querySelector<HTMLMetaElement>('meta[name="viewer-words"]')?.content ?? "{}") as ViewerWords
}
