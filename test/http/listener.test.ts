import { request } from 'node:https'
import { connect, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { Window } from '../../src/http/index.js'
import { TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { ManualClock } from '../support/manual-clock.js'
import { heardLog } from './heard-log.js'
import { nothing, PAGE } from './opened-window.js'

function takenPort(): Promise<{ port: number; free: () => Promise<void> }> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address !== 'object' || !address) throw new Error('no address')
      const free = () => new Promise<void>((done) => void server.close(() => done()))
      onTestFinished(() => void server.close())
      resolve({ port: address.port, free })
    })
  })
}

it('a port that another program has is said once, shown in health, and tried again', async () => {
  const { port, free } = await takenPort()
  const [clock, log] = [new ManualClock(), heardLog()]
  const window = new Window({
    devices: 1,
    pageDirectory: PAGE,
    config: { host: '127.0.0.1', port, names: [], metrics: { devices: 0 } },
    clock,
    log,
  })
  onTestFinished(() => window.close())
  expect(window.healthCheck(7)).toMatchObject({
    component: 'http',
    checkedAt: 7,
    status: 'unknown',
  })
  await window.open(nothing)
  const reason = `cannot listen on 127.0.0.1:${port}: another program listens there`
  expect(window.address).toBeUndefined()
  expect(window.healthCheck(0)).toMatchObject({ status: 'degraded', message: reason })
  const failedAgain = () => new Promise<void>((resolve) => setImmediate(resolve))
  clock.advance(5000)
  while (clock.pending === 0) await failedAgain()
  expect(log.lines).toEqual([
    `warn the dashboard ${reason}; it is tried again {"code":"EADDRINUSE"}`,
  ])

  await free()
  clock.advance(5000)
  while (window.address === undefined) await failedAgain()
  expect(window.healthCheck(0)).toMatchObject({ status: 'healthy' })
  expect(log.lines).toHaveLength(2)
})

it('a window that was closed while it waited for its port stays closed', async () => {
  const { port, free } = await takenPort()
  const clock = new ManualClock()
  const window = new Window({
    devices: 1,
    pageDirectory: PAGE,
    config: { host: '127.0.0.1', port, names: [], metrics: { devices: 0 } },
    clock,
    log: heardLog(),
  })
  await window.open(nothing)
  await window.close()
  await window.close()
  await free()
  clock.advance(60_000)
  expect(clock.pending).toBe(0)
  expect(window.healthCheck(0)).toMatchObject({ status: 'unknown' })
})

it('a certificate that is none is said, and ends nothing', async () => {
  const log = heardLog()
  const tls = { cert: 'none', key: 'none' }
  const config = { host: '127.0.0.1', port: 0, names: [], tls, metrics: { devices: 0 } }
  const window = new Window({
    devices: 1,
    pageDirectory: PAGE,
    config,
    clock: new ManualClock(),
    log,
  })
  await window.open(nothing)
  expect(window.healthCheck(0)).toMatchObject({
    status: 'degraded',
    message: expect.stringMatching(/^http\.tls cannot be used: /),
  })
  expect(log.lines[0]).toMatch(/^error http\.tls cannot be used/)
  await window.close()
})

it.skipIf(withoutOpenssl())(
  'with a certificate it speaks TLS, and its cookie goes over nothing else',
  async () => {
    const authority = new TestAuthority()
    onTestFinished(() => authority.remove())
    const { cert, key } = authority.issue({ commonName: 'localhost', names: 'DNS:localhost' })
    const ca = authority.cert
    const config = {
      host: '127.0.0.1',
      port: 0,
      names: [],
      metrics: { devices: 0 },
      tls: { cert, key },
      token: 'x'.repeat(20),
    }
    const window = new Window({
      devices: 1,
      pageDirectory: PAGE,
      config,
      clock: new ManualClock(),
      log: heardLog(),
    })
    onTestFinished(() => window.close())
    await window.open(nothing)
    const url = `${window.address?.replace('127.0.0.1', 'localhost')}/login`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const setCookie = await new Promise<string[] | undefined>((resolve, reject) => {
      request(url, { ca, headers, method: 'POST' }, (answer) => {
        answer.resume().once('end', () => resolve(answer.headers['set-cookie']))
      })
        .once('error', reject)
        .end(`token=${'x'.repeat(20)}`)
    })
    expect(setCookie?.[0]).toMatch(/^__Host-alec-0=.*; Secure$/)
  },
)

it('holds a hundred connections and no more', async () => {
  const config = { host: '127.0.0.1', port: 0, names: [], metrics: { devices: 0 } }
  const window = new Window({
    devices: 1,
    pageDirectory: PAGE,
    config,
    clock: new ManualClock(),
    log: heardLog(),
  })
  onTestFinished(() => window.close())
  await window.open(nothing)
  const port = Number(new URL(window.address ?? '').port)
  const closed: number[] = []
  const sockets = Array.from({ length: 120 }, (_, n) =>
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .once('close', () => void closed.push(n)),
  )
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  while (closed.length < 20) await turn()
  expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(100)
  // One that is let in is answered still, and makes room.
  const first = sockets.find(({ destroyed }) => !destroyed)
  first?.end('GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').resume()
  while (closed.length < 21) await turn()
  expect((await fetch(`${window.address}/assets/index.html`)).status).toBe(200)
})
