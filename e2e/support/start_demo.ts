// Starts the demo once for all journeys, and an empty one for who begins with nothing: a data folder of its own, free ports, everything
// gone afterwards.
import { spawn, type ChildProcess } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const PROGRAM = join(import.meta.dirname, "../../bin/ouderportaal")
const READY = 120_000 // ms; the first start fills three organisations
const STOP = 40_000 // ms; longer than the demo gives its servers

// With these in the environment the demo would use servers of somebody else.
const FOREIGN = /^(DATABASE_|REDIS_URL|S3_|SMTP_URL|MAIL_|LOG_LEVEL|MEDIA_DIR)/

/** Where a demo runs, as the environment of the journeys names it. */
export type Where = Record<"E2E_PORT" | "E2E_INBOX" | "E2E_DATABASE_PORT" | "E2E_WEB" | "E2E_DATA", string>

export default async function startDemo(): Promise<() => Promise<void>> {
  const { where, stop, restarts } = await start()
  Object.assign(process.env, where)
  return async () => {
    // The demo starts a program again that went away, and most journeys would not notice.
    const again = restarts()
    const logs = again && ["serve.log", "work.log"].map((log) => `${log}:\n${oddLines(readFileSync(join(where.E2E_DATA, log), "utf8"))}`)
    await stop()
    if (logs) throw new Error([again, ...logs].join("\n"))
  }
}

/** Starts a demo with more arguments than usual, and gives where it is, how it is stopped, and what it says of programs that ended. */
export async function start(...more: string[]): Promise<{ where: Where; stop: () => Promise<void>; restarts: () => string }> {
  if (!existsSync(PROGRAM)) throw new Error("bin/ouderportaal is not there: run scripts/setup first.")
  const dir = mkdtempSync(join(tmpdir(), "ouderportaal-journeys-"))
  chmodSync(dir, 0o711) // PostgreSQL's own user passes through
  const [port, inbox] = [await freePort(), await freePort()]
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)))
  env.MAIL_GATHER = "0s" // each journey waits for a mail of its own
  const demo = spawn(PROGRAM, ["demo", "--dir", join(dir, "data"), "--port", String(port), "--inbox-port", String(inbox), ...more], { env, stdio: ["ignore", "pipe", "pipe"] })
  // However we end, the demo ends too and leaves nothing behind.
  const kill = () => {
    demo.kill("SIGKILL")
    rmSync(dir, { recursive: true, force: true })
  }
  const terminated = () => process.exit(143)
  process.once("exit", kill)
  process.once("SIGTERM", terminated)
  const stop = async () => {
    await ended(demo)
    process.off("exit", kill)
    process.off("SIGTERM", terminated)
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const screen = await ready(demo)
    const where = {
      E2E_PORT: one(screen, /beheer\.ouderportaal\.localhost:(\d+)/), E2E_INBOX: one(screen, /All mail +(\S+)/),
      E2E_DATABASE_PORT: one(screen, /PostgreSQL runs on 127\.0\.0\.1:(\d+)/), E2E_WEB: one(screen, /web process runs \(process (\d+)\)/), E2E_DATA: join(dir, "data"),
    }
    let said = ""
    for (const stream of [demo.stdout!, demo.stderr!]) stream.on("data", (chunk: Buffer) => { said += chunk.toString() })
    return { where, stop, restarts: () => said.split("\n").filter((line) => /\bended\b/.test(line)).join("\n") }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What a log has beside requests that went well, its first 20,000 characters: a fatal error of Go's runtime says there what happened. */
function oddLines(log: string): string {
  return log.split("\n").filter((line) => !/"level":"(INFO|WARN)"/.test(line)).join("\n").slice(0, 20_000)
}

function ready(demo: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let screen = ""
    const late = setTimeout(() => reject(new Error(`The demo was not ready in time:\n${screen}`)), READY)
    const read = (chunk: Buffer) => {
      screen += chunk.toString()
      if (!screen.includes("Ctrl-C stops everything")) return
      clearTimeout(late)
      resolve(screen)
    }
    demo.stdout!.on("data", read)
    demo.stderr!.on("data", read)
    demo.once("error", reject)
    demo.once("exit", (code) => reject(new Error(`The demo ended with ${code}:\n${screen}`)))
  })
}

function ended(demo: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (demo.exitCode !== null || demo.signalCode !== null) return resolve()
    const late = setTimeout(() => demo.kill("SIGKILL"), STOP)
    demo.once("exit", () => {
      clearTimeout(late)
      resolve()
    })
    demo.kill("SIGINT")
  })
}

function one(screen: string, pattern: RegExp): string {
  const found = pattern.exec(screen)
  if (!found) throw new Error(`The demo did not say ${pattern}:\n${screen}`)
  return found[1]
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))))
    })
  })
}
