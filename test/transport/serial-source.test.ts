import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { createLineSource } from '../../src/transport/line-source.js'
import type { Source } from '../../src/transport/source.js'
import { lineConfig } from '../support/line-config.js'
import { LineNode } from '../support/line-node.js'
import { PluggableTerminal } from '../support/pseudo-terminal.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'
import { describeSource } from './source-contract.js'

const ports = { clock: systemClock, random: () => 0.5 }

describeSource('a serial port with addresses', async () => {
  const terminal = new PluggableTerminal()
  const config = lineConfig({
    path: terminal.path,
    address: 'byte',
    devices: new Map([
      [1, 'shed-1'],
      [2, 'shed-2'],
    ]),
  })
  const node = new LineNode(config, (bytes) => terminal.write(bytes))
  terminal.onData((chunk) => node.hear(chunk))
  await terminal.plug()
  return {
    source: createLineSource(config, ports),
    clock: systemClock,
    device: 'shed-2',
    integrity: 'crc32',
    deliver: (frame) => node.send(frame, 2),
    deliverUnknown: (frame) => node.send(frame, 9),
    deliverGarbage: () => node.sendDamaged(Uint8Array.of(1, 2, 3), 2),
    downlinks: () => node.downlinks.map(({ bytes }) => bytes),
    takeAway: () => terminal.unplug(),
    bringBack: () => terminal.plug(),
    close: () => terminal.close(),
  }
})

interface Port {
  readonly terminal: PluggableTerminal
  readonly node: LineNode
  readonly source: Source
  readonly heard: RecordedHandlers
}

async function pluggedPort(device: string): Promise<Port> {
  const terminal = new PluggableTerminal()
  const config = lineConfig({ path: terminal.path, device })
  const node = new LineNode(config, (bytes) => terminal.write(bytes))
  terminal.onData((chunk) => node.hear(chunk))
  await terminal.plug()
  return { terminal, node, source: createLineSource(config, ports), heard: new RecordedHandlers() }
}

const until = (check: () => void, timeout = 10_000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 5 })

/** A frame that says which one it is. */
const numbered = (n: number): Uint8Array => Uint8Array.of(0xa2, n >> 8, n & 0xff, 1, 2, 3, 4, 5)
const numberOf = (bytes: Uint8Array): number => ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)

/** Sends numbered frames every 5 ms until undone, and tells how many there were. */
function stream(node: LineNode): { sent: number; stop(): void } {
  const streamed = { sent: 0, stop: () => clearInterval(timer) }
  const timer = setInterval(() => node.send(numbered(streamed.sent++)), 5)
  return streamed
}

