// What people paste into the editor comes by the clipboard, with the keys that people press; what comes out is clean, and nothing of it runs.
import { origin, people } from "./support/portal"
import { expect, test, type Page } from "./support/test"

const bathmen = origin("kinderopvangbathmen")
const editor = (page: Page) => page.locator('[data-qa="editor"]')

// The worker makes a picture fit to share.
const LATER = { timeout: 40_000 }

// A picture of four pixels.
const PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEklEQVR4nGM4EaChEXCCAUIBACMOBQGEkS8pAAAAAElFTkSuQmCC"

const WORD = `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15">
  <!--[if gte mso 9]><xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings></xml><![endif]-->
  <style><!-- p.MsoNormal {mso-style-parent:""; font-family:"Calibri",sans-serif;} @page WordSection1 {size:595.3pt 841.9pt;} --></style></head>
  <body lang=NL style='tab-interval:35.4pt'><!--StartFragment--><h1 style='mso-outline-level:1'><span style='color:#2F5496'>Sinterklaas<o:p></o:p></span></h1>
  <p class=MsoNormal style='margin-bottom:8.0pt'><b style='mso-bidi-font-weight:normal'><span style='font-size:11.0pt'>Vrijdag</span></b><span style='mso-spacerun:yes'>  </span>komt hij langs.<o:p></o:p></p>
  <p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>Neem een schoen mee<o:p></o:p></p>
  <p class=MsoNormal><a href="https://voorbeeld.example/sint" style='mso-comment-reference:x'>Meer lezen</a><o:p></o:p></p><!--EndFragment--></body></html>`

const GADGETS = `<p>Begin</p><script>window.ran++</script><script src="/static/gevaar.js"></script><img src=x onerror="window.ran++"><svg onload="window.ran++"><script>window.ran++</script></svg>
  <math><mtext><img src=x onerror="window.ran++"></mtext></math><iframe src="/gevaar/kader" srcdoc="<script>parent.ran++</script>"></iframe><object data="/gevaar/ding"></object>
  <a href="javascript:window.ran++" id="een">een</a> <a href="/gevaar/uit" data-turbo-method="post" data-turbo-confirm="x">twee</a> <a href="data:text/html,x">drie</a>
  <form action="/gevaar/formulier" method="post"><input name="a" autofocus onfocus="window.ran++"><button>vier</button></form>
  <turbo-frame id="lijst" src="/gevaar/frame">vijf</turbo-frame><turbo-stream action="replace" target="inhoud"><template><p>gekaapt</p></template></turbo-stream>
  <div data-controller="seen" data-seen-url-value="/gevaar/gezien" data-action="mouseover->viewer#open">zes</div><div data-controller="live" data-live-url-value="/gevaar/live">zeven</div>
  <p id="toasts" class="toasts" style="background:url(/gevaar/stijl)">acht</p><meta http-equiv="refresh" content="0;url=/gevaar/meta"><base href="/gevaar/"><link rel="stylesheet" href="/gevaar/blad.css"><p>Einde</p>`

/** Copies HTML as another program does, and pastes it where the caret is. */
async function paste(page: Page, html: string): Promise<void> {
  await page.evaluate((html) => {
    document.addEventListener("copy", (event) => {
      event.clipboardData!.setData("text/html", html)
      event.clipboardData!.setData("text/plain", "als platte tekst")
      event.preventDefault()
      event.stopImmediatePropagation()
    }, { once: true, capture: true })
  }, html)
  await editor(page).click()
  await page.keyboard.press("Control+A")
  await page.keyboard.press("Control+C")
  await page.keyboard.press("Control+End")
  await page.keyboard.press("Control+V")
}

/** Begins an article, pastes into it and keeps it; gives the page that shows it as a parent sees it. */
async function pasted(page: Page, title: string, html: string, until: string | RegExp): Promise<void> {
  await page.goto(`${bathmen}/beheer/nieuws`)
  await page.locator('[data-qa="new-news"]').click()
  await expect(editor(page)).toBeVisible(LATER)
  await page.getByLabel("Titel").fill(title)
  await page.evaluate(() => { (window as unknown as { ran: number }).ran = 0 })
  await paste(page, html)
  await expect(editor(page)).toContainText(until, LATER)
}

async function preview(page: Page): Promise<void> {
  await page.locator('[data-qa="save"]').click()
  await expect(page.locator(".toast")).toContainText("Opgeslagen.")
  await page.locator('[data-qa="preview"]').click()
  await expect(page.locator('[data-qa="phone"]')).toBeVisible()
}

