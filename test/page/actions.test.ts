import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { latest } from '../e2e/running-bridge.js'
import { openChromium, withoutChromium } from '../support/chromium.js'
import { Observer } from '../transport/observer.js'
import { WatchedBridge } from './watched-bridge.js'

const TOKEN = 'correct-horse-battery-staple'
const ADMIN = 'another-token-for-whoever-acts'

describe.skipIf(withoutChromium())(
  'what an admin does in a real browser',
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let bridge: WatchedBridge
    let observer: Observer

    beforeAll(async () => {
      const devices = ['shed', 'barn', 'attic', 'cellar'].map((id) => ({ id }))
      const http = { token: TOKEN, adminToken: ADMIN }
      ;[browser, bridge] = await Promise.all([openChromium(), WatchedBridge.start(devices, http)])
      observer = await Observer.of(bridge.broker, 'alec/#')
    }, 60_000)

    afterAll(async () => {
      await observer.close()
      await browser.close()
      await bridge.stop()
    })

    async function open(path: string, token: string | undefined, base = bridge.url): Promise<Page> {
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
      if (token !== undefined) await context.addCookies([await sessionOf(token)])
      const page = await context.newPage()
      page.setDefaultTimeout(40_000)
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(String(error)))
      onTestFinished(async () => {
        await context.close()
        expect(faults).toEqual([])
      })
      await page.goto(`${base}${path}`)
      return page
    }

    /** As the login gives it; that a person can log in, another test shows. */
    async function sessionOf(token: string) {
      const body = new URLSearchParams({ token })
      const answer = await fetch(`${bridge.url}/login`, {
        method: 'POST',
        body,
        redirect: 'manual',
      })
      const [, name = '', value = ''] =
        /^([^=]+)=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '') ?? []
      return { name, value, url: bridge.url, sameSite: 'Strict', httpOnly: true } as const
    }

    const actions = (page: Page) => page.getByRole('region', { name: 'Actions' })
    const retained = (topic: string) => latest(observer, topic)

    it('opens a circuit by a click, which everybody sees, and closes it again', async () => {
      const page = await open('/#/device/shed', ADMIN)
      await page.getByText('admin', { exact: true }).waitFor()
      await actions(page).getByRole('button', { name: 'Open the circuit' }).click()
      await actions(page).getByRole('status').getByText('The circuit is open.').waitFor()
      await page.locator('.device-states').getByText('circuit open').waitFor()
      await observer.until(() => retained('alec/shed/status/circuit') === 'open')
      await actions(page).getByRole('button', { name: 'Reset the circuit' }).click()
      await page.locator('.device-states').getByText('circuit closed').waitFor()
      await observer.until(() => retained('alec/shed/status/circuit') === 'closed')
    })

    it('says why something was not done', async () => {
      const page = await open('/#/device/shed', ADMIN)
      await actions(page).getByRole('button', { name: 'Ask for a keyframe' }).click()
      await actions(page)
        .getByRole('status')
        .getByText(/^Not done: ./)
        .waitFor()
      await page.evaluate("location.hash = '#/system'")
      await actions(page).getByRole('button', { name: 'Reload the configuration' }).click()
      await actions(page)
        .getByText('there is no configuration file that could be read again')
        .waitFor()
    })

    it('removes a device by the keyboard alone, and not before it was asked', async () => {
      const page = await open('/#/device/barn', ADMIN)
      const remove = actions(page).getByRole('button', { name: 'Remove …' })
      await remove.focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Remove: barn' })
      await dialog.waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Remove …')
      expect(new URL(page.url()).hash).toBe('#/device/barn')
      expect(retained('alec/barn/status')).not.toBe('')
      await page.keyboard.press('Enter')
      await dialog.waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.getByText('There is no device barn.').waitFor()
      await observer.until(() => retained('alec/barn/status') === '')
    })

    it('gives a device another name and another id', async () => {
      const page = await open('/#/device/attic', ADMIN)
      await actions(page).getByRole('button', { name: 'Rename …' }).click()
      const dialog = page.getByRole('dialog', { name: 'Rename attic' })
      await dialog.getByLabel('Name for people').fill('Under the roof')
      await dialog.getByLabel('Id, as topics have it').fill('loft')
      await dialog.getByRole('button', { name: 'Rename' }).click()
      await page.getByRole('heading', { name: 'Under the roof' }).waitFor()
      expect(new URL(page.url()).hash).toBe('#/device/loft')
      await observer.until(() => retained('alec/attic/status') === '')
      await observer.until(() => retained('alec/loft/status') !== '')
    })

    it('takes in a device that nobody knows', async () => {
      bridge.send('stranger', [1, 2])
      const page = await open('/#/system', ADMIN)
      await actions(page).getByRole('button', { name: 'Take in stranger …' }).click()
      const dialog = page.getByRole('dialog', { name: 'Take in stranger' })
      await dialog.getByLabel('Name for people').fill('Found')
      await dialog.getByRole('button', { name: 'Take in' }).click()
      await actions(page).getByText('stranger is taken in: it is decoded').waitFor()
      bridge.send('stranger', [1.5, 2])
      await observer.until(() => observer.topics.includes('alec/stranger/readings'))
    })

    it('sets the level of a part of the log, and gives it that of the others again', async () => {
      const page = await open('/#/system', ADMIN)
      const level = actions(page).getByLabel('Log level')
      await actions(page).getByLabel('Log of').selectOption('devices')
      await level.selectOption('debug')
      await actions(page)
        .getByText('What the log says of devices is written from debug on')
        .waitFor()
      expect(bridge.logLevels.describe()).toEqual({ level: 'info', parts: { devices: 'debug' } })
      await level.selectOption('as everything else')
      await actions(page).getByText('devices is written as everything else').waitFor()
      expect(bridge.logLevels.describe()).toEqual({ level: 'info', parts: {} })
      await actions(page).getByLabel('Log of').selectOption('everything else')
      await level.selectOption('silent')
      await actions(page).getByText('The log is written not at all').waitFor()
      expect(bridge.logLevels.describe()).toEqual({ level: 'silent', parts: {} })
    })

    it('fits on a phone', async () => {
      const page = await open('/#/device/cellar', ADMIN)
      await page.setViewportSize({ width: 390, height: 844 })
      await actions(page).getByRole('button', { name: 'Remove …' }).waitFor()
      const overflow = 'document.documentElement.scrollWidth - window.innerWidth'
      expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0)
      const button = await actions(page).getByRole('button', { name: 'Remove …' }).boundingBox()
      expect(button?.height).toBeGreaterThanOrEqual(38)
      const reader = await open('/', TOKEN)
      await reader.setViewportSize({ width: 390, height: 844 })
      const last = reader.getByRole('button', { name: 'Log out' })
      await last.waitFor()
      await reader.getByRole('link', { name: 'log in to act' }).waitFor()
      const edge = await last.boundingBox()
      expect((edge?.x ?? 0) + (edge?.width ?? 999)).toBeLessThanOrEqual(390)
    })

    it('is not there for whoever may look, who is told how to come to it', async () => {
      const page = await open('/#/device/cellar', TOKEN)
      await page.getByText('read-only: log in to act').waitFor()
      await page.locator('.strip').waitFor()
      expect(await actions(page).count()).toBe(0)
      await page.evaluate("location.hash = '#/system'")
      await page.getByLabel('Checks').waitFor()
      expect(await actions(page).count()).toBe(0)
      await page.getByRole('link', { name: 'log in to act' }).click()
      await page.getByLabel('Token of this bridge').fill('wrong-horse-battery-staple')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('That is not the token.').waitFor()
      await page.getByLabel('Token of this bridge').fill(ADMIN)
      await page.keyboard.press('Enter')
      await page.getByText('admin', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.getByLabel('Token of this bridge').waitFor()
    })

    it('is there for nobody where there is no admin token, and the page says so', async () => {
      const readOnly = await WatchedBridge.start([{ id: 'only-1' }])
      onTestFinished(() => readOnly.stop())
      const page = await open('/#/device/only-1', undefined, readOnly.url)
      const words = page.getByText('read-only', { exact: true })
      await words.waitFor()
      expect(await words.getAttribute('title')).toContain('there is no http.admin_token_file')
      await page.locator('.strip').waitFor()
      expect(await actions(page).count()).toBe(0)
    })

    it('is not what a page of another site makes his browser do', async () => {
      const target = JSON.stringify(`${bridge.url}/api/requests/device/remove`)
      const attack = createServer((_request, response) => {
        response.setHeader('Content-Type', 'text/html')
        // Another port of the same machine: to SameSite this is no other site, and the cookie goes along.
        response.end(`<!doctype html><form method="post" enctype="text/plain" action=${target}>
        <input name='{"device":"cellar","x":"' value='"}'></form><script>
        window.outcomes = Promise.all(['application/json', 'text/plain'].map((type) =>
          fetch(${target}, { method: 'POST', credentials: 'include', mode: type === 'text/plain' ? 'no-cors' : 'cors',
            headers: { 'Content-Type': type }, body: '{"device":"cellar"}' })
            .then(({ type }) => type, () => 'refused')))
        </script>`)
      })
      await new Promise<void>((resolve) => attack.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => void attack.close().closeAllConnections())
      const page = await open('/#/system', ADMIN)
      await page.getByText('admin', { exact: true }).waitFor()
      await page.goto(`http://127.0.0.1:${(attack.address() as AddressInfo).port}/`)
      expect(await page.evaluate('window.outcomes')).toEqual(['refused', 'refused'])
      const [answer] = await Promise.all([
        page.waitForResponse((one) => one.url().endsWith('/device/remove')),
        page.evaluate('document.forms[0].submit()'),
        page.waitForURL((url) => url.pathname.endsWith('/device/remove')),
      ])
      expect(answer.status()).toBe(403)
      await page.goto(`${bridge.url}/#/device/cellar`)
      await page.getByRole('heading', { name: 'cellar' }).waitFor()
      await actions(page).waitFor()
      expect(retained('alec/cellar/status')).not.toBe('')
    })
  },
)
