import { expect, it } from 'vitest'
import { Program } from './program.js'

it('one command leads to the dashboard of a fleet that sends', async () => {
  const demo = Program.start(['demo', '--broker-port', '0', '--for', '1min'])
  const url = await demo.stderr.until(
    'the address of the dashboard',
    ({ text }) => /^see: +(http:\/\/127\.0\.0\.1:\d+)$/m.exec(text)?.[1],
  )
  const page = await fetch(url)
  expect(page.status).toBe(200)
  const parts = Array.from(
    (await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g),
    (m) => m[1],
  )
  expect(parts).toEqual(['/assets/page.css', '/assets/page.js'])
  for (const part of parts) expect((await fetch(`${url}${part}`)).status, part).toBe(200)

  const feed = await fetch(`${url}/api/feed`)
  let told = ''
  for await (const chunk of feed.body ?? []) {
    told += Buffer.from(chunk).toString()
    if (
      /event: rows\ndata: .*"id":"greenhouse-1".*"values":\[\["temperature",[-\d.]+,0,"good"\]/.test(
        told,
      )
    )
      break
  }
  expect(told).toMatch(/^event: ready\ndata: \{"devices":11\}$/m)
  demo.signal('SIGINT')
  expect(await demo.ended()).toBe(0)
})
