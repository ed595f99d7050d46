import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SerialPort } from 'serialport'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import type { ByteLine, LineEnd } from '../../src/transport/line-door.js'
import { lineSettings } from '../../src/transport/line-settings.js'
import { createLineSource, LineSource } from '../../src/transport/line-source.js'
import { serialDoor } from '../../src/transport/serial-line.js'
import { finderByPath } from '../../src/transport/serial-port-finder.js'
import { lineConfig } from '../support/line-config.js'
import { LineNode } from '../support/line-node.js'
import { ManualClock } from '../support/manual-clock.js'
import { openPseudoTerminal, type PseudoTerminal } from '../support/pseudo-terminal.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'

const settings = lineConfig()
const until = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 })

/** Records what a line says, in one list. */
class LineLog {
  readonly events: (string | LineEnd)[] = []
  readonly chunks: Uint8Array[] = []

  onOpened(): void {
    this.events.push('opened')
  }

  onData(chunk: Uint8Array): void {
    this.chunks.push(Uint8Array.from(chunk))
  }

  onClosed(end: LineEnd): void {
    this.events.push(end)
  }

  delayMs = 0

  readDelayMs(): number {
    return this.delayMs
  }

  get bytes(): readonly number[] {
    return this.chunks.flatMap((chunk) => [...chunk])
  }
}

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)

describe('a serial line on a pseudo-terminal', () => {
  let terminal: PseudoTerminal
  let directory: string
  let log: LineLog
  const lines: ByteLine[] = []

  beforeEach(() => {
    terminal = openPseudoTerminal()
    directory = mkdtempSync(join(tmpdir(), 'alec-line-'))
    log = new LineLog()
  })

  afterEach(() => {
    for (const line of lines.splice(0)) line.close()
    terminal.close()
    rmSync(directory, { recursive: true })
  })

  const open = (path: string, into = log, given = settings): ByteLine => {
    const line = serialDoor(finderByPath(path), given, systemClock).open(into)
    lines.push(line)
    return line
  }
  const opened = () => until(() => expect(log.events).toEqual(['opened']))
  const ended = (into = log) => until(() => expect(into.events.at(-1)).toHaveProperty('code'))

  it('passes every byte value both ways unchanged', async () => {
    const back: number[] = []
    terminal.onData((chunk) => back.push(...chunk))
    const line = open(terminal.path)
    await opened()
    terminal.write(everyByte)
    line.write(everyByte)
    await until(() => expect(log.bytes).toEqual([...everyByte]))
    await until(() => expect(back).toEqual([...everyByte]))
  })

  it('says nothing to a terminal that nobody has opened yet', async () => {
    const back: Uint8Array[] = []
    terminal.onData((chunk) => back.push(chunk))
    terminal.write(everyByte)
    const line = open(terminal.path)
    await opened()
    line.write(Uint8Array.of(0xff))
    await until(() => expect(Buffer.concat(back)).toEqual(Buffer.of(0xff)))
  })

  it.each([
    { dataBits: 7, parity: 'even', stopBits: 2 },
    { parity: 'odd', flowControl: 'rtscts' },
    { flowControl: 'xonxoff', baudRate: 9600 },
    { baudRate: 250_000 },
  ] as const)('opens with %o', async (given) => {
    open(terminal.path, log, lineConfig(given))
    await opened()
  })

  it('says that the system cannot do a setting', async () => {
    open(terminal.path, log, lineConfig({ parity: 'mark' }))
    await ended()
    expect(log.events).toEqual([expect.objectContaining({ code: 'EINVAL' })])
  })

  it('refuses a port that is open already, and gets it when it is free', async () => {
    const first = open(terminal.path)
    await opened()
    const second = new LineLog()
    open(terminal.path, second)
    await ended(second)
    const reason = expect.stringContaining('in use')
    expect(second.events).toEqual([{ code: 'EAGAIN', reason }])

    first.close()
    await ended()
    const third = new LineLog()
    open(terminal.path, third)
    await until(() => expect(third.events).toEqual(['opened']))
  })

  it('says that a path is not there', async () => {
    open(join(directory, 'nothing'))
    await ended()
    expect(log.events).toEqual([expect.objectContaining({ code: 'ENOENT' })])
  })

  it('says that a file is no port, and leaves the file alone', async () => {
    const path = join(directory, 'file')
    writeFileSync(path, 'precious')
    open(path)
    await ended()
    expect(log.events).toEqual([expect.objectContaining({ code: 'ENOTTY' })])
    expect(readFileSync(path, 'utf8')).toBe('precious')
  })

  it('says that a device is no port', async () => {
    open('/dev/null')
    await ended()
    expect(log.events).toEqual([expect.objectContaining({ code: 'ENOTTY' })])
  })

  it('closes once, without a word after it, also while it opens', async () => {
    const line = open(terminal.path)
    line.close()
    line.close()
    await ended()
    expect(log.events).toEqual([{ code: 'stopped', reason: 'closed by us' }])
    // The lock is gone with it.
    log = new LineLog()
    open(terminal.path)
    await opened()
  })

  it('closes at once while bytes wait for a node that does not take them', async () => {
    const line = open(terminal.path)
    await opened()
    // Nobody reads the master, so the terminal fills up and the rest waits in the process.
    terminal.pause()
    for (let i = 0; i < 100; i++) line.write(new Uint8Array(1000))
    await until(() => expect(line.backlog).toBeGreaterThan(0))
    line.close()
    await ended()
    expect(log.events).toEqual(['opened', expect.objectContaining({ code: 'stopped' })])
  })

  it('is opened by its source as soon as its path is there', async () => {
    const link = join(directory, 'usb-adapter')
    const config = lineConfig({ path: link, device: 'd1' })
    const source = createLineSource(config, { clock: systemClock, random: Math.random })
    const heard = new RecordedHandlers()
    source.start(heard)
    await until(() => expect(source.state).toMatchObject({ kind: 'away', code: 'ENOENT' }))
    symlinkSync(terminal.path, link)
    await until(() => expect(source.state.kind).toBe('open'))
    new LineNode(config, (bytes) => terminal.write(bytes)).send(everyByte)
    await until(() => expect(heard.bytes).toEqual([everyByte]))
    await source.stop()
  })
})

