// What happens while the server is away is on the page that stayed open, a moment after it is back.
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"
import { WebProcess } from "./support/web_process"

const bathmen = origin("kinderopvangbathmen")

// A message waits twenty seconds before anybody else sees it, and the worker looks every second.
const OUT = { timeout: 40_000 }

const mark = (page: Page) => page.evaluate(() => { (window as unknown as { stayed: boolean }).stayed = true })
const stayed = (page: Page) => page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed === true)
const thread = (page: Page, subject: string) => page.locator('[data-qa="thread"]').filter({ hasText: subject })

let web: WebProcess | undefined
test.beforeAll(async () => { web = await WebProcess.start() })
test.afterAll(async () => { await web?.kill() })

test("a server that is killed and started again costs the open page nothing", async ({ as, watch }, info) => {
  test.slow()
  watch.allow(/net::ERR_/, /status of 503/)
  const subject = `Stroomstoring ${info.workerIndex}-${Date.now() % 100_000}`
  const own = web.origin("kinderopvangbathmen")
  const staff = await as(people.youssef)
  await staff.goto(`${own}/berichten`)
  await expect(staff.getByRole("heading", { level: 1 })).toHaveText("Berichten")
  await mark(staff)
  // This one's refreshes meet a server that starts, and then a line that is gone.
  const unlucky = await as(people.youssef)
  await unlucky.goto(`${bathmen}/berichten`)
  await expect(unlucky.getByRole("heading", { level: 1 })).toHaveText("Berichten")
  await mark(unlucky)
  let refused = 0
  await unlucky.route(`${bathmen}/berichten`, async (route) => {
    refused++
    if (refused === 1) await route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Even geduld</h1>" })
    else await route.abort("connectionreset")
  })

  const parent = await as(people.geenfoto)
  await parent.goto(`${bathmen}/berichten/nieuw`)
  await parent.getByLabel("Onderwerp").fill(subject)
  await parent.getByLabel("Bericht", { exact: true }).fill("Bij ons is de stroom weg.")
  await parent.locator('[data-qa="send"]').click()
  await expect(parent.getByRole("heading", { level: 1 })).toHaveText(subject)
  await web.kill()

  await expect(parent.locator('[data-qa="waits"]'), "it goes out meanwhile").toHaveCount(0, OUT)
  await expect.poll(() => refused, OUT).toBeGreaterThan(1)
  for (const page of [staff, unlucky]) await expect(page.getByRole("heading", { level: 1 }), "the page stays as it was").toHaveText("Berichten")
  await expect(thread(staff, subject)).toHaveCount(0)

  await unlucky.unroute(`${bathmen}/berichten`)
  await web.start()
  for (const page of [staff, unlucky]) {
    await expect(thread(page, subject)).toContainText("Bij ons is de stroom weg.", { timeout: 70_000 })
    expect(await stayed(page), "the page was not loaded anew").toBe(true)
  }
})
