// Keeps what somebody reads where it is, while news is put into the page above it.

const NEAR_TOP = 120 // px: who is at the top sees the news come in

interface Place { id: string; top: number }

/** What is being read: nothing at the top of the page; "later" when it came in by scrolling, and would go again with a fresh page. */
export function readingPlace(): Place | "later" | undefined {
  if (scrollY < NEAR_TOP) return undefined
  const seen = document.elementFromPoint(innerWidth / 2, innerHeight / 3)?.closest<HTMLElement>("main [id]")
  if (!seen) return undefined
  return seen.closest("turbo-frame") ? "later" : { id: seen.id, top: seen.getBoundingClientRect().top }
}

/** Scrolls so far that place is where it was. */
export function keepPlace(place: Place): void {
  const now = document.getElementById(place.id)?.getBoundingClientRect().top
  if (now !== undefined && now !== place.top) scrollBy({ top: now - place.top, behavior: "instant" })
}
