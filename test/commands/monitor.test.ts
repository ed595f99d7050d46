import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { type Clock, systemClock } from '../../src/clock.js'
import { type MonitorOptions, type MonitorPorts, monitor } from '../../src/commands/monitor.js'
import { MonitoredFleet } from '../../src/commands/monitor-fleet.js'
import { LiveMonitor } from '../../src/commands/monitor-live.js'
import { SHAPES } from '../../src/commands/monitor-words.js'
import type { Terminal, TerminalHandlers } from '../../src/commands/terminal.js'
import { visitorDoor } from '../../src/commands/visitor-door.js'
import { siteConfig } from '../e2e/running-bridge.js'
import { ManualClock } from '../support/manual-clock.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { VirtualScreen } from '../support/virtual-screen.js'
import { Observer } from '../transport/observer.js'

const status = (facts: object = {}) => {
  const ts = new Date().toISOString()
  const well = { health: 'healthy', circuit: 'closed', sync: 'exact', since: ts, last_seen: ts }
  return JSON.stringify({
    ts,
    ttl: 60,
    bridge: 'gw-test',
    cause: null,
    message: '',
    ...well,
    ...facts,
  })
}

/** Time that passes three times as fast: what the broker keeps comes at once. */
const quick: Clock = {
  ...systemClock,
  setTimer: (ms, fire) => systemClock.setTimer(ms / 3, fire),
}
const PORTS: MonitorPorts = { clock: quick, door: visitorDoor, terminal: () => undefined }

/** A terminal of a size that the test changes, and that takes nothing while the test says so. */
class FakeTerminal implements Terminal {
  screen: VirtualScreen
  isBusy = false
  writes = 0
  suspended = 0
  handlers: TerminalHandlers | undefined

  constructor(columns: number, lines: number) {
    this.screen = new VirtualScreen(columns, lines)
    this.screen.isAlternate = true
  }

  get columns(): number {
    return this.screen.columns
  }

  get lines(): number {
    return this.screen.lines
  }

  write(text: string): void {
    this.writes++
    this.screen.write(text)
  }

  open(handlers: TerminalHandlers): () => void {
    this.handlers = handlers
    return () => {
      this.handlers = undefined
    }
  }

  suspend(): void {
    this.suspended++
  }

  resize(columns: number, lines: number): void {
    this.screen = new VirtualScreen(columns, lines)
    this.screen.isAlternate = true
    this.handlers?.onResize()
  }

  type(...names: readonly string[]): void {
    for (const name of names)
      this.handlers?.onKey({ name, text: name.length === 1 ? name : '', ctrl: false })
  }
}

