// The authenticator apps of the demo's staff. The portal takes a code once, so journeys that sign in as the same person take
// turns, and each takes the oldest code that is still good.
import { createHmac } from "node:crypto"
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const STEP = 30_000 // ms
const data = () => process.env.E2E_DATA ?? ""

/** What the app of this person shows at a step of time. */
function codeAt(email: string, step: number): string {
  const { LinkKey } = JSON.parse(readFileSync(join(data(), "secrets.json"), "utf8")) as { LinkKey: string }
  return code(createHmac("sha256", LinkKey).update(`authenticator app of ${email}`).digest().subarray(0, 20), step)
}

/** What an app that was given this secret (base32) shows now. */
export function codeOf(secret: string): string {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("")
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)))
  return code(key, Math.floor(Date.now() / STEP))
}

/** RFC 6238 with what every app takes for granted: SHA-1 and six digits. */
function code(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac("sha1", key).update(counter).digest()
  const at = mac[mac.length - 1] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0")
}

/** What a busy machine may need to fill a code in: one that ends sooner is not begun with. */
const SLOW = 12_000 // ms

/** Calls use with a code that nobody has used; others wait until it is done, because a newer code spends the older ones. */
export async function withCode(email: string, use: (code: string) => Promise<void>): Promise<void> {
  const turn = join(data(), `turn-${email}`)
  const used = join(data(), `used-${email}`)
  for (;;) {
    try {
      mkdirSync(turn)
      break
    } catch {
      await sleep(50)
    }
  }
  try {
    const last = Number(read(used))
    let now = Math.floor(Date.now() / STEP)
    const oldest = Date.now() % STEP > STEP - SLOW ? now : now - 1
    const step = Math.max(oldest, last + 1)
    for (; step > now + 1; now = Math.floor(Date.now() / STEP)) await sleep(250)
    writeFileSync(used, String(step))
    await use(codeAt(email, step))
  } finally {
    rmdirSync(turn)
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return "0"
  }
}
