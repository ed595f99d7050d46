import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { LineError } from '../../src/transport/line-error.js'
import { createLineSource } from '../../src/transport/line-source.js'
import { parseTcpUrl, tcpDoor } from '../../src/transport/tcp-line.js'
import { freePort } from '../support/free-port.js'
import { lineConfig } from '../support/line-config.js'
import { LineNode } from '../support/line-node.js'
import { ManualClock } from '../support/manual-clock.js'
import { describeSource } from './source-contract.js'

/** What a serial device server is to the bridge: a listener that hands on bytes. */
class SerialServer {
  readonly clients = new Set<Socket>()
  readonly #onData: (chunk: Uint8Array) => void
  #server: Server | undefined
  #port = 0

  constructor(onData: (chunk: Uint8Array) => void = () => {}) {
    this.#onData = onData
  }

  get url(): string {
    return `tcp://127.0.0.1:${this.#port}`
  }

  async listen(): Promise<void> {
    const server = createServer((client) => {
      this.clients.add(client)
      client.on('data', this.#onData)
      client.on('error', () => {})
      client.on('close', () => this.clients.delete(client))
    })
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (server.address() as AddressInfo).port
  }

  write(bytes: Uint8Array): void {
    for (const client of this.clients) client.write(bytes)
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const client of this.clients) client.destroy()
    await closed
  }
}

describeSource('a serial port behind a TCP server', async () => {
  const server = new SerialServer((chunk) => node.hear(chunk))
  await server.listen()
  const config = lineConfig({
    path: server.url,
    framing: 'slip',
    crc: 'crc16',
    address: 'byte',
    devices: new Map([[3, 'shed-3']]),
  })
  const node = new LineNode(config, (bytes) => server.write(bytes))
  return {
    source: createLineSource(config, { clock: systemClock, random: () => 0.5 }),
    clock: systemClock,
    device: 'shed-3',
    integrity: 'crc16',
    deliver: (frame) => node.send(frame, 3),
    deliverUnknown: (frame) => node.send(frame, 4),
    deliverGarbage: () => node.sendDamaged(Uint8Array.of(1, 2, 3), 3),
    downlinks: () => node.downlinks.map(({ bytes }) => bytes),
    takeAway: () => server.close(),
    bringBack: () => server.listen(),
    close: () => server.close(),
  }
})

describe('a tcp:// address', () => {
  it.each([
    ['tcp://10.0.0.7:4001', '10.0.0.7', 4001],
    ['tcp://moxa.local:23/', 'moxa.local', 23],
    ['tcp://[fe80::1]:4001', 'fe80::1', 4001],
  ])('%s', (url, host, port) => {
    expect(parseTcpUrl(url)).toEqual({ host, port })
  })

  it.each([
    'tcp://10.0.0.7',
    'tcp://:4001',
    'tcp://10.0.0.7:0',
    'tcp://10.0.0.7:70000',
    'tcp://user@host:1',
    'tcp://host:1/path',
    'udp://host:1',
    'tcp:host',
    '/dev/ttyUSB0',
  ])('%s is none', (url) => {
    expect(() => parseTcpUrl(url)).toThrow(LineError)
    expect(() => parseTcpUrl(url)).toThrow(`got '${url}'`)
  })
})

describe('a TCP line', () => {
  const heard = { onOpened: vi.fn(), onData: vi.fn(), onClosed: vi.fn(), readDelayMs: () => 0 }
  let server: SerialServer

  beforeEach(async () => {
    vi.clearAllMocks()
    server = new SerialServer()
    await server.listen()
  })

  afterEach(() => server.close())

  const closed = () => vi.waitFor(() => expect(heard.onClosed).toHaveBeenCalled())
  const opened = () => vi.waitFor(() => expect(heard.onOpened).toHaveBeenCalled())

  it('says that nothing listens', async () => {
    const url = `tcp://127.0.0.1:${await freePort()}`
    tcpDoor(url, systemClock).open(heard)
    await closed()
    const reason = expect.stringContaining(`nothing listens at ${url}`)
    expect(heard.onClosed.mock.calls).toEqual([[{ code: 'ECONNREFUSED', reason }]])
    expect(heard.onOpened).not.toHaveBeenCalled()
  })

  it('gives up on a server that does not answer', async () => {
    const clock = new ManualClock()
    tcpDoor(server.url, clock).open(heard)
    clock.advance(5000)
    await closed()
    expect(heard.onClosed).toHaveBeenCalledWith(expect.objectContaining({ code: 'ETIMEDOUT' }))
    expect(heard.onOpened).not.toHaveBeenCalled()
    expect(clock.pending).toBe(0)
  })

  it('leaves what comes to the system for as long as the next read may wait', async () => {
    const clock = new ManualClock()
    const line = tcpDoor(server.url, clock).open({ ...heard, readDelayMs: () => 8 })
    await vi.waitFor(() => expect(server.clients.size).toBe(1))
    await opened()
    const [client] = server.clients
    client?.write('one')
    await vi.waitFor(() => expect(heard.onData).toHaveBeenCalledTimes(1))
    client?.write('two')
    await new Promise((resolve) => client?.write('three', resolve))
    await new Promise(setImmediate)
    expect(heard.onData).toHaveBeenCalledTimes(1)
    clock.advance(8)
    const text = () => heard.onData.mock.calls.map(([chunk]) => String(chunk)).join('')
    await vi.waitFor(() => expect(text()).toBe('onetwothree'))
    line.close()
    await closed()
    expect(clock.pending).toBe(0)
  })

  it('is closed by a server that hangs up', async () => {
    tcpDoor(server.url, systemClock).open(heard)
    await vi.waitFor(() => expect(server.clients.size).toBe(1))
    await opened()
    for (const client of server.clients) client.end()
    await closed()
    expect(heard.onClosed).toHaveBeenCalledWith(expect.objectContaining({ code: 'closed' }))
  })

  it('leaves no timer, and may be closed while it connects', async () => {
    const clock = new ManualClock()
    const line = tcpDoor(server.url, clock).open(heard)
    line.close()
    line.close()
    await closed()
    expect(heard.onClosed.mock.calls).toEqual([[expect.objectContaining({ code: 'stopped' })]])
    expect(heard.onOpened).not.toHaveBeenCalled()
    expect(clock.pending).toBe(0)
  })

  it('counts what a server that does not read leaves behind', async () => {
    const line = tcpDoor(server.url, systemClock).open(heard)
    await opened()
    await vi.waitFor(() => expect(server.clients.size).toBe(1))
    for (const client of server.clients) client.pause()
    expect(line.backlog).toBe(0)
    // More than the buffers of both systems hold.
    line.write(new Uint8Array(32 * 1024 * 1024))
    await vi.waitFor(() => expect(line.backlog).toBeGreaterThan(0))
    line.close()
    await closed()
  })
})
