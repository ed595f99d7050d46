import { describe, expect, it } from 'vitest'
import { isCrossSite, isOurHost } from '../../src/http/gate.js'
import { INSIDE, openedWindow } from './opened-window.js'

describe('the host of a request', () => {
  it.each([
    'localhost',
    'localhost:8080',
    '127.0.0.1:8080',
    '[::1]:8080',
    '10.0.0.7',
    'GW-1:80',
    'gw-1.',
  ])('may be %s', (host) => expect(isOurHost(host, ['gw-1'])).toBe(true))

  it.each([
    undefined,
    '',
    'evil.example',
    'gw-1.evil.example',
    '127.0.0.1.evil.example',
    'a@gw-1',
    '[evil]:80',
    'gw-1:x',
  ])('may not be %s', (host) => expect(isOurHost(host, ['gw-1'])).toBe(false))
})

describe('a request is made by a page of another site', () => {
  const own = {
    host: 'gw-1:8080',
    method: 'GET',
    origin: undefined,
    fetchSite: undefined,
    fetchMode: undefined,
  }

  it.each([
    ['another origin', { origin: 'https://evil.example' }, true],
    ['our host on another port', { origin: 'http://gw-1:9090' }, true],
    ['an origin that is hidden', { origin: 'null' }, true],
    ['our own origin', { origin: 'http://gw-1:8080' }, false],
    ['our own origin behind a proxy with TLS', { origin: 'https://gw-1:8080' }, false],
    ['no browser', {}, false],
    ['an image elsewhere', { fetchSite: 'cross-site', fetchMode: 'no-cors' }, true],
    ['a page on the same domain', { fetchSite: 'same-site', fetchMode: 'cors' }, true],
    ['a link elsewhere', { fetchSite: 'cross-site', fetchMode: 'navigate' }, false],
    ['a form elsewhere', { fetchSite: 'cross-site', fetchMode: 'navigate', method: 'POST' }, true],
    ['the address bar', { fetchSite: 'none', fetchMode: 'navigate' }, false],
  ])('with %s: %o → %s', (_what, headers, is) => {
    expect(isCrossSite({ ...own, ...headers })).toBe(is)
  })
})

describe('the window', () => {
  it('answers nobody who calls it by a name that is not its own', async () => {
    const { ask } = await openedWindow()
    expect(await ask(INSIDE, { host: 'evil.example' })).toMatchObject({ status: 421 })
    expect(await ask(INSIDE, { host: 'gw-test:1' })).toMatchObject({ status: 404 })
  })

  it('answers no page of another site', async () => {
    const { ask } = await openedWindow()
    const answer = await ask(INSIDE, { origin: 'http://evil.example' })
    expect(answer).toMatchObject({ status: 403 })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it.each([INSIDE, '/login', '/nowhere'])('sets the headers of security on %s', async (path) => {
    const { ask } = await openedWindow()
    const { headers } = await ask(path)
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['content-security-policy']).not.toContain('unsafe-inline')
  })

  it('reads no more than it needs', async () => {
    const { ask } = await openedWindow()
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await ask('/login', type, `token=${'x'.repeat(5000)}`)).toMatchObject({ status: 413 })
    expect(await ask(INSIDE, { 'x-long': 'x'.repeat(9000) })).toMatchObject({ status: 431 })
  })
})
