import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openChromium, withoutChromium } from '../support/chromium.js'
import { freePort } from '../support/free-port.js'
import { lookAtBigFleet } from './big-fleet.js'
import { WatchedBridge } from './watched-bridge.js'

const HOSTILE = '<img src=x onerror="window.hacked=1"><b>bold</b>'
const TOKEN = 'correct-horse-battery-staple'

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe.skipIf(withoutChromium())('the page in a real browser', { timeout: 60_000 }, () => {
  let browser: Browser
  let bridge: WatchedBridge

  beforeAll(async () => {
    const devices = [
      { id: 'greenhouse-1', name: 'Greenhouse 1' },
      { id: 'cellar-1' },
      { id: 'broken-1' },
      { id: 'hostile-1', name: HOSTILE },
    ]
    ;[browser, bridge] = await Promise.all([openChromium(), WatchedBridge.start(devices)])
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    await bridge.stop()
  })

  /** A page of its own, in which nothing may go wrong that the test does not know of. */
  async function open(
    path = '/',
    options: BrowserContextOptions = {},
    base = bridge.url,
    expected?: RegExp,
  ) {
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(40_000)
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      if (message.type() !== 'log' && !expected?.test(text)) faults.push(text)
    })
    onTestFinished(async () => {
      await context.close()
      expect(faults).toEqual([])
    })
    await page.goto(`${base}${path}`)
    return page
  }

  const rowOf = (page: Page, id: string) => page.locator(`[data-device="${id}"]`)

  it('shows the whole fleet, and what is new of it as it happens', async () => {
    const page = await open()
    await rowOf(page, 'broken-1').waitFor()
    expect(await page.getByRole('row').count()).toBe(5)
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('5')
    bridge.send('greenhouse-1', [21.4, 48])
    const row = rowOf(page, 'greenhouse-1')
    await row.getByText('temperature 21.4 °C').waitFor()
    await row.getByText('humidity 48 %').waitFor()
    expect(await row.textContent()).toMatch(/Greenhouse 1.*sync exact.*circuit closed/)
    bridge.send('greenhouse-1', [21.5, 48])
    await row.getByText('temperature 21.5 °C').waitFor()
    await page.getByText('live', { exact: true }).waitFor()
  })

  it('finds devices by words and by their state', async () => {
    const page = await open()
    await rowOf(page, 'cellar-1').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('green climate')
    await page.getByText('1 of 4 devices').waitFor()
    expect(await page.locator('[data-device]').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByText('4 of 4 devices').waitFor()
    await page.getByRole('button', { name: /offline/ }).click()
    await rowOf(page, 'greenhouse-1').waitFor({ state: 'detached' })
    await rowOf(page, 'cellar-1').waitFor()
  })

  it('shows a circuit open as it opens, by shape and by word', async () => {
    const page = await open()
    const row = rowOf(page, 'broken-1')
    await row.getByText('circuit closed').waitFor()
    bridge.send('broken-1', [1, 1])
    for (let n = 0; n < 10; n++) bridge.garble('broken-1')
    await row.getByText('circuit open').waitFor()
    await row.getByText('health unhealthy').waitFor()
    expect(await row.locator('.cell-circuit path').getAttribute('d')).toContain('l6-6')
    await page.getByRole('button', { name: '1 circuit not closed' }).waitFor()
    await page.getByLabel('Latest events').getByText('circuit opened').first().waitFor()
  })

  it('shows a device with the course of its channels, and an uncertain reading as such', async () => {
    const page = await open('/#/device/cellar-1', {}, bridge.url, /^Canvas2D: /)
    await page.getByRole('heading', { name: 'cellar-1' }).waitFor()
    const start = Date.now() - 10_000
    for (let n = 0; n < 5; n++)
      bridge.send('cellar-1', [12 + n / 10, 80], { wall: start + 1000 * n })
    const channel = page.getByLabel('Channel temperature')
    await channel.getByText('12.4', { exact: true }).waitFor()
    await channel.getByText('quality good').waitFor()
    expect(await hatched(page)).toBe(0)
    for (let n = 0; n < 4; n++) bridge.send('cellar-1', [14 + n, 60], { lost: true })
    bridge.send('cellar-1', [12.4, 80], { wall: start + 9000 })
    await channel.getByText('quality uncertain').waitFor()
    await channel.getByText(/^± [\d.?]+ °C/).waitFor()
    await expect.poll(() => hatched(page)).toBeGreaterThan(300)
    const events = page.getByLabel('Events of this device')
    await events.getByText('4 frames lost: 5 to 8').waitFor()
  })

  /** How many points of the first chart are drawn in the colour of what is uncertain. */
  const hatched = (page: Page): Promise<number> =>
    page.evaluate<number>(`(() => {
      const canvas = document.querySelector('.channel canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 60 && data[i] > 150 && data[i + 2] < 60) count++
      return count
    })()`)

  it('takes a frame apart: one that came, one that is pasted, and one that is none', async () => {
    const page = await open('/#/device/greenhouse-1')
    const frame = hexOf(bridge.send('greenhouse-1', [21.6, 50]))
    const frames = page.getByLabel('Latest frames, the newest first')
    await frames.getByText(frame).click()
    const fields = page.locator('.fields')
    await fields.getByText('sequence').waitFor()
    await fields.getByRole('rowheader', { name: 'temperature' }).waitFor()
    const value = page.getByLabel('Value of temperature')
    await value.getByText(/21\.6 ± 0/).waitFor()
    await value.getByText('Prediction').waitFor()

    await page.getByRole('textbox').fill('a1 00')
    await page.getByText('truncated').first().waitFor()
    await page.getByRole('textbox').fill('not a frame')
    await page.getByText('These are no hexadecimal byte pairs.').waitFor()
  })

  it('shows names as text, whatever they are', async () => {
    const page = await open()
    const row = rowOf(page, 'hostile-1')
    await row.getByText(HOSTILE).waitFor()
    expect(await row.locator('img, b').count()).toBe(0)
    await row.click()
    await page.getByRole('heading', { name: HOSTILE }).waitFor()
    expect(await page.evaluate('window.hacked')).toBeUndefined()
  })

  it('can be used by the keyboard alone', async () => {
    const page = await open()
    await rowOf(page, 'greenhouse-1').waitFor()
    await page.getByRole('button', { name: 'Device' }).click()
    const focused = () => page.evaluate<string>('document.activeElement.dataset.device')
    for (let n = 0; n < 12 && (await focused()) === undefined; n++) await page.keyboard.press('Tab')
    expect(await focused()).toBe('broken-1')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await expect.poll(focused).toBe('greenhouse-1')
    await page.keyboard.press('End')
    await expect.poll(focused).toBe('hostile-1')
    await page.keyboard.press('Home')
    await expect.poll(focused).toBe('broken-1')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'cellar-1' }).waitFor()
    await page.keyboard.press('Escape')
    await rowOf(page, 'cellar-1').waitFor()
  })

  it('hears its keys as soon as there is something to see', async () => {
    const page = await open()
    await rowOf(page, 'cellar-1').waitFor()
    await page.evaluate(`new MutationObserver((_, observer) => {
      if (!document.querySelector('main.device h1')) return
      observer.disconnect()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    }).observe(document.body, { childList: true, subtree: true })`)
    await rowOf(page, 'cellar-1').click()
    await page.getByRole('heading', { name: 'cellar-1' }).waitFor({ state: 'hidden' })
    await rowOf(page, 'cellar-1').waitFor()
  })

  it.each([
    ['light', 390],
    ['dark', 390],
    ['dark', 1400],
  ] as const)('fits in %s colours on a screen of %i points', async (colorScheme, width) => {
    const page = await open('/', { colorScheme, viewport: { width, height: 844 } })
    await rowOf(page, 'greenhouse-1').getByText('Greenhouse 1').waitFor()
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(colorScheme)
    const overflow = 'document.documentElement.scrollWidth - window.innerWidth'
    expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0)
    for (const path of ['#/system', '#/device/greenhouse-1']) {
      await page.evaluate(`location.hash = ${JSON.stringify(path)}`)
      await page.locator('h2').first().waitFor()
      expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0)
    }
  })

  it('shows the ports, the broker and the load of the bridge', async () => {
    const page = await open('/#/system')
    const sources = page.getByLabel('Sources')
    await sources.getByText('serial:/dev/ttyTEST').waitFor()
    await sources.getByText('door open').waitFor()
    await page.getByLabel('Checks').getByText('broker', { exact: true }).waitFor()
    await page.getByLabel('Load').getByText('Nothing is left undone.').waitFor()
  })

  it('lets nobody look in without the token, and whoever has it', async () => {
    const guarded = await WatchedBridge.start([{ id: 'secret-1' }], { token: TOKEN })
    onTestFinished(() => guarded.stop())
    const statusOf = async (path: string, token?: string) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const answer = await fetch(`${guarded.url}${path}`, { headers })
      await answer.body?.cancel()
      return answer.status
    }
    for (const path of ['/', '/api/feed', '/api/devices/secret-1/feed']) {
      expect(await statusOf(path), path).toBe(401)
      expect(await statusOf(path, 'wrong-horse-battery-staple'), path).toBe(401)
      expect(await statusOf(path, TOKEN), path).toBe(200)
    }
    const page = await open('/', {}, guarded.url)
    expect(new URL(page.url()).pathname).toBe('/login')
    await page.getByLabel('Token of this bridge').fill(TOKEN)
    await page.keyboard.press('Enter')
    await rowOf(page, 'secret-1').waitFor()
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token of this bridge').waitFor()
  })

  it('says that the connection is lost, and shows what there is once the bridge is back', async () => {
    const port = await freePort()
    const before = await WatchedBridge.start([{ id: 'old-1' }, { id: 'same-1' }], { port })
    const page = await open('/', {}, before.url, /net::ERR_/)
    await rowOf(page, 'old-1').waitFor()
    await before.stop()
    await page.getByText('The connection to the bridge is lost').waitFor()
    await rowOf(page, 'old-1').waitFor()
    const after = await WatchedBridge.start([{ id: 'new-1' }, { id: 'same-1' }], { port })
    onTestFinished(() => after.stop())
    await rowOf(page, 'new-1').waitFor()
    await rowOf(page, 'old-1').waitFor({ state: 'detached' })
    await page.getByText('The connection to the bridge is lost').waitFor({ state: 'detached' })
  })

  it('draws of ten thousand devices those that fit, and each can be found and followed', () =>
    lookAtBigFleet(browser))
})
