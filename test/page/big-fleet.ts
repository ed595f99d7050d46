import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { setRepeating, systemClock } from '../../src/clock.js'
import { Window } from '../../src/http/index.js'
import { assertBuilt } from '../e2e/program.js'
import { heardLog } from '../http/heard-log.js'
import { nothing } from '../http/opened-window.js'
import { readingsVerdict, watchedFleet } from '../http/watched.js'

const DEVICES = 10_000
const UPDATES_PER_SECOND = 100
/** Frames that the browser paints while they are counted. */
const FRAMES = 60

/** A window on a fleet of which only the window is real. */
async function windowOnFleet() {
  assertBuilt()
  const { views, session } = watchedFleet(DEVICES)
  const window = new Window({
    config: { host: '127.0.0.1', port: 0, names: [], metrics: { devices: 0 } },
    devices: DEVICES,
    pageDirectory: fileURLToPath(new URL('../../dist/src/page/', import.meta.url)),
    clock: systemClock,
    log: heardLog(),
  })
  const { broker, requests } = nothing
  await window.open({ ...views, broker, requests })
  onTestFinished(() => window.close())
  let seq = 0
  const send = (n: number, value: number) => {
    const channels = [{ name: 'a', value, bound: 0, quality: 'good' }] as const
    const verdict = readingsVerdict(`d-${n}`, { seq: seq++, wall: Date.now(), channels })
    window.onlooker.onVerdict(verdict, session(`d-${n}`))
  }
  return { url: window.address ?? '', send }
}

/** Looks at ten thousand devices in a browser, and says how often it is painted while they send. */
export async function lookAtBigFleet(browser: Browser): Promise<void> {
  const { url, send } = await windowOnFleet()
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  onTestFinished(() => page.close())
  page.setDefaultTimeout(60_000)
  await page.goto(url)
  await page.getByText(`10\u202f000 of 10\u202f000 devices`).waitFor()
  await page.getByRole('button', { name: 'Device' }).click()
  await page.locator('[data-device="d-0"]').waitFor()
  expect(await page.locator('[data-device]').count()).toBeLessThan(60)

  const [startedAt, period] = [performance.now(), 1000 / UPDATES_PER_SECOND]
  let sent = 0
  // Half of them are of devices that are seen.
  const stop = setRepeating(systemClock, period, () => {
    for (const due = (performance.now() - startedAt) / period; sent < due; sent++)
      send(sent % 2 === 0 ? (sent / 2) % 20 : (sent * 7919) % DEVICES, 20 + (sent % 97) / 10)
  })
  onTestFinished(stop)
  const before = sent
  const { ms, changes } = await page.evaluate<{
    ms: number
    changes: number
  }>(`new Promise((resolve) => {
    let changes = 0
    new MutationObserver((list) => { changes += list.length }).observe(
      document.querySelector('.grid-space'),
      { subtree: true, childList: true, characterData: true },
    )
    const start = performance.now()
    let frames = 0
    const count = () => {
      if (++frames < ${FRAMES}) requestAnimationFrame(count)
      else resolve({ ms: performance.now() - start, changes })
    }
    requestAnimationFrame(count)
  })`)
  stop()
  const rate = (count: number) => ((count * 1000) / ms).toFixed(0)
  process.stdout.write(
    `10 000 devices, ${rate(sent - before)} updates/s: ${rate(FRAMES)} frames/s, ${rate(changes)} changes/s of what is seen\n`,
  )
  expect(changes).toBeGreaterThan(0)

  await page.getByRole('searchbox').fill('d-9999')
  await page.locator('[data-device="d-9999"]').waitFor()
  await page.getByText(/^1 of/).waitFor()
  send(9999, 33.3)
  await page.getByText('a 33.3').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.locator('[data-device="d-0"]').focus()
  await page.keyboard.press('End')
  await page.locator('[data-device="d-9999"]').waitFor()
}
