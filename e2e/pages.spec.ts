import { look } from "./support/look"
import { linkInMail, openMail } from "./support/inbox"
import { care, compose, desk, entry, home, thread } from "./support/pages"
import { brokenPhotos } from "./support/pictures"
import { origin, PASSWORD, people, type Person } from "./support/portal"
import { expect, fillSignIn, test, type Page } from "./support/test"

// Every page as every role that has it. A page that is looked at in three widths and two schemes takes a while.
test.describe.configure({ timeout: 90_000 })
test.use({ trace: "off" }) // a trace of this much looking costs more than the looking; the messages say where it is

const bathmen = origin("kinderopvangbathmen")
const statuses = /status of (403|404|410|421|422|503)/

const forVisitors: Record<string, (page: Page) => Promise<unknown>> = {
  "sign-in": (page) => page.goto(`${bathmen}/inloggen`),
  "sign-in-blue": (page) => page.goto(`${origin("devuurtoren")}/inloggen`),
  "sign-in-wrong": async (page) => {
    await page.goto(`${bathmen}/inloggen`)
    await page.getByLabel("Gebruikersnaam").fill("niemand@bathmen.example")
    await page.getByLabel("Wachtwoord", { exact: true }).fill("niet goed")
    await page.keyboard.press("Enter")
    await expect(page.locator(".errors")).toBeVisible()
  },
  forgotten: (page) => page.goto(`${bathmen}/wachtwoord`),
  "forgotten-sent": (page) => page.goto(`${bathmen}/wachtwoord/verzonden`),
  "link-gone": (page) => page.goto(`${bathmen}/wachtwoord/nieuw/${"x".repeat(43)}`),
  "new-password": async (page) => {
    await page.goto(`${bathmen}/wachtwoord`)
    await page.getByLabel("E-mailadres").fill(people.geblokkeerd.email)
    await page.keyboard.press("Enter")
    await expect(page).toHaveURL(/verzonden/)
    await openMail(page, people.geblokkeerd.email, /wachtwoord/i)
    await page.goto(await linkInMail(page, /\/wachtwoord\/nieuw\//))
  },
  code: async (page) => {
    await page.goto(`${bathmen}/inloggen`)
    await fillSignIn(page, people.manager.email, PASSWORD)
    await expect(page).toHaveURL(/\/inloggen\/code/)
    await page.getByLabel("Code uit je app").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.locator(".errors")).toBeVisible()
  },
  "code-recovery": async (page) => {
    await page.goto(`${bathmen}/inloggen`)
    await fillSignIn(page, people.manager.email, PASSWORD)
    await page.getByRole("link", { name: /herstelcode/ }).click()
    await expect(page.getByLabel("Herstelcode")).toBeVisible()
  },
  "app-first": async (page) => {
    await page.goto(`${bathmen}/inloggen`)
    await fillSignIn(page, people.manager2.email, PASSWORD)
    await expect(page.locator(".qr")).toBeVisible()
  },
  privacy: (page) => page.goto(`${bathmen}/privacy`),
  disclosure: (page) => page.goto(`${bathmen}/responsible-disclosure`),
  accessibility: (page) => page.goto(`${bathmen}/toegankelijkheid`),
  "no-such-portal": (page) => page.goto(bathmen.replace("kinderopvangbathmen", "niemand")),
  "wrong-host": (page) => page.goto(bathmen.replace("kinderopvangbathmen.", "")),
}

for (const [name, open] of Object.entries(forVisitors)) {
  test(`visitor: ${name}`, async ({ visitor, watch }) => {
    watch.allow(statuses)
    const page = await visitor()
    await open(page)
    await look(page, `visitor-${name}`)
  })
}

const account: Record<string, (page: Page) => Promise<unknown>> = {
  news: (page) => page.goto(`${bathmen}/meldingen`),
  account: (page) => page.goto(`${bathmen}/overig`),
  // These ask first who it is when the session is older than five minutes, and so does a new password of who has a second factor.
  // Answering would give it a new token, and other journeys share it.
  email: (page) => page.goto(`${bathmen}/overig/email`),
  app: (page) => page.goto(`${bathmen}/overig/beveiliging/app`),
  confirm: (page) => page.goto(`${bathmen}/bevestigen`),
  security: (page) => page.goto(`${bathmen}/overig/beveiliging`),
  link: (page) => page.goto(`${bathmen}/accounts/koppelen`),
  "codes-shown": (page) => page.goto(`${bathmen}/overig/beveiliging/herstelcodes`),
  password: (page) => page.goto(`${bathmen}/overig/wachtwoord`),
  notifications: (page) => page.goto(`${bathmen}/overig/notificaties`),
  "not-found": (page) => page.goto(`${bathmen}/dagboek/${crypto.randomUUID()}`),
}

const forParents: Record<string, (page: Page) => Promise<unknown>> = {
  home,
  "home-one-child": async (page) => {
    await home(page)
    await page.locator(".kids a").nth(1).click()
    await expect(page).toHaveURL(/kind=/)
  },
  older: async (page) => {
    await home(page)
    await page.goto(bathmen + (await page.locator(".more a").last().getAttribute("href")))
  },
  write: (page) => page.goto(`${bathmen}/dagboek/schrijven`),
  "write-wrong": async (page) => {
    await page.goto(`${bathmen}/dagboek/schrijven`)
    await page.locator('[data-qa="send"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "own-entry": async (page) => {
    await page.goto(`${bathmen}/dagboek/schrijven`)
    await page.getByRole("radio", { name: /^Finn\b/ }).check()
    await page.getByLabel("Wat wil je vertellen?").fill("Finn zwaaide naar de vuilniswagen.")
    await page.locator('[data-qa="send"]').click()
    await page.locator('[data-qa="entry"]').filter({ hasText: "vuilniswagen" }).first().locator('[data-qa="read"]').click()
    await expect(page.locator('[data-qa="take-back"]')).toBeVisible()
  },
  entry,
  album: (page) => page.goto(`${bathmen}/fotos`),
  "album-months": async (page) => {
    await page.goto(`${bathmen}/fotos`)
    await page.getByText("Kies een maand").click()
  },
  "album-choose": async (page) => {
    await page.goto(`${bathmen}/fotos?kies=1`)
    await page.getByRole("checkbox").nth(1).check()
    await page.getByRole("checkbox").nth(2).check()
  },
  "album-wrong": async (page) => {
    await page.goto(`${bathmen}/fotos?kies=1`)
    await page.locator('[data-qa="zip"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  accesses: (page) => page.goto(`${bathmen}/inzage`),
  privacy: (page) => page.goto(`${bathmen}/overig/privacy`),
  agenda: (page) => page.goto(`${bathmen}/agenda`),
  absences: (page) => page.goto(`${bathmen}/afwezig`),
  declarations: (page) => page.goto(`${bathmen}/verklaringen`),
  "declaration-form": async (page) => {
    await page.goto(`${bathmen}/verklaringen`)
    await page.locator('[data-qa="declaration"]').filter({ hasText: "Inentingen" }).first().locator('[data-qa="fill"], [data-qa="change"]').click()
    await expect(page.locator('[data-qa="file-field"]')).toBeVisible()
  },
  "own-data": (page) => page.goto(`${bathmen}/gegevens`),
  "own-data-change": (page) => page.goto(`${bathmen}/gegevens/wijzigen`),
  child: async (page) => {
    await page.goto(`${bathmen}/kinderen`)
    await page.locator('[data-qa="kids"] a').first().click()
    await expect(page.locator('[data-qa="child-facts"]')).toBeVisible()
  },
  "absences-wrong": async (page) => {
    await page.goto(`${bathmen}/afwezig`)
    await page.getByLabel("Van", { exact: true }).fill("2020-01-06")
    await page.locator('[data-qa="report"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "day-report": async (page) => {
    await home(page)
    await page.locator('[data-qa="entry"]').filter({ has: page.locator('[data-qa="facts"]') }).locator('[data-qa="read"]').first().click()
    await expect(page.locator('[data-qa="day-lines"]')).toBeVisible()
  },
  "report-photo": async (page) => {
    await entry(page)
    await page.locator('[data-qa="report"]').first().click()
    await expect(page.locator('[data-qa="report-form"]')).toBeVisible()
  },
  place: (page) => page.goto(`${bathmen}/locatie`),
  colleague: async (page) => {
    await page.goto(`${bathmen}/locatie`)
    await page.locator('[data-qa="colleague"]').filter({ hasText: "Sanne" }).click()
    await expect(page.locator('[data-qa="introduction"]')).toBeVisible()
  },
  messages: (page) => page.goto(`${bathmen}/berichten`),
  "messages-none": (page) => page.goto(`${bathmen}/berichten?q=zzzz`),
  "message-thread": thread,
  "message-write": (page) => page.goto(`${bathmen}/berichten/nieuw`),
  "message-write-wrong": async (page) => {
    await page.goto(`${bathmen}/berichten/nieuw`)
    await page.locator('[data-qa="send"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "message-waits": async (page) => {
    await thread(page)
    await page.getByLabel("Je antwoord").fill("Dat is goed, tot morgen!")
    await page.locator('[data-qa="send"]').click()
    await expect(page.locator('[data-qa="waits"]')).toBeVisible()
  },
  viewer: async (page) => {
    await entry(page)
    await page.locator("a[data-w]").first().click()
    await expect(page.locator(".pswp__img:not(.pswp__img--placeholder)").first()).toBeVisible()
  },
  forbidden: (page) => page.goto(`${bathmen}/groep`),
  "password-wrong": async (page) => {
    await page.goto(`${bathmen}/overig/wachtwoord`)
    await page.getByLabel("Huidig wachtwoord").fill("niet goed")
    await page.getByLabel("Nieuw wachtwoord").fill("kort")
    await page.keyboard.press("Enter")
    await expect(page.locator(".errors")).toBeVisible()
  },
  ...account,
}

/** The day reports of yesterday, or of the last day that was a care day. */
async function earlierReports(page: Page): Promise<void> {
  await page.goto((await desk(page), `${page.url()}/dagverslagen`))
  const days = await page.locator('[data-qa="other-day"]').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))
  for (const day of days.slice(1)) {
    await page.goto(day)
    if (await page.locator('[data-qa="facts"]').count() > 0) break
  }
  await expect(page.locator('[data-qa="post-days"]')).toBeVisible()
}

const forStaff: Record<string, (page: Page, folder: string) => Promise<unknown>> = {
  desk,
  care,
  "care-wrong": async (page) => {
    await care(page)
    await page.locator('[data-qa="note"]').click() // what was eaten is not said
    await expect(page.locator(".errors")).toBeVisible()
  },
  "care-record": async (page) => {
    await care(page)
    await page.locator(".kinds").getByText("Humeur").click()
    await page.getByText("Vrolijk", { exact: true }).click()
    await page.locator('[data-qa="note"]').click()
    await expect(page.getByRole("status").getByText("De zorg is genoteerd.")).toBeVisible()
    await page.goto(`${page.url()}/zorg`)
    await page.locator('[data-qa="record"]').first().click()
    await expect(page.locator('[data-qa="correct"]')).toBeVisible()
  },
  "care-earlier": async (page) => {
    await page.goto((await desk(page), `${page.url()}/zorg`))
    await page.locator('[data-qa="other-day"]').first().click()
    await expect(page).toHaveURL(/dag=/)
  },
  messages: (page) => page.goto(`${bathmen}/berichten`),
  "message-thread": thread,
  "message-to-families": async (page) => {
    await page.goto(`${bathmen}/berichten/aan`)
    await expect(page.locator(".tile").first()).toBeVisible()
  },
  "message-to-families-wrong": async (page) => {
    await page.goto(`${bathmen}/berichten/aan`)
    await page.locator('[data-qa="look"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "message-to-families-counted": async (page) => {
    await page.goto(`${bathmen}/berichten/aan`)
    await page.getByRole("radio", { name: "Alle gezinnen van Kikkers" }).check()
    await page.getByLabel("Onderwerp").fill("Studiedag")
    await page.getByLabel("Bericht", { exact: true }).fill("Vrijdag zijn we dicht.")
    await page.locator('[data-qa="look"]').click()
    await expect(page.locator('[data-qa="count"]')).toBeVisible()
  },
  "day-reports": earlierReports,
  "day-reports-wrong": async (page) => {
    await earlierReports(page)
    await page.locator('[data-qa="post-days"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  compose,
  "compose-wrong": async (page) => {
    await page.goto((await desk(page), `${page.url()}/dagboek/nieuw`))
    await page.locator('[data-qa="send"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
  "compose-photos": async (page, folder) => {
    const files = brokenPhotos(folder)
    await compose(page)
    await page.locator("#photos").setInputFiles([files.good, files.text])
    await expect(page.locator('.shot[data-state="ready"]')).toHaveCount(1, { timeout: 20_000 })
    await expect(page.locator("#lacking_absent")).toBeVisible()
    await page.locator(".picker").scrollIntoViewIfNeeded()
  },
  entry: async (page) => {
    await desk(page)
    await page.locator('[data-qa="recent"]').first().click()
    await expect(page).toHaveURL(/\/dagboek\//)
  },
  withdraw: async (page) => {
    await compose(page)
    await page.getByLabel("Wat hebben jullie beleefd?").fill("We zwaaiden naar de trein.")
    await page.locator('[data-qa="send"]').click()
    await page.locator('[data-qa="recent"]').filter({ hasText: "We zwaaiden naar de trein." }).first().click()
    await page.getByRole("button", { name: "Intrekken" }).click()
    await expect(page.getByRole("dialog")).toBeVisible()
  },
  ...account,
}

const place = (page: Page) => page.goto(`${bathmen}/locatie`)

const profile: Record<string, (page: Page) => Promise<unknown>> = {
  profile: (page) => page.goto(`${bathmen}/overig/profiel`),
  "profile-wrong": async (page) => {
    await page.goto(`${bathmen}/overig/profiel`)
    await page.locator('[data-qa="send-photo"]').click()
    await expect(page.locator(".errors")).toBeVisible()
  },
}

const groups = (page: Page) => page.goto(`${bathmen}/groep`)

function pages(role: string, who: Person, all: Record<string, (page: Page, folder: string) => Promise<unknown>>): void {
  for (const [name, open] of Object.entries(all)) {
    test(`${role}: ${name}`, async ({ as, watch }, info) => {
      watch.allow(statuses)
      const page = await as(who)
      await open(page, info.outputPath("photos"))
      await look(page, `${role}-${name}`)
    })
  }
}

pages("parent", people.ouder, forParents)
pages("parent-english", people.english, { home, place, account: account.account })
pages("parent-no-photos", people.geenfoto, { home })
pages("parent-starting", people.starter, { home, place, news: account.news })
pages("parent-blocked", people.geblokkeerd, { home, place })
pages("parent-two-locations", people.grace, { place })
pages("collector", people.oma, { home })
pages("staff", people.sanne, forStaff)
pages("staff-two-groups", people.youssef, { groups })
pages("manager", people.manager, { groups, desk, account: account.account })
pages("admin", people.admin, { groups, desk, account: account.account })
pages("staff-and-parent", people.marieke, { ...profile, account: account.account })

test("unsubscribing from a mail", async ({ visitor, as, watch }) => {
  watch.allow(statuses)
  const staff = await as(people.youssef)
  await staff.goto(`${bathmen}/groep`)
  await staff.locator('[data-qa="group"]').filter({ hasText: "Kikkers" }).click()
  await staff.getByRole("checkbox", { name: /^Ruby\b/ }).check()
  await staff.locator('[data-qa="write"]').click()
  await staff.getByLabel("Wat hebben jullie beleefd?").fill("Ruby vond een veer.")
  await staff.locator('[data-qa="send"]').click()
  await expect(staff).toHaveURL(/\/groep\/[0-9a-f-]+$/)

  const page = await visitor()
  await openMail(page, people.english.email, /Ruby/)
  await look(page, "inbox-mail")
  await page.goto(page.url() + "/raw")
  const raw = (await page.locator("body").innerText()).replaceAll(/\r?\n[ \t]+/g, "")
  const link = /List-Unsubscribe: <(http\S+?)>/i.exec(raw)
  expect(link, "the mail says how to unsubscribe").not.toBeNull()
  await page.goto(link![1])
  await look(page, "visitor-unsubscribe")
  await page.locator('[data-qa="unsubscribe"]').click()
  await expect(page.locator('[data-qa="unsubscribe"]')).toHaveCount(0)
  await look(page, "visitor-unsubscribed")
})
