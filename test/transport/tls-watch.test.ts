import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { TlsWatch } from '../../src/transport/tls-watch.js'
import { TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { ManualClock } from '../support/manual-clock.js'

const DAY_MS = 86_400_000

describe.skipIf(withoutOpenssl())('the end of a certificate', () => {
  const authority = new TestAuthority()
  const { cert } = authority.issue({ commonName: 'gw-1', days: 100 })
  authority.remove()
  const end = Date.parse(new X509Certificate(cert).validTo)
  const at = (wall: number, insecure = false) => {
    const watch = new TlsWatch({ clock: new ManualClock({ mono: 0, wall }), insecure })
    watch.ours('this bridge', cert)
    return watch.healthCheck(7)
  }

  it.each([
    [31, 'healthy', /valid for more than 30 days: this bridge/],
    [29, 'degraded', /this bridge expires in 29 days: renew it/],
    [4, 'degraded', /in 4 days/],
    [2, 'unhealthy', /in 2 days/],
    [-1, 'unhealthy', /has expired/],
  ] as const)('%i days ahead is %s', (days, status, message) => {
    expect(at(end - days * DAY_MS - 1)).toEqual({
      component: 'tls',
      checkedAt: 7,
      status,
      message: expect.stringMatching(message),
    })
  })

  it('is not known to a clock that was never set', () => {
    expect(at(Date.UTC(1970, 0)).status).toBe('healthy')
  })

  it('is that of the renewed one once that is seen', () => {
    const clock = new ManualClock({ mono: 0, wall: end })
    const watch = new TlsWatch({ clock, insecure: false })
    watch.ours('mqtts://b', cert)
    expect(watch.healthCheck(0).status).toBe('unhealthy')
    const renewal = new TestAuthority()
    watch.saw('mqtts://b', new X509Certificate(renewal.issue({ commonName: 'b', days: 300 }).cert))
    renewal.remove()
    expect(watch.healthCheck(0).status).toBe('healthy')
  })

  it('does not hide that any certificate would be taken', () => {
    const { status, message } = at(end - 10 * DAY_MS, true)
    expect(status).toBe('degraded')
    expect(message).toMatch(/^insecure_tls: .*; the certificate of this bridge expires in 10 days/)
    expect(at(end - DAY_MS, true).status).toBe('unhealthy')
  })

  it('of what is none is not watched', () => {
    const watch = new TlsWatch({ clock: new ManualClock({ mono: 0, wall: end }), insecure: false })
    watch.ours('this bridge', 'no PEM')
    expect(watch.healthCheck(0)).toMatchObject({
      status: 'healthy',
      message: 'no certificate was seen yet',
    })
  })
})
