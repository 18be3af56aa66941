// The part of Turbo that we use; the package has no types of its own.
declare module "@hotwired/turbo" {
  export function visit(location: string, options?: { action?: "advance" | "replace" | "restore"; frame?: string; shouldCacheSnapshot?: boolean }): void
  export const cache: { exemptPageFromCache(): void }
  export const session: {
    readonly navigator: { readonly currentVisit?: { fail(): void }; stop(): void }
    readonly drive: boolean
    readonly history: { readonly restorationIdentifier: string; readonly currentIndex: number; onPopState(event: PopStateEvent): void; replace(location: URL, restorationIdentifier: string): void }
  }
}

interface TurboFrameElement extends HTMLElement {
  src: string | null
  loading: "eager" | "lazy"
  reload(): Promise<void>
}

/** Address of the viewer's style sheet; the build fills it in. */
declare const VIEWER_CSS: string
declare const FACES_MODEL: string