const rich = (page: Page) => page.locator('[data-qa="phone"] .rich')

/** The elements of what is shown, by name, and every attribute that none of them may have. */
const made = (page: Page) => rich(page).evaluate((rich) => {
  const all = [...rich.querySelectorAll("*")]
  return { names: [...new Set(all.map((e) => e.localName))].sort(), attributes: all.flatMap((e) => e.getAttributeNames()).filter((a) => !["href", "src", "alt", "width", "height", "loading", "rel", "target"].includes(a)) }
})

async function leave(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Terug naar het bericht" }).click()
  await page.locator('[data-qa="remove"]').click()
  await expect(page).toHaveURL(/\/beheer\/nieuws$/)
}

test("a text from Word keeps its words and what they are, and nothing of Word", async ({ as }, info) => {
  test.slow()
  const page = await as(people.admin)
  await pasted(page, `Word ${info.workerIndex}`, WORD, "Neem een schoen mee")
  await preview(page)
  await expect(rich(page).locator("h2, h3")).toContainText("Sinterklaas")
  await expect(rich(page).locator("strong")).toContainText("Vrijdag")
  await expect(rich(page).getByRole("link", { name: "Meer lezen" })).toHaveAttribute("href", "https://voorbeeld.example/sint")
  await expect(rich(page)).not.toContainText(/mso|Microsoft|supportLists|StartFragment|@page/i)
  expect((await made(page)).attributes).toEqual([])
  await leave(page)
})

test("a table of three hundred rows is pasted whole", async ({ as }, info) => {
  test.slow()
  const page = await as(people.admin)
  const rows = Array.from({ length: 300 }, (_, n) => `<tr><td style="width:80pt">rij ${n + 1}</td><td>cel ${n + 1}</td></tr>`)
  await pasted(page, `Tabel ${info.workerIndex}`, `<table border=1>${rows.join("")}</table>`, "cel 300")
  await preview(page)
  const words = await rich(page).innerText()
  expect(Array.from({ length: 300 }, (_, n) => [`rij ${n + 1}`, `cel ${n + 1}`]).flat().filter((cell) => !new RegExp(`${cell}(?!\\d)`).test(words)), "cells that are gone").toEqual([])
  expect((await made(page)).attributes).toEqual([])
  await leave(page)
})

test("scripts and what our own scripts would take for theirs come to nothing", async ({ as, watch }, info) => {
  test.slow()
  watch.allow(/status of 404/)
  const page = await as(people.admin)
  const asked: string[] = []
  page.on("request", (request) => { if (/gevaar|uitloggen/.test(request.url()) || new URL(request.url()).pathname === "/x") asked.push(request.url()) })
  await pasted(page, `Gadgets ${info.workerIndex}`, GADGETS, "Einde")
  await page.waitForTimeout(1000) // for whatever would run a moment later
  await preview(page)
  await expect(rich(page)).toContainText("Begin")
  await expect(rich(page)).toContainText("acht")
  await page.waitForTimeout(1000)
  const found = await made(page)
  expect(found.attributes).toEqual([])
  expect(found.names.filter((name) => !["p", "div", "br", "a", "strong", "em", "del", "h2", "h3", "ul", "ol", "li", "blockquote", "pre", "table", "tbody", "tr", "td", "figure"].includes(name))).toEqual([])
  for (const link of await rich(page).locator("a").all()) expect(await link.getAttribute("href")).not.toMatch(/^(javascript|data):/i)
  expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran ?? 0)).toBe(0)
  expect(asked, "requests that nobody meant").toEqual([])
  await expect(page.locator("body")).not.toContainText("gekaapt")
  await leave(page)
})

test("a picture that comes along with a pasted text is kept as one of ours", async ({ as }, info) => {
  test.slow()
  const page = await as(people.admin)
  await pasted(page, `Plaatje ${info.workerIndex}`, `<p>Kijk eens</p><img src="${PICTURE}"><img src="https://elders.example/pixel.gif">`, "Kijk eens")
  await expect(editor(page).locator('img[src^="/nieuws/bestanden/"]')).toBeVisible(LATER)
  await preview(page)
  await expect(rich(page).locator("img")).toHaveCount(1)
  await expect(rich(page).locator("img")).toHaveAttribute("src", /^\/nieuws\/bestanden\//)
  await leave(page)
})
