// Browser journeys over the demo: the real program with its private servers, in the system's Chromium.
import { defineConfig } from "@playwright/test"
import { chromium } from "./support/chromium"

export default defineConfig({
  testDir: ".",
  outputDir: "results/traces",
  globalSetup: "./support/start_demo.ts",
  workers: 2, // everything under test runs on the same machine
  fullyParallel: true,
  retries: 0, // what is true only sometimes is not true
  forbidOnly: true,
  timeout: 90_000, // against one that hangs; a slow machine takes a minute for the longest
  expect: { timeout: 7_000 },
  reporter: [["list"]],
  projects: [
    { name: "journeys", testMatch: "**/*.spec.ts", testIgnore: "lighthouse.spec.ts" },
    // Measures time, so it is alone on the machine: after all others, one page after the other.
    { name: "lighthouse", testMatch: "lighthouse.spec.ts", dependencies: ["journeys"], workers: 1 },
  ],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: chromium(),
      args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
    },
    locale: "nl-NL",
    timezoneId: "Europe/Amsterdam",
    viewport: { width: 1194, height: 834 },
    colorScheme: "light",
    reducedMotion: "reduce",
    // A trace takes more of the processor than the pages do: TRACE=1 asks for one.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    actionTimeout: 7_000,
    navigationTimeout: 15_000,
  },
})
