import { X509Certificate } from 'node:crypto'
import { createServer as createPlainServer, type Server } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import type { ExternalBrokerConfig } from '../../src/config/configuration.js'
import { brokerDoor } from '../../src/transport/broker-client.js'
import { connectBroker } from '../../src/transport/broker-links.js'
import { keyPin } from '../../src/transport/tls-options.js'
import { TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'

type Tls = Partial<NonNullable<ExternalBrokerConfig['tls']>>

/** Tries one connection: `connected`, or the code and the reason of its end. */
function attempt(url: string, tls: Tls): Promise<{ code: string; reason: string }> {
  const access = { urls: [url], tls: { insecure: false, ...tls }, protocol: '3.1.1' as const }
  const door = brokerDoor(access, { clientId: 'tls-test', clean: true }, systemClock)
  return new Promise((resolve) => {
    const connection = door.open({
      onConnected: () => {
        resolve({ code: 'connected', reason: '' })
        connection.close()
      },
      onMessage: () => {},
      onClosed: resolve,
    })
  })
}

describe.skipIf(withoutOpenssl() || withoutMosquitto())('a broker with TLS', () => {
  let authority: TestAuthority
  let stranger: TestAuthority
  const undo: (() => unknown)[] = []

  beforeAll(() => {
    authority = new TestAuthority()
    stranger = new TestAuthority('somebody else')
  })

  afterEach(async () => {
    for (const each of undo.splice(0)) await each()
  })

  afterAll(() => {
    authority.remove()
    stranger.remove()
  })

  const forLocalhost = { commonName: 'localhost', names: 'DNS:localhost' }

  async function mosquitto(cert = authority.issue(forLocalhost), ...lines: string[]) {
    const broker = await Mosquitto.start({
      config: [
        'allow_anonymous true',
        'cafile %DIR%/ca.pem',
        'certfile %DIR%/server.pem',
        'keyfile %DIR%/server.key',
        ...lines,
      ],
      files: { 'ca.pem': authority.cert, 'server.pem': cert.cert, 'server.key': cert.key },
    })
    undo.push(() => broker.stop())
    return { url: `mqtts://localhost:${broker.port}`, cert }
  }

  it('is used where its certificate is by a known authority, for its host, and has the pinned key', async () => {
    const { url, cert } = await mosquitto()
    const pin = keyPin(new X509Certificate(cert.cert))
    expect(pin).toMatch(/^sha256\/[A-Za-z0-9+/]{43}=$/)
    expect(await attempt(url, { ca: authority.cert })).toMatchObject({ code: 'connected' })
    const renewed = keyPin(new X509Certificate(authority.issue(forLocalhost).cert))
    expect(await attempt(url, { ca: authority.cert, pins: [renewed, pin] })).toMatchObject({
      code: 'connected',
    })
    // Each with a reason of its own.
    const ends = [
      await attempt(url, {}),
      await attempt(url, { ca: stranger.cert }),
      await attempt(url, { ca: authority.cert, pins: [renewed] }),
      await attempt(url.replace('localhost', '127.0.0.1'), { ca: authority.cert }),
    ]
    expect(ends.map(({ code }) => code)).toEqual([
      'tls-unknown-ca',
      'tls-unknown-ca',
      'tls-wrong-pin',
      'tls-wrong-host',
    ])
    // Whoever renews the key finds the new pin there.
    expect(ends[2]?.reason).toContain(pin)
    expect(await attempt(url, { insecure: true })).toMatchObject({ code: 'connected' })
  })

  it('is refused once its certificate has expired', async () => {
    const { url } = await mosquitto(authority.issue({ ...forLocalhost, days: -1 }))
    expect(await attempt(url, { ca: authority.cert })).toMatchObject({
      code: 'tls-expired',
      reason: expect.stringContaining('has expired'),
    })
  })

  it('is refused with TLS 1.1', async () => {
    const { cert, key } = authority.issue(forLocalhost)
    const port = await listening({
      cert,
      key,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    expect(await attempt(`mqtts://localhost:${port}`, { ca: authority.cert })).toMatchObject({
      code: 'tls-version',
    })
  })

  it('is watched for the end of its certificate, and ours is too', async () => {
    const { url } = await mosquitto(authority.issue({ ...forLocalhost, days: 10 }))
    const ours = authority.issue({ commonName: 'gw-1', days: 2 })
    const health = async (tls: Tls) => {
      const links = connectBroker({
        config: {
          kind: 'external',
          urls: [url],
          protocol: '3.1.1',
          tls: { ca: authority.cert, insecure: false, ...tls },
        },
        bridgeId: 'gw',
        will: { topic: 'a', payload: '', qos: 0, retain: false },
        clock: systemClock,
        random: () => 0,
      })
      await links.start()
      await links.input.subscribed()
      await links.stop()
      const checks = links.checkables.map((each) => each.healthCheck(0))
      return { tls: checks.find(({ component }) => component === 'tls'), links }
    }
    const { tls } = await health({})
    expect(tls).toMatchObject({ status: 'degraded' })
    expect(tls?.message).toMatch(/^the certificate of mqtts:\/\/localhost:\d+ expires in 9 days/)
    expect((await health(ours)).tls).toMatchObject({
      status: 'unhealthy',
      message: expect.stringMatching(/this bridge expires in 1 days.*mqtts:\/\/localhost/),
    })
    const insecure = await health({ insecure: true })
    expect(insecure.tls).toMatchObject({ status: 'degraded' })
    expect(insecure.tls?.message).toMatch(/^insecure_tls/)
    expect(insecure.links.input.address).toMatch(/\(insecure_tls\)$/)
  })

  it('that wants our certificate says so, and takes the right one', async () => {
    const { url } = await mosquitto(undefined, 'require_certificate true')
    const ours = authority.issue({ commonName: 'gw-1' })
    const foreign = stranger.issue({ commonName: 'gw-1' })
    const ca = authority.cert
    expect(await attempt(url, { ca, ...ours })).toMatchObject({ code: 'connected' })
    expect(await attempt(url, { ca })).toMatchObject({ code: 'tls-no-certificate' })
    expect(await attempt(url, { ca, ...foreign })).toMatchObject({
      code: 'tls-certificate-refused',
    })
  })

  it('is not one where something else answers', async () => {
    const port = await bound(
      createPlainServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    expect(await attempt(`mqtts://localhost:${port}`, {})).toMatchObject({ code: 'tls-no-tls' })
  })

  function listening(options: TlsOptions): Promise<number> {
    return bound(createServer(options).on('tlsClientError', () => {}))
  }

  async function bound(server: Server): Promise<number> {
    undo.push(() => server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return typeof address === 'object' && address ? address.port : 0
  }
})