describe('the live table', () => {
  function live() {
    const clock = new ManualClock({ wall: Date.now() })
    const fleet = new MonitoredFleet('alec', false, clock)
    const terminal = new FakeTerminal(80, 10)
    let quits = 0
    const face = new LiveMonitor({
      fleet,
      terminal,
      clock,
      order: 'worst first',
      filter: '',
      shapes: SHAPES,
      coloured: true,
      onQuit: () => quits++,
    })
    const hear = (id: string, facts: object = {}) => {
      const payload = new TextEncoder().encode(status(facts))
      face.heard(fleet.hear({ topic: `alec/${id}/status`, payload, qos: 1, retain: false }))
    }
    return { clock, terminal, face, hear, quits: () => quits }
  }

  it('takes the terminal once the broker is there, and gives it back once', () => {
    const { clock, terminal, face, hear } = live()
    hear('shed')
    clock.advance(1000)
    expect([terminal.handlers, terminal.writes]).toEqual([undefined, 0])
    face.listening()
    clock.advance(0)
    expect(terminal.screen.text[2]).toContain('> shed    ● healthy')
    face.close()
    face.close()
    expect(terminal.handlers).toBeUndefined()
    hear('roof')
    clock.advance(10_000)
    expect([terminal.writes, clock.pending]).toEqual([1, 0])
  })

  it('is drawn five times a second at most, whatever is heard and typed', () => {
    const { clock, terminal, face, hear } = live()
    face.listening()
    for (let ms = 0; ms < 2000; ms++) {
      hear(`node-${ms % 50}`, { health: ms % 3 ? 'degraded' : 'unhealthy' })
      if (ms % 10 === 0) terminal.type('down')
      clock.advance(1)
    }
    expect(terminal.writes).toBeLessThanOrEqual(11)
    expect(terminal.writes).toBeGreaterThan(8)
  })

  it('waits for a terminal that is slow', () => {
    const { clock, terminal, face, hear } = live()
    face.listening()
    clock.advance(1000)
    terminal.isBusy = true
    const { writes } = terminal
    hear('shed')
    clock.advance(5000)
    expect(terminal.writes).toBe(writes)
    terminal.isBusy = false
    clock.advance(200)
    expect(terminal.screen.text[2]).toContain('shed')
  })

  it('is drawn anew in another size', () => {
    const { clock, terminal, face, hear } = live()
    hear('shed')
    face.listening()
    clock.advance(1000)
    terminal.resize(40, 5)
    clock.advance(200)
    expect(terminal.screen.text).toEqual([
      expect.stringContaining('1 devices  ● 1 healthy'),
      '  device  health       circuit',
      '> shed    ● healthy    closed',
      '',
      expect.stringContaining('by worst first'),
    ])
  })

  it('stays on the device that is chosen while others pass it', () => {
    const { clock, terminal, face, hear } = live()
    for (const id of ['a', 'b', 'c']) hear(id)
    face.listening()
    terminal.type('down', 'down')
    hear('b', { health: 'unhealthy' })
    hear('c', { health: 'degraded' })
    clock.advance(200)
    expect(terminal.screen.text.slice(2, 5).map((line) => line.slice(0, 3))).toEqual([
      '  b',
      '> c',
      '  a',
    ])
    terminal.type('return')
    clock.advance(200)
    expect(terminal.screen.text[1]).toBe('  c  ▲ degraded')
  })

  it('says that nothing is heard any more, and grows old meanwhile', () => {
    const { clock, terminal, face, hear } = live()
    hear('shed')
    face.listening()
    face.away('the broker has closed')
    clock.advance(61_000)
    expect(terminal.screen.text[0]).toContain('? 1 unknown')
    expect(terminal.screen.text[0]).toContain('the broker has closed; trying again')
    expect(terminal.screen.text[2]).toContain('stale')
    face.listening()
    clock.advance(200)
    expect(terminal.screen.text[0]).not.toContain('trying again')
  })

  it('is left by q, and put aside by Ctrl-Z', () => {
    const { terminal, face, quits } = live()
    face.listening()
    terminal.handlers?.onKey({ name: 'z', text: '', ctrl: true })
    terminal.type('q')
    expect([terminal.suspended, quits()]).toEqual([1, 1])
  })
})

