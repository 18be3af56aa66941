// Shows what push services bring while no page is open. It keeps nothing and answers no request of a page.

interface Waiting extends Event { waitUntil(done: Promise<unknown>): void }
interface Pushed extends Waiting { data: { json(): unknown } | null }
interface Clicked extends Waiting { notification: Notification }
interface Moved extends Waiting { oldSubscription: PushSubscription | null; newSubscription: PushSubscription | null }
interface Page { url: string; focus(): Promise<unknown> }
interface Worker extends EventTarget {
  registration: ServiceWorkerRegistration
  location: Location
  clients: { matchAll(which: { type: "window" }): Promise<Page[]>; openWindow(url: string): Promise<unknown> }
}
interface Notice { title: string; body: string; lang: string; tag: string; icon: string; navigate: string }

const worker = self as unknown as Worker

/** Only pages of this portal are opened, whatever a message says. */
function ours(address: unknown): string {
  try {
    const url = new URL(String(address), worker.location.origin)
    if (url.origin === worker.location.origin) return url.href
  } catch {
    // no address
  }
  return worker.location.origin + "/meldingen"
}

worker.addEventListener("push", (event) => {
  const { data } = event as Pushed
  let said: Partial<Notice> = {}
  try {
    said = (data?.json() as { notification: Partial<Notice> }).notification
  } catch {
    // a browser that lets us know wants something to be shown, whatever it is
  }
  const { title = worker.location.hostname, body, lang, tag, icon, navigate } = said
  ;(event as Pushed).waitUntil(worker.registration.showNotification(title, { body, lang, tag, icon, data: ours(navigate) }))
})

// What somebody is writing in an open page stays there: only a page that shows this already is used again.
async function open(url: string): Promise<unknown> {
  const there = (await worker.clients.matchAll({ type: "window" })).find((page) => page.url === url)
  return there ? there.focus() : worker.clients.openWindow(url)
}

worker.addEventListener("notificationclick", (event) => {
  const { notification } = event as Clicked
  notification.close()
  ;(event as Clicked).waitUntil(open(ours(notification.data)))
})

async function move({ oldSubscription: was, newSubscription }: Moved): Promise<void> {
  if (!was) return
  const now = newSubscription ?? (await worker.registration.pushManager.subscribe(was.options))
  const { endpoint = "", keys = {} } = now.toJSON()
  await fetch("/overig/notificaties/apparaten/verhuizing", { method: "POST", body: new URLSearchParams({ was: was.endpoint, endpoint, p256dh: keys.p256dh ?? "", auth: keys.auth ?? "" }) })
}

worker.addEventListener("pushsubscriptionchange", (event) => (event as Moved).waitUntil(move(event as Moved)))
