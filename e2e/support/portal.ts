// Where the demo's organisations are and who is in them. The data are those of cmd/ouderportaal/demo.
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"

export const PASSWORD = "welkom in de demo"

export type Organisation = "kinderopvangbathmen" | "devuurtoren" | "klaproos"

/** Address of an organisation's portal, without a slash at the end. */
export const origin = (slug: string): string => `http://${slug}.ouderportaal.localhost:${process.env.E2E_PORT}`

export const inboxOrigin = (): string => process.env.E2E_INBOX ?? ""

/** Somebody who can sign in. Home is where signing in leads; app says that a code is asked for after the password. */
export interface Person { at: Organisation; email: string; home: RegExp; app?: boolean }

const parent = (at: Organisation, email: string): Person => ({ at, email, home: /localhost:\d+\/$/ })
const staff = (at: Organisation, email: string): Person => ({ at, email, home: /\/groep(\/|$)/, app: true })
const console = (at: Organisation, email: string): Person => ({ at, email, home: /\/beheer$/, app: true })

const BATHMEN = "kinderopvangbathmen", VUURTOREN = "devuurtoren", KLAPROOS = "klaproos"

export const people = {
  sanne: staff(BATHMEN, "sanne@bathmen.example"), // Kikkers
  youssef: staff(BATHMEN, "youssef@bathmen.example"), // Kikkers and Egels
  manager: console(BATHMEN, "manager@bathmen.example"),
  manager2: console(BATHMEN, "manager2@bathmen.example"), // has no authenticator app yet
  admin: console(BATHMEN, "beheer@bathmen.example"),
  marieke: staff(BATHMEN, "marieke@bathmen.example"), // also a parent
  ouder: parent(BATHMEN, "ouder@bathmen.example"), // Mila and Finn, Kikkers
  vader: parent(BATHMEN, "vader@bathmen.example"), // the same children
  geenfoto: parent(BATHMEN, "geenfoto@bathmen.example"), // Noor, no consent to photos, Kikkers
  murat: parent(BATHMEN, "murat.aydin@bathmen.example"), // Noor as well; reads English once the journey about languages is over
  english: parent(BATHMEN, "english@bathmen.example"), // Ruby, reads English
  starter: parent(BATHMEN, "starter@bathmen.example"), // Jip starts in six weeks
  geblokkeerd: parent(BATHMEN, "geblokkeerd@bathmen.example"), // sees nobody
  oma: parent(BATHMEN, "oma@bathmen.example"), // collects, reads nothing
  informatie: parent(BATHMEN, "informatie@bathmen.example"), // Bo
  ingetrokken: parent(BATHMEN, "ingetrokken@bathmen.example"), // Lux, consent withdrawn
  grace: parent(BATHMEN, "grace.okafor@bathmen.example"), // Ada, at two locations
  iris: parent(BATHMEN, "iris.dekker@bathmen.example"), // Evi and Romy; sets up a passkey, so that she signs in differently afterwards
  chidi: parent(BATHMEN, "chidi.okafor@bathmen.example"), // Ada as well
  afscheid: parent(BATHMEN, "afscheid@bathmen.example"), // Pim left nearly two years ago
  vertrokken: parent(BATHMEN, "vertrokken@bathmen.example"), // Mats left
  vuurtorenAdmin: console(VUURTOREN, "beheer@vuurtoren.example"),
  vuurtorenManager2: console(VUURTOREN, "manager2@vuurtoren.example"), // nor has this one
  jelle: staff(VUURTOREN, "jelle@vuurtoren.example"), // Krabbetjes
  vuurtorenOuder: parent(VUURTOREN, "ouder@vuurtoren.example"), // Pepijn
  ans: staff(KLAPROOS, "ans@klaproos.example"), // Bijtjes
  vuurtorenVader: parent(VUURTOREN, "jaap.visscher@vuurtoren.example"), // the same child
  klaproosOuder: parent(KLAPROOS, "ouder@klaproos.example"), // Jade
} satisfies Record<string, Person>

/** Runs "ouderportaal tenant …" as an operator does, on the database of the running demo. */
export const tenantCommand = (...args: string[]): string => command("tenant", ...args)

/** Runs a command of the program, as somebody at the machine does. */
export function command(...args: string[]): string {
  const data = process.env.E2E_DATA ?? ""
  const { Platform } = JSON.parse(readFileSync(join(data, "secrets.json"), "utf8")) as { Platform: string }
  const env = {
    PATH: process.env.PATH, BASE_DOMAIN: "ouderportaal.localhost", PUBLIC_SCHEME: "http", PUBLIC_PORT: process.env.E2E_PORT,
    DATABASE_PLATFORM_URL: `postgres://ouderportaal_platform:${Platform}@127.0.0.1:${process.env.E2E_DATABASE_PORT}/ouderportaal?sslmode=disable`,
  }
  return execFileSync(join(import.meta.dirname, "../../bin/ouderportaal"), args, { env, encoding: "utf8" })
}
