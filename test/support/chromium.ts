import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { without } from './without-program.js'

const BINARY = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
)

/** True where tests in a real browser must be left out. */
export const withoutChromium = (): boolean =>
  without(BINARY !== undefined, 'chromium is not installed (Debian: apt-get install chromium)')

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
