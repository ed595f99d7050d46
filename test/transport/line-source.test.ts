import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type LineFormat, LineFormatError, wrapFrame } from '../../src/framing/index.js'
import { type LineSettings, NO_ADDRESS } from '../../src/transport/line-settings.js'
import { type LinePorts, LineSource } from '../../src/transport/line-source.js'
import { ManualClock } from '../support/manual-clock.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'
import { ScriptedLineDoor } from './scripted-line.js'

const format: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 256 }
const addressed: LineFormat = { ...format, address: 'byte' }
const frame = Uint8Array.of(0xa2, 0, 1, 2, 3)

describe('a line source', () => {
  let clock: ManualClock
  let door: ScriptedLineDoor
  let heard: RecordedHandlers
  let source: LineSource

  const create = (settings: Partial<LineSettings & LinePorts> = {}): LineSource =>
    new LineSource({
      door,
      format,
      devices: new Map([[NO_ADDRESS, 'd1']]),
      idleGapMs: 50,
      longestFrameMs: 40,
      fullReadBytes: 4095,
      reopen: { firstMs: 250, minMs: 250, maxMs: 1500 },
      clock,
      random: () => 0.5,
      ...settings,
    })

  const opened = (settings: Partial<LineSettings & LinePorts> = {}): void => {
    source = create(settings)
    source.start(heard)
    door.opened()
  }

  beforeEach(() => {
    clock = new ManualClock({ mono: 1000 })
    door = new ScriptedLineDoor()
    heard = new RecordedHandlers()
  })

  it('stamps every frame with the time its last byte came', () => {
    opened()
    const wire = wrapFrame(format, frame)
    door.data(...wire.subarray(0, 4))
    clock.advance(20)
    door.data(...wire.subarray(4), ...wire)
    const { mono, wall } = { mono: 1020, wall: clock.wall() }
    expect(heard.frames).toEqual(
      [1, 2].map(() => ({
        device: 'd1',
        bytes: frame,
        mono,
        wall,
        integrity: 'crc32',
        source: 'serial:scripted',
      })),
    )
  })

  it('says which check vouches for its frames', () => {
    const weak = { ...format, crc: 'none' } as const
    opened({ format: weak })
    door.data(0, ...wrapFrame(weak, frame))
    expect(heard.frames[0]?.integrity).toBe('none')
  })

  it('gives an unfinished frame up when the line goes quiet, and counts it as incomplete', () => {
    opened()
    door.data(...wrapFrame(format, frame))
    door.data(...wrapFrame(format, frame).subarray(0, 6))
    clock.advance(49)
    expect(source.counters().rejected).toEqual({})
    clock.advance(1)
    expect(source.counters()).toMatchObject({
      discardedBytes: { incomplete: 6 },
      rejected: { incomplete: 1 },
    })
    door.data(...wrapFrame(format, frame))
    expect(heard.frames).toHaveLength(2)
  })

  it('F-06: throws a partial frame away when the line is lost, and takes no error for what follows', () => {
    opened()
    door.data(...wrapFrame(format, frame).subarray(0, 6))
    door.closed()
    expect(source.counters().bytesIn).toBe(6)
    clock.advance(1500)
    door.opened()
    door.data(...wrapFrame(format, frame).subarray(3), ...wrapFrame(format, frame))
    expect(heard.bytes).toEqual([frame])
    expect(Object.keys(source.counters().rejected)).not.toContain('crc')
  })

  it('opens in the middle of a frame without an error', () => {
    opened()
    door.data(...wrapFrame(format, frame).subarray(2), ...wrapFrame(format, frame))
    expect(heard.bytes).toEqual([frame])
    expect(source.counters().rejected).toEqual({})
    expect(source.counters().discardedBytes).toHaveProperty('syncing')
  })

  it('accounts for every byte at every step, over reopenings, whatever comes', () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => wrapFrame(format, bytes)),
    )
    const step = fc.oneof(
      { weight: 6, arbitrary: chunk },
      { weight: 1, arbitrary: fc.constant('lose' as const) },
      { weight: 1, arbitrary: fc.constant('wait' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        door = new ScriptedLineDoor()
        heard = new RecordedHandlers()
        opened()
        let sent = 0
        for (const each of steps) {
          if (each === 'lose') {
            door.closed()
            expect(source.counters().bytesIn).toBe(sent)
            clock.advance(1500)
            door.opened()
          } else if (each === 'wait') {
            clock.advance(100)
            expect(source.counters().bytesIn).toBe(sent)
          } else {
            door.line.handlers.onData(each)
            sent += each.length
          }
          const { bytesIn, bytesInFrames, discardedBytes, framesIn } = source.counters()
          const discarded = Object.values(discardedBytes).reduce((sum, bytes) => sum + bytes, 0)
          expect(bytesInFrames + discarded).toBe(bytesIn)
          expect(framesIn).toBe(heard.frames.length)
          expect(sent - bytesIn).toBeLessThanOrEqual(2 * format.maxFrame)
        }
      }),
    )
  })

  it('tells its devices apart by their address, and counts the address that nobody has', () => {
    opened({
      format: addressed,
      devices: new Map([
        [1, 'shed-1'],
        [200, 'shed-2'],
      ]),
    })
    for (const address of [200, 7, 1]) door.data(...wrapFrame(addressed, frame, address))
    expect(heard.frames.map(({ device }) => device)).toEqual(['shed-2', 'shed-1'])
    expect(heard.unknown).toEqual([{ id: '7', reason: 'no device has this address' }])
    expect(source.counters()).toMatchObject({ framesIn: 2, rejected: { 'unknown-id': 1 } })
  })

  it('sends a downlink to its device alone, wrapped as the line wants it', () => {
    opened({
      format: addressed,
      devices: new Map([
        [1, 'shed-1'],
        [200, 'shed-2'],
      ]),
    })
    expect(source.send('shed-2', Uint8Array.of(0xff))).toEqual({ ok: true })
    expect(door.line.written).toEqual([wrapFrame(addressed, Uint8Array.of(0xff), 200)])
  })

  it('refuses a downlink that no frame can hold', () => {
    opened()
    expect(source.send('d1', new Uint8Array(252))).toEqual({ ok: true })
    for (const length of [0, 253]) {
      const outcome = source.send('d1', new Uint8Array(length))
      expect(outcome).toEqual({ ok: false, reason: expect.stringContaining('1 to 252') })
    }
    expect(source.counters()).toMatchObject({ downlinksSent: 1, downlinksRefused: 2 })
  })

  it('leaves no timer behind', async () => {
    opened()
    door.data(1, 2, 3)
    expect(clock.pending).toBe(1)
    const stopping = source.stop()
    door.closed()
    await stopping
    expect(clock.pending).toBe(0)
    expect(source.counters()).toMatchObject({ bytesIn: 3, discardedBytes: { syncing: 3 } })
  })

  it('refuses a format that no stream can be cut by', () => {
    const bad = { ...format, framing: 'length', crc: 'none' } as const
    expect(() => create({ format: bad })).toThrow(LineFormatError)
  })

  it('F-10: passes frames on at the limit of the port, whichever devices they are of', () => {
    opened({
      format: addressed,
      devices: new Map([
        [1, 'shed-1'],
        [2, 'shed-2'],
      ]),
      portLimit: { perSecond: 100, burst: 20 },
    })
    let bytesIn = 0
    for (let n = 0; n < 500; n++) {
      const wire = wrapFrame(addressed, frame, 1 + (n % 2))
      door.data(...wire)
      bytesIn += wire.length
      clock.advance(1)
    }
    expect(heard.frames).toHaveLength(20 + 49)
    expect(source.counters()).toMatchObject({
      bytesIn,
      bytesInFrames: bytesIn,
      framesIn: 69,
      rejected: { 'rate-limited': 431 },
    })
    // An address that nobody has floods as well.
    for (let n = 0; n < 50; n++) door.data(...wrapFrame(addressed, frame, 9))
    expect(heard.unknown.length).toBeLessThanOrEqual(1)
    expect(source.healthCheck(clock.mono())).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('rate-limited'),
    })
    clock.advance(10_000)
    door.data(...wrapFrame(addressed, frame, 1))
    expect(heard.frames).toHaveLength(70)
    expect(source.healthCheck(clock.mono()).status).toBe('healthy')
  })

  it('F-10: makes nothing of what comes too fast, and has it in its books', () => {
    opened({ format: addressed, devices: new Map([[1, 'shed-1']]) })
    const wire = wrapFrame(addressed, frame, 1)
    door.data(...wire)
    heard.isOverdrawn = true
    clock.advance(5)
    door.data(...wire, ...wire)
    expect(heard.frames).toHaveLength(1)
    const unread = { device: 'shed-1', marker: frame[0], length: frame.length, mono: clock.mono() }
    expect(heard.refused).toEqual([unread, unread])
    const bytesIn = 3 * wire.length
    expect(source.counters()).toMatchObject({ bytesIn, bytesInFrames: bytesIn, framesIn: 3 })
    // Where nobody has the address, and where no delimiter says that it begins here, it is looked at as ever.
    door.data(...wrapFrame(addressed, frame, 9))
    door.closed()
    clock.advance(1500)
    door.opened()
    door.data(...wire)
    expect([heard.refused.length, heard.unknown.length, heard.frames.length]).toEqual([2, 1, 2])
  })

  describe('its health', () => {
    const health = () => source.healthCheck(clock.mono())

    it('F-03: follows its state, and says until when it waits for a beginning', () => {
      source = create()
      expect(health()).toMatchObject({ component: 'port:serial:scripted', status: 'unknown' })
      source.start(heard)
      expect(health()).toMatchObject({ status: 'unhealthy', message: 'opening scripted' })
      door.opened()
      const waiting = 'scripted is open, and no frame has begun yet'
      expect(health()).toMatchObject({ status: 'healthy', message: waiting })
      door.data(...wrapFrame(format, frame))
      expect(health()).toMatchObject({ status: 'healthy', message: 'scripted is open' })
      door.closed({ code: 'EACCES', reason: 'may not' })
      expect(health()).toMatchObject({ status: 'unhealthy', message: 'EACCES: may not' })
    })

    it('F-04: names baud rate or wiring where nothing but noise comes, until a frame does', () => {
      opened()
      for (let i = 0; i < 9; i++) {
        door.data(...Array.from({ length: 16 }, (_, k) => (k % 8 === 7 ? 0 : 0xe0 | k)))
        clock.advance(250)
      }
      expect(health()).toMatchObject({
        status: 'unhealthy',
        message: expect.stringMatching(/^no_valid_frames: .*baud rate or wiring/),
      })
      expect(door.line.handlers.readDelayMs()).toBeGreaterThan(0)
      door.data(0, ...wrapFrame(format, frame))
      expect(health().status).toBe('healthy')
      expect(door.line.handlers.readDelayMs()).toBe(0)
    })

    it('F-10: reads less often while most of what comes is turned away', () => {
      opened()
      const wire = wrapFrame(format, frame)
      const second = (): number[] =>
        [1, 2, 3, 4].map(() => {
          for (let n = 0; n < 8; n++) door.data(...wire)
          clock.advance(250)
          return door.line.handlers.readDelayMs()
        })
      expect(second()).toEqual([0, 0, 0, 0])
      heard.isOpen = false
      second()
      expect(second().every((ms) => ms > 0)).toBe(true)
      heard.isOpen = true
      second()
      expect(second()).toEqual([0, 0, 0, 0])
    })

    it('is not troubled by what a node prints once while it starts', () => {
      opened()
      door.data(
        ...new TextEncoder().encode('boot: flash ok, radio ok, sensors ok\r\n'.repeat(4)),
        0,
      )
      clock.advance(60_000)
      expect(health().status).toBe('healthy')
      expect(health().status).toBe('healthy')
    })

    it('is degraded where many frames are damaged', () => {
      opened()
      const damaged = wrapFrame(format, frame)
      damaged[1]! ^= 0x10
      for (let i = 0; i < 100; i++) {
        door.data(...(i % 10 === 9 ? damaged : wrapFrame(format, frame)))
        clock.advance(1000)
      }
      expect(health()).toMatchObject({
        status: 'degraded',
        message: expect.stringContaining('10 % of the last frames damaged'),
      })
    })
  })
})