describe('an unplugged serial port', () => {
  let flaky: Port
  let steady: Port

  beforeEach(async () => {
    ;[flaky, steady] = await Promise.all([pluggedPort('flaky'), pluggedPort('steady')])
    for (const { source, heard } of [flaky, steady]) source.start(heard)
    await until(() => expect(flaky.source.state.kind).toBe('open'))
    await until(() => expect(steady.source.state.kind).toBe('open'))
  })

  afterEach(async () => {
    await Promise.all([flaky.source.stop(), steady.source.stop()])
    await Promise.all([flaky.terminal.close(), steady.terminal.close()])
  })

  it('F-06, F-07: is noticed within 1 s, and gives data again within 2 s of its return, in full flow', async () => {
    const streams = [stream(flaky.node), stream(steady.node)] as const
    try {
      for (let cycle = 0; cycle < 3; cycle++) {
        await until(() => expect(flaky.source.state.kind).toBe('open'))
        await flaky.terminal.unplug()
        await until(() => expect(flaky.source.state.kind).toBe('away'), 1000)
        const codes = flaky.heard.states.map((state) => state.kind === 'away' && state.code)
        expect(codes.filter((code) => code === 'disconnected')).toHaveLength(cycle + 1)
        const before = flaky.heard.frames.length
        await flaky.terminal.plug()
        await until(() => expect(flaky.heard.frames.length).toBeGreaterThan(before), 2000)
      }
    } finally {
      for (const each of streams) each.stop()
    }
    // The other port loses nothing: every frame came, once and in order.
    const { sent } = streams[1]
    await until(() => expect(steady.heard.frames).toHaveLength(sent))
    expect(steady.heard.bytes.map(numberOf)).toEqual(Array.from({ length: sent }, (_, i) => i))
    expect(steady.heard.states.map((state) => state.kind)).toEqual(['opening', 'open'])
    expect(flaky.source.counters().opened).toBe(4)
  })

  it('F-06: fails the downlinks that wait, refuses others at once, and sends none of them later', async () => {
    const { terminal, node, source } = flaky
    terminal.hang()
    const downlink = new Uint8Array(200).fill(7)
    let sent = 0
    // The process keeps 4 KiB at most until the system has taken it: only once that takes no more either is it enough.
    for (let refused = 0; refused < 20; ) {
      if (source.send('flaky', downlink).ok) {
        sent++
        refused = 0
      } else refused++
      expect(sent).toBeLessThan(5000)
      await setTimeout(5)
    }
    expect(source.counters()).toMatchObject({ downlinksSent: sent, downlinksLost: 0 })
    await terminal.unplug()
    await until(
      () => expect(source.state).toMatchObject({ kind: 'away', code: 'disconnected' }),
      1000,
    )
    await until(() => expect(source.counters().downlinksLost).toBeGreaterThan(0))
    expect(source.counters().downlinksLost).toBeLessThanOrEqual(sent)
    expect(source.send('flaky', downlink)).toEqual({
      ok: false,
      reason: expect.stringContaining('unplugged'),
    })

    await terminal.plug()
    await until(() => expect(source.state.kind).toBe('open'))
    const before = node.downlinks.length
    // The first one ends what the node may have heard the beginning of.
    for (const byte of [0xfe, 0xff]) source.send('flaky', Uint8Array.of(byte))
    const last = () => node.downlinks.slice(before).map(({ bytes }) => [...bytes])
    await until(() => expect(last().at(-1)).toEqual([0xff]))
    expect(last().filter(([byte]) => byte === 7)).toEqual([])
  })

  it('leaves no descriptor open after stop', async () => {
    const terminal = realpathSync(steady.terminal.path)
    expect(openFiles()).toContain(terminal)
    await steady.source.stop()
    expect(openFiles()).not.toContain(terminal)
  })
})

describe('a serial port that cannot be opened', () => {
  let port: Port
  let directory: string

  beforeEach(async () => {
    port = await pluggedPort('d1')
    directory = mkdtempSync(join(tmpdir(), 'alec-file-'))
  })

  afterEach(async () => {
    await port.source.stop()
    await port.terminal.close()
    rmSync(directory, { recursive: true })
  })

  const startSecond = (path: string) => {
    const source = createLineSource(lineConfig({ path, device: 'd1' }), ports)
    const heard = new RecordedHandlers()
    source.start(heard)
    return { source, heard }
  }

  it('F-08: is unhealthy with EAGAIN while somebody else has it, and opened once it is free', async () => {
    port.source.start(port.heard)
    await until(() => expect(port.source.state.kind).toBe('open'))
    const { source, heard } = startSecond(port.terminal.path)
    await until(() => expect(source.state).toMatchObject({ kind: 'away', code: 'EAGAIN' }))
    const message = expect.stringContaining('in use')
    expect(source.healthCheck(0)).toMatchObject({ status: 'unhealthy', message })
    port.node.send(numbered(1))
    await until(() => expect(port.heard.bytes).toEqual([numbered(1)]))
    await port.source.stop()
    await until(() => expect(source.state.kind).toBe('open'))
    port.node.send(numbered(2))
    await until(() => expect(heard.bytes).toEqual([numbered(2)]))
    await source.stop()
  })

  it('F-08: is unhealthy with ENOTTY where it is a file, and opened once it is a port', async () => {
    const path = join(directory, 'port')
    writeFileSync(path, 'precious')
    const { source, heard } = startSecond(path)
    await until(() => expect(source.state).toMatchObject({ kind: 'away', code: 'ENOTTY' }))
    expect(source.healthCheck(0).status).toBe('unhealthy')
    expect(readFileSync(path, 'utf8')).toBe('precious')
    rmSync(path)
    symlinkSync(port.terminal.path, path)
    await until(() => expect(source.state.kind).toBe('open'))
    port.node.send(numbered(3))
    await until(() => expect(heard.bytes).toEqual([numbered(3)]))
    await source.stop()
  })
})

function openFiles(): string[] {
  return readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      // The descriptor of this very listing is gone again.
      return ''
    }
  })
}
