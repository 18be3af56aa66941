// A passkey without a finger.
import type { Page } from "@playwright/test"

/** Gives the browser an authenticator that says yes by itself, as somebody with a finger on it does. */
export async function withAuthenticator(page: Page): Promise<{ saysYes: (yes: boolean) => Promise<void> }> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send("WebAuthn.enable")
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  })
  return { saysYes: async (enabled) => { await cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }) } }
}
