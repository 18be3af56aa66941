// Sends one photo and follows it until the server has made it ready.

export interface Received {
  id: string
  state: "processing" | "ready" | "failed"
  thumb?: string
  error?: string
}

/** What went wrong, in a sentence for the person who chose the photo. */
export class Refused extends Error {}

/** Posts blob as the field "photo". Rejects with Refused when the server says why, with the words for a broken line otherwise. */
export function send(url: string, blob: Blob, name: string, abort: AbortSignal, network: string, progress: (percent: number) => void): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest() // fetch cannot tell how much has been sent
    const body = new FormData()
    body.append("photo", blob, name)
    request.open("POST", url)
    request.setRequestHeader("Accept", "application/json")
    request.upload.onprogress = (e) => { if (e.lengthComputable) progress(Math.round((100 * e.loaded) / e.total)) }
    request.onload = () => {
      const answer = parse(request.responseText)
      if (request.status >= 200 && request.status < 300 && answer.id) resolve(answer as Received)
      else reject(new Refused(answer.error || network))
    }
    request.onerror = request.ontimeout = () => reject(new Refused(network))
    abort.addEventListener("abort", () => { request.abort(); reject(new DOMException("removed", "AbortError")) })
    request.send(body)
  })
}

const TRIES = 40

/** Asks url until the photo is no longer being processed. An answer other than 200 ends the asking: the server will show the state later. */
export async function follow(url: string, abort: AbortSignal): Promise<Received | undefined> {
  for (let i = 0; i < TRIES && !abort.aborted; i++) {
    await new Promise((done) => setTimeout(done, Math.min(1000 + i * 250, 5000)))
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
