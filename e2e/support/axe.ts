// Asks axe about a page. Its source goes into the page once, not for each question: half a megabyte takes longer than most answers.
import axe, { type AxeResults, type RunOptions } from "axe-core"
import { expect, type Page } from "./test"

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

// Frames are not looked into: no page of ours has one.
const OPTIONS: RunOptions = { runOnly: RULES, iframes: false, resultTypes: ["violations", "incomplete"] }

/** Judges the page, or what is within the selector. */
export async function judge(page: Page, within?: string): Promise<AxeResults> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source)
  return page.evaluate(
    ({ within, options }) => (window as unknown as { axe: typeof axe }).axe.run(within ? { include: [within] } : document, options),
    { within, options: OPTIONS },
  )
}

/** Holds the page, or what is within the selector, to all rules. */
export async function faultless(page: Page, within?: string): Promise<void> {
  expect(said(await judge(page, within))).toEqual([])
}

/** What axe found wrong, a line for each rule and each element. */
export function said({ violations }: AxeResults): string[] {
  return violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.target.join(" ")}: ${n.failureSummary?.replaceAll("\n", " ")}`).join("\n")}`)
}
