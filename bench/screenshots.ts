// The pictures of the dashboard in docs/, made anew: the demo fleet after a while, in a real Chromium. After
// `npm run build`: node dist/bench/screenshots.js [seconds]
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { endsWithUs } from '../test/support/ends-with-us.js'

const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))
const MOST_BYTES = 200 * 1024

const seconds = Number(process.argv[2] ?? 90)
const demo = spawn(process.execPath, [CLI, 'demo', '--broker-port', '0'], {
  stdio: ['ignore', 'ignore', 'pipe'],
})
demo.once('exit', endsWithUs(demo))
let browser: Browser | undefined
try {
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    demo.stderr.on('data', (chunk) => {
      said += String(chunk)
      const found = /^see: +(http:\S+)/m.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    demo.once('exit', () => reject(new Error(`the demo ended: ${said}`)))
  })
  console.log(`${url}: waiting ${seconds} s, until there is something to see`)
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu'],
  })
  await take(browser, 'dashboard.png', 'light', 690, async (page) => {
    await page.goto(url)
    await page.locator('.reading').first().waitFor()
  })
  await take(browser, 'dashboard-device.png', 'dark', 900, async (page) => {
    await page.goto(`${url}/#/device/shed-1`)
    await page.locator('.frame').nth(2).click()
    await page.locator('.explained-channel').first().waitFor()
  })
} finally {
  await browser?.close()
  demo.kill('SIGINT')
}

async function take(
  browser: Browser,
  name: string,
  colorScheme: 'light' | 'dark',
  height: number,
  go: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width: 1360, height },
  })
  const page = await context.newPage()
  await go(page)
  // The charts are painted with the next frame.
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  )
  const path = `${DOCS}${name}`
  await page.screenshot({ path })
  await context.close()
  const { size } = statSync(path)
  console.log(`${path}: ${size} bytes`)
  if (size > MOST_BYTES) throw new Error(`${name} is larger than ${MOST_BYTES} bytes`)
}
