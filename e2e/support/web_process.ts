// A web process beside the demo's own, over the same data: one that a journey may kill while others go on.
import { spawn, type ChildProcess } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Organisation } from "./portal"
import { freePort } from "./start_demo"

const PROGRAM = join(import.meta.dirname, "../../bin/ouderportaal")
const READY = 30_000 // ms

export class WebProcess {
  private process?: ChildProcess

  private constructor(private readonly port: number, private readonly ops: number) {}

  static async start(): Promise<WebProcess> {
    const own = new WebProcess(await freePort(), await freePort())
    await own.start()
    return own
  }

  /** Address of an organisation's portal in this process. Cookies know no ports: who is signed in at the demo is so here. */
  origin(slug: Organisation): string { return `http://${slug}.ouderportaal.localhost:${this.port}` }

  /** Starts it, or starts it again at the same address. */
  async start(): Promise<void> {
    const env = Object.fromEntries(readFileSync(`/proc/${process.env.E2E_WEB}/environ`, "utf8").split("\0").filter(Boolean).map((entry) => entry.split(/=(.*)/s, 2) as [string, string]))
    this.process = spawn(PROGRAM, ["serve"], { env: { ...env, LISTEN_ADDR: `127.0.0.1:${this.port}`, PUBLIC_PORT: String(this.port), OPS_ADDR: `127.0.0.1:${this.ops}` }, stdio: "ignore" })
    for (const late = Date.now() + READY; Date.now() < late; await sleep(50)) {
      if (await fetch(`http://127.0.0.1:${this.ops}/readyz`).then((answer) => answer.ok, () => false)) return
    }
    throw new Error("the web process is not ready")
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    const { process } = this
    this.process = undefined
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    const gone = new Promise((resolve) => process.once("exit", resolve))
    process.kill("SIGKILL")
    await gone
  }
}