/** A port of the library with all its moods, for what cannot be brought about on a real one at will. */
class MoodyPort extends EventEmitter {
  isOpen = false
  closing = false
  writableLength = 0
  readonly written: Uint8Array[] = []
  reads = 0
  /** Why it cannot be opened. */
  refusal: Error | undefined
  /** What the system says when it is asked whether the hardware is there. */
  attached = true
  closes = true
  readonly port = {
    getBaudRate: async () => {
      if (!this.attached) throw new Error('Error: Input/output error, cannot get baud rate')
      return { baudRate: 115_200 }
    },
  }

  open(done: (error: Error | null) => void): void {
    this.isOpen = !this.refusal
    done(this.refusal ?? null)
  }

  write(bytes: Uint8Array): void {
    this.written.push(bytes)
  }

  _read(): void {
    this.reads++
  }

  flush(done: () => void): void {
    setImmediate(done)
  }

  close(done?: (error: Error | null) => void): void {
    this.isOpen = false
    this.closing = true
    setImmediate(() => {
      this.closing = false
      if (this.closes) this.emit('close')
      const error = this.closes ? null : new Error('bad file descriptor')
      if (done) done(error)
      else if (error) this.emit('error', error)
    })
  }
}

describe('a serial line with a moody port', () => {
  const setUp = async () => {
    const clock = new ManualClock()
    const port = new MoodyPort()
    const log = new LineLog()
    const door = serialDoor(finderByPath('/dev/null'), settings, clock, () => {
      // The part of the library that a line uses.
      return port as unknown as SerialPort
    })
    const line = door.open(log)
    await until(() => expect(log.events).toEqual(['opened']))
    return { clock, port, log, line }
  }
  const gone = { code: 'disconnected', reason: '/dev/null is gone: unplugged?' }

  it('F-06: closes a port that has lost its hardware though the library never says so', async () => {
    const { clock, port, log } = await setUp()
    clock.advance(5000)
    await new Promise(setImmediate)
    expect(log.events).toEqual(['opened'])
    port.attached = false
    clock.advance(500)
    await until(() => expect(log.events).toEqual(['opened', gone]))
    expect(port.isOpen).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('F-08: is tried again where the system does not let us in, until it does', async () => {
    const clock = new ManualClock()
    const ports: MoodyPort[] = []
    let refusal: Error | undefined = new Error('Error: Permission denied, cannot open /dev/null')
    const door = serialDoor(finderByPath('/dev/null'), settings, clock, () => {
      const port = Object.assign(new MoodyPort(), { refusal })
      ports.push(port)
      return port as unknown as SerialPort
    })
    const line = lineSettings(lineConfig({ path: '/dev/null', device: 'd1' }), clock)
    const source = new LineSource({ ...line, door, clock, random: Math.random })
    source.start(new RecordedHandlers())
    for (let tries = 1; tries <= 5; tries++) {
      await until(() => expect(source.state).toMatchObject({ kind: 'away', attempts: tries }))
      expect(source.state).toMatchObject({ code: 'EACCES' })
      expect(source.healthCheck(0)).toMatchObject({
        status: 'unhealthy',
        message: expect.stringContaining('dialout'),
      })
      expect(source.send('d1', Uint8Array.of(0xff)).ok).toBe(false)
      if (tries === 5) refusal = undefined
      clock.advance(900)
    }
    await until(() => expect(source.state.kind).toBe('open'))
    expect(new Set(ports).size).toBe(6)
    await source.stop()
  })

  it('ends where the library ends, once', async () => {
    const { clock, port, log, line } = await setUp()
    port.close()
    await until(() => expect(log.events).toEqual(['opened', gone]))
    port.emit('close')
    line.close()
    expect(log.events).toHaveLength(2)
    expect(clock.pending).toBe(0)
  })

  it('ends also where the library cannot close the port', async () => {
    const { clock, port, log } = await setUp()
    port.closes = false
    port.close()
    await until(() => expect(log.events).toEqual(['opened', gone]))
    expect(clock.pending).toBe(0)
  })

  it('closes a port whose write failed, after the stream has said it is closed', async () => {
    const { port, log } = await setUp()
    port.emit('error', Object.assign(new Error('write'), { code: 'EIO' }))
    port.emit('close')
    expect(log.events).toHaveLength(1)
    await until(() => expect(log.events).toHaveLength(2))
    expect(log.events[1]).toEqual(gone)
    expect(port.isOpen).toBe(false)
  })

  it('F-06: takes nothing that the library would keep for ever, also before that says it has closed', async () => {
    const { port, line } = await setUp()
    expect(line.write(Uint8Array.of(1))).toBe(true)
    port.close()
    expect(line.write(Uint8Array.of(2))).toBe(false)
    expect(port.written).toEqual([Uint8Array.of(1)])
  })

  it('F-04: reads less often while nothing but noise comes, and leaves no timer behind', async () => {
    const { clock, port, log, line } = await setUp()
    port._read()
    expect(port.reads).toBe(1)
    log.delayMs = 8
    port._read()
    clock.advance(7)
    expect(port.reads).toBe(1)
    clock.advance(1)
    expect(port.reads).toBe(2)
    port._read()
    line.close()
    await until(() => expect(log.events).toHaveLength(2))
    expect(clock.pending).toBe(0)
    expect(port.reads).toBe(2)
  })

  it('waits for the library where that is closing the port already', async () => {
    const { port, log, line } = await setUp()
    port.close()
    line.close()
    expect(log.events).toHaveLength(1)
    await until(() => expect(log.events).toHaveLength(2))
  })

  it('hears nothing more once it is told to close', async () => {
    const { port, log, line } = await setUp()
    port.emit('data', Uint8Array.of(1))
    line.close()
    port.emit('data', Uint8Array.of(2))
    await until(() => expect(log.events).toHaveLength(2))
    expect(log.bytes).toEqual([1])
  })
})
