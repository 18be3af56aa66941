// Sends one photo and follows it until the server has made it ready.

export interface Received {
  id: string
  state: "processing" | "ready" | "failed"
  thumb?: string
  name?: string // of the file, where it matters
  error?: string
  message?: string // the sentence, where error is a code
  sign_in?: string // where to sign in and come back from, when the session has ended
}

/** What is sent of a photo. taken: when it was taken, of a blob that does not say so itself. */
export interface Sent {
  blob: Blob
  name: string
  taken?: string
}

/** What went wrong, in a sentence for the person who chose the photo. again: the same file may go well the next time. */
export class Refused extends Error {
  constructor(sentence: string, readonly again = false) { super(sentence) }
}

/** The session has ended; signIn leads back to this page. */
export class SignedOut extends Refused {
  constructor(sentence: string, readonly signIn: string) { super(sentence, true) }
}

/** Worth another try: the server has its hands full, or hung up, which it also does on a large photo when its hands are full. */
class Busy extends Refused {
  constructor(sentence: string, readonly seconds: number) { super(sentence, true) }
}

const BUSY_TRIES = 5, HUNG_UP = 3, LONGEST_WAIT = 30 // s

/** Sends the photo, and again when the server was busy. Rejects with Refused when it says why, with the words for a broken line otherwise. */
export async function send(url: string, photo: Sent, abort: AbortSignal, network: string, progress: (percent: number) => void): Promise<Received> {
  for (let tries = 1; ; tries++) {
    try {
      return await post(url, photo, abort, network, progress)
    } catch (error) {
      if (!(error instanceof Busy) || tries === BUSY_TRIES) throw error
      progress(0)
      await new Promise<void>((done) => {
        setTimeout(done, 1000 * Math.min(error.seconds, LONGEST_WAIT))
        abort.addEventListener("abort", () => done(), { once: true })
      })
      abort.throwIfAborted()
    }
  }
}

/** Posts the blob as the field "photo", and when it was taken as "taken". */
function post(url: string, { blob, name, taken }: Sent, abort: AbortSignal, network: string, progress: (percent: number) => void): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest() // fetch cannot tell how much has been sent
    const body = new FormData()
    body.append("photo", blob, name)
    if (taken) body.append("taken", taken)
    request.open("POST", url)
    request.setRequestHeader("Accept", "application/json")
    request.upload.onprogress = (e) => { if (e.lengthComputable) progress(Math.round((100 * e.loaded) / e.total)) }
    request.onload = () => {
      const answer = parse(request.responseText)
      const sentence = answer.message || answer.error || network
      if (request.status >= 200 && request.status < 300 && answer.id) resolve(answer as Received)
      else if (request.status === 429 || request.status === 503) reject(new Busy(sentence, Number(request.getResponseHeader("Retry-After")) || 2))
      else if (request.status === 401 && answer.sign_in) reject(new SignedOut(sentence, answer.sign_in))
      else reject(new Refused(sentence, request.status >= 500 || request.status === 408 || request.status === 0))
    }
    request.onerror = request.ontimeout = () => reject(new Busy(network, HUNG_UP))
    abort.addEventListener("abort", () => { request.abort(); reject(new DOMException("removed", "AbortError")) })
    request.send(body)
  })
}

const TRIES = 40

/** Asks url until the photo is no longer being processed, for the first time after first ms. An answer other than 200 ends the asking: the server will show the state later. */
export async function follow(url: string, abort: AbortSignal, first = 1000): Promise<Received | undefined> {
  for (let i = 0; i < TRIES && !abort.aborted; i++) {
    await new Promise((done) => setTimeout(done, Math.min(first + i * 250, 5000)))
    if (abort.aborted) return undefined
    try {
      const response = await fetch(url, { headers: { Accept: "application/json" }, signal: abort })
      if (!response.ok) return undefined
      const answer = (await response.json()) as Received
      if (answer.state !== "processing") return answer
    } catch {
      if (abort.aborted) return undefined
    }
  }
  return undefined
}

function parse(text: string): Partial<Received> {
  try {
    return JSON.parse(text) as Partial<Received>
  } catch {
    return {}
  }
}
