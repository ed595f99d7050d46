import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const BINARY = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
)

/**
 * True where tests in a real browser must be left out, which it says on the terminal. On a CI machine the browser is
 * expected, and its absence fails the suite.
 */
export function withoutChromium(): boolean {
  if (BINARY !== undefined) return false
  const hint = 'chromium is not installed (Debian: apt-get install chromium)'
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(`SKIPPED: ${hint}`)
  return true
}

/** A real Chromium with an empty profile, that asks nobody for anything. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: BINARY ?? 'chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
