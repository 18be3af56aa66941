// Reads Playwright's JSON report and writes "passed failed skipped". A test that passed at a second try counts as failed:
// what is true only sometimes is not shown.
import { readFileSync, writeFileSync } from "node:fs"

const [report, out] = process.argv.slice(2)
const { stats, errors = [] } = JSON.parse(readFileSync(report, "utf8"))
const failed = stats.unexpected + stats.flaky + (stats.unexpected === 0 ? errors.length : 0)
writeFileSync(out, `${stats.expected} ${failed} ${stats.skipped}\n`)
console.log(`Browser journeys: ${stats.expected} passed, ${failed} failed, ${stats.skipped} skipped`)
if (failed > 0 || stats.expected === 0) process.exit(1)