describe.skipIf(withoutMosquitto())('monitor where no terminal is', () => {
  let broker: Mosquitto
  let bridge: Observer
  beforeAll(async () => {
    broker = await Mosquitto.start()
    bridge = await Observer.connect(broker.url)
  })
  afterAll(async () => {
    await bridge.close()
    await broker.stop()
  })
  const put = (topic: string, payload: string) => bridge.publish(topic, payload, { retain: true })
  afterEach(async () => {
    const kept = await Observer.of(broker.url, 'alec/#')
    await kept.publish('alec/mark', '')
    await kept.until((seen) => seen.some(({ topic }) => topic === 'alec/mark'))
    for (const { topic, retain } of kept.seen) if (retain) await put(topic, '')
    await kept.close()
  })

  function started(options: MonitorOptions, site: object = {}) {
    const cwd = temporaryDirectory('alec-monitor-')
    const document = { ...siteConfig({ brokerUrl: broker.url, overMqtt: ['shed'] }), ...site }
    writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(document))
    const io = recordedIo(cwd)
    const stop = new AbortController()
    onTestFinished(() => stop.abort())
    const done = monitor(options, { ...io, signal: stop.signal }, PORTS)
    const until = async (text: string) => {
      while (!io.out.includes(text)) await new Promise(setImmediate)
    }
    const end = () => {
      stop.abort()
      return done
    }
    return { io, done, until, end }
  }
  const documents = (out: string): Record<string, unknown>[] =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))

  it('shows all devices once, the worst first, without a byte that a terminal would obey', async () => {
    await put('alec/shed/status', status())
    await put(
      'alec/roof/status',
      status({
        health: 'unhealthy',
        circuit: 'open',
        cause: 'foreign-state',
        message: 'a\u001b[2Jb',
      }),
    )
    await put('alec/old/status', status({ ts: '2026-01-01T00:00:00.000Z' }))
    await put('alec/bridge/state', 'online')
    const { done, io } = started({ once: true })
    expect(await done).toBe(0)
    const lines = io.out.split('\n').map((line) => line.replace(/ {2,}/g, '  '))
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}device {2}health {2}circuit/),
      expect.stringMatching(
        /^ {2}roof {2}✖ unhealthy {2}open {2}exact .* foreign-state: a\?\[2Jb$/,
      ),
      expect.stringMatching(/^ {2}old {2}\? unknown .* stale$/),
      expect.stringMatching(/^ {2}shed {2}● healthy/),
      '',
    ])
    expect(io.out).not.toContain('\u001b')
  })

  it('prints JSON lines of all, then of each that changes, goes or whose bridge does', async () => {
    await put('alec/shed/status', status())
    await put(
      'alec/bridge/devices',
      JSON.stringify([{ id: 'shed', name: 'Shed', model: 'climate' }]),
    )
    const { until, end, io } = started({ json: true })
    await until('"shed"')
    await put('alec/shed/status', status({ frames: { received: 5, lost: 0 } }))
    await put('alec/roof/status', status({ health: 'degraded', cause: 'lost-frames' }))
    await until('"roof"')
    await put('alec/bridge/state', 'offline')
    await until('"bridge offline"')
    await put('alec/roof/status', '')
    await until('"gone"')
    expect(await end()).toBe(0)
    const told = documents(io.out)
    expect(told[0]).toMatchObject({
      device: 'shed',
      name: 'Shed',
      model: 'climate',
      health: 'healthy',
      doubt: null,
      circuit: 'closed',
      sync: 'exact',
      cause: null,
      lost: null,
      bridge: 'gw-test',
    })
    // That it has had more frames is no change.
    expect(told.map(({ device, health, gone }) => [device, gone ?? health]).slice(1, 2)).toEqual([
      ['roof', 'degraded'],
    ])
    expect(told.at(-1)).toMatchObject({ device: 'roof', gone: true })
  })

  it('takes the snapshot of a bridge in a cluster, on its own level', async () => {
    const cluster = { amqp: 'amqp://rabbit', group: 'plant-1', state: 'redis://store' }
    const devices = [{ device: 'shed', ...JSON.parse(status({ health: 'degraded' })) }]
    await put('alec/bridge/gw-test/snapshot', JSON.stringify({ devices }))
    await put('alec/bridge/other/state', 'offline')
    await put('alec/bridge/gw-test/state', 'online')
    const { done, io } = started({ once: true, json: true }, { cluster })
    expect([await done, documents(io.out)]).toEqual([
      0,
      [expect.objectContaining({ device: 'shed', health: 'degraded', doubt: null })],
    ])
  })

  it('sorts and filters as it is told', async () => {
    for (const id of ['a', 'b', 'c']) await put(`alec/${id}/status`, status({ cause: id }))
    const { done, io } = started({ once: true, json: true, sort: 'device', filter: 'healthy b' })
    await done
    expect(documents(io.out).map(({ device }) => device)).toEqual(['b'])
  })

  it('says that there is nothing, and ends with 69 where there is no broker', async () => {
    const { done, io } = started({ once: true })
    expect(await done).toBe(0)
    expect(io.err).toContain('no device has been heard of')
    const away = started({ once: true }, { broker: { url: 'mqtt://127.0.0.1:1' } })
    expect(await away.done).toBe(69)
    expect(away.io.err).toContain('no broker listens there')
  })
})
