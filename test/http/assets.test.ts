import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readAssets } from '../../src/http/assets.js'
import { openedWindow, PAGE, TOKEN } from './opened-window.js'

const html = readFileSync(join(PAGE, 'index.html'), 'utf8')

describe('the page', () => {
  it('is sent once, and then only where it is another', async () => {
    const { ask } = await openedWindow()
    const first = await ask('/')
    expect(first).toMatchObject({ status: 200, text: html })
    expect(first.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    })
    const { etag = '' } = first.headers
    expect(await ask('/', { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' })
    expect(await ask('/', { 'if-none-match': '"other"' })).toMatchObject({ status: 200 })
  })

  it('is sent packed to whoever unpacks it', async () => {
    const { base } = await openedWindow()
    const answer = await fetch(base, { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(await answer.text()).toBe(html)
  })

  it('is for readers; its parts, which are no secret, are for the login as well', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    expect(await ask('/')).toMatchObject({ status: 401 })
    expect(await ask('/assets/page.css')).toMatchObject({ status: 200 })
  })

  it.each(['/assets/../assets.ts', '/assets/%2e%2e%2fassets.ts', '/assets/route.ts', '/assets/'])(
    'comes with nothing else: %s',
    async (path) => {
      const { ask } = await openedWindow()
      expect(await ask(path)).toMatchObject({ status: 404 })
    },
  )

  it('may not have been built, which is said', async () => {
    const { ask, log } = await openedWindow({}, undefined, '/nowhere')
    expect(await ask('/')).toMatchObject({ status: 404 })
    expect(log.lines).toEqual([expect.stringMatching(/^warn the page .* was not built/)])
  })
})

it('files are packed once', () => {
  const asset = readAssets(PAGE).get('index.html')
  expect(gunzipSync(asset?.zipped ?? '').toString()).toBe(html)
})
