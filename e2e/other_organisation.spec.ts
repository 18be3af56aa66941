import { origin, people } from "./support/portal"
import { expect, statusOf, test } from "./support/test"

const bathmen = origin("kinderopvangbathmen"), vuurtoren = origin("devuurtoren")

test("another organisation's cookie, ids and photos lead nowhere", async ({ as, watch }) => {
  watch.allow(/status of 40[34]/)
  const own = await as(people.ouder)
  await own.goto(bathmen)
  const link = own.locator('[data-qa="entry"]').filter({ has: own.locator("a[data-w]") }).first()
  const entry = new URL((await link.locator('[data-qa="read"]').getAttribute("href"))!, bathmen).pathname
  const photo = new URL((await link.locator("a[data-w]").first().getAttribute("href"))!, bathmen).pathname
  const download = photo.replace(/[^/]+$/, "download")
  const group = await (async () => {
    const staff = await as(people.sanne)
    await staff.goto(`${bathmen}/groep`)
    return new URL(staff.url()).pathname
  })()

  // Signed in at De Vuurtoren, asking there for what is Bathmen's.
  for (const who of [people.vuurtorenOuder, people.jelle]) {
    const page = await as(who)
    await page.goto(`${vuurtoren}/overig`)
    const wanted = who === people.jelle ? [entry, photo, download, group, `${group}/dagboek`, `${group}/dagboek/nieuw`] : [entry, photo, download]
    for (const path of wanted) expect(await statusOf(page, path), `${who.email} asks for ${path}`).toBe(404)
  }

  // The cookie of De Vuurtoren, planted at Bathmen, finds nothing there, and is gone after it.
  const page = await as(people.jelle)
  const session = (await page.context().cookies(vuurtoren)).find((c) => c.name.includes("sessie"))!
  for (const path of ["/", "/overig", "/inloggen", "/live", group, entry, photo, download]) {
    await page.context().addCookies([{ name: session.name, value: session.value, domain: new URL(bathmen).hostname, path: "/", secure: true, httpOnly: true, sameSite: session.sameSite }])
    const answer = await page.goto(bathmen + path)
    expect(answer?.status(), path).toBe(404)
    expect((await page.context().cookies(bathmen)).filter((c) => c.name === session.name), path).toEqual([])
  }
  await page.goto(`${bathmen}/overig`)
  await expect(page, "nobody is signed in there").toHaveURL(/\/inloggen/)
})

test("hosts that are nobody's show no organisation", async ({ visitor, watch }) => {
  watch.allow(/status of 4(21|04)/)
  const page = await visitor()
  const port = process.env.E2E_PORT
  const hosts = { "ouderportaal.localhost": 421, "x.kinderopvangbathmen.ouderportaal.localhost": 421, "kinderopvangbathmen.localhost": 421, localhost: 421, "niemand.ouderportaal.localhost": 404 }
  for (const [host, status] of Object.entries(hosts)) {
    const answer = await page.goto(`http://${host}:${port}/inloggen`)
    expect(answer?.status(), host).toBe(status)
    expect(await page.content(), host).not.toContain("Bathmen</span>")
    await expect(page.locator('input[type="password"]'), host).toHaveCount(0)
  }
})

test("a page of another organisation can make a browser do nothing here", async ({ as, watch }) => {
  watch.allow(/status of 403/, /^request to .*\/overig\/taal/, /console error/)
  const page = await as(people.vuurtorenOuder)
  const own = await as(people.ouder)
  await own.goto(`${bathmen}/overig`)
  const session = await own.context().cookies(bathmen)
  await page.context().addCookies(session.map(({ name, value, sameSite }) => ({ name, value, sameSite, domain: new URL(bathmen).hostname, path: "/", secure: true, httpOnly: true })))
  await page.goto(`${vuurtoren}/inloggen`)
  const answer = page.waitForResponse((r) => r.url() === `${bathmen}/overig/taal`).catch(() => null)
  await page.evaluate((target) => {
    const form = document.createElement("form")
    Object.assign(form, { method: "post", action: target })
    form.dataset.turbo = "false"
    form.innerHTML = '<input name="language" value="en">'
    document.body.append(form)
    form.submit()
  }, `${bathmen}/overig/taal`)
  const got = await Promise.race([answer, page.waitForTimeout(2_000).then(() => null)])
  if (got) expect(got.status()).toBe(403) // else our own policy (form-action) stopped it in the browser
  await own.reload()
  await expect(own.locator("html")).toHaveAttribute("lang", "nl")
})
