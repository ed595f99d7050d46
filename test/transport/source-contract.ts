import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Clock } from '../../src/clock.js'
import type { Integrity } from '../../src/framing/index.js'
import type { Source, SourceCounters } from '../../src/transport/source.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'

/** A source, not yet started, with what is on the other side of its door. */
export interface SourceBench {
  readonly source: Source
  /** The clock that the source was given. */
  readonly clock: Clock
  /** A device that the source serves; `deliver` sends its frames. */
  readonly device: string
  readonly integrity: Integrity
  /** Sends a frame towards the door; it may be lost while the door is not open. */
  deliver(frame: Uint8Array): void | Promise<void>
  /** Sends a frame from an id that the source has no mapping for. */
  deliverUnknown(frame: Uint8Array): void | Promise<void>
  /** Sends something that is no frame; absent where nothing but frames can come. */
  deliverGarbage?(): void | Promise<void>
  /** What came out by the door for `device` so far, unwrapped. */
  downlinks(): readonly Uint8Array[]
  /** Takes away what is behind the door, and brings it back. */
  takeAway(): void | Promise<void>
  bringBack(): void | Promise<void>
  /** Ends everything but the source, which is stopped already. */
  close(): void | Promise<void>
}

const DEADLINE_MS = 10_000

/** Waits until `check` no longer throws; says what it threw last where that takes too long. */
const until = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: DEADLINE_MS, interval: 5 })

const frameOf = (n: number, length = 12): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (n * 37 + i * 11) & 0xff)

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

function expectConserved(counters: SourceCounters): void {
  const { bytesIn, bytesInFrames, discardedBytes } = counters
  expect(bytesInFrames + total(discardedBytes)).toBe(bytesIn)
}

/** What every source has to do; `open` makes a fresh bench for each test. */
export function describeSource(name: string, open: () => Promise<SourceBench>): void {
  describe(`the source contract: ${name}`, () => {
    let bench: SourceBench
    let source: Source
    let heard: RecordedHandlers

    beforeEach(async () => {
      bench = await open()
      source = bench.source
      heard = new RecordedHandlers()
    })

    afterEach(async () => {
      await source.stop()
      await bench.close()
    })

    const started = async (handlers = heard): Promise<void> => {
      source.start(handlers)
      await until(() => expect(source.state.kind).toBe('open'))
    }

    it('is stopped, and silent, before it is started', async () => {
      expect(source.state).toEqual({ kind: 'stopped' })
      expect(source.healthCheck(bench.clock.mono()).status).toBe('unknown')
      expect(source.counters().opened).toBe(0)
      await source.stop()
      expect(heard.calls).toBe(0)
    })

    it('opens by way of opening, says so once each, and is healthy then', async () => {
      await started()
      expect(heard.states.map((state) => state.kind)).toEqual(['opening', 'open'])
      const now = bench.clock.mono()
      const check = source.healthCheck(now)
      expect(check).toMatchObject({ status: 'healthy', checkedAt: now })
      expect(check.component).toBe(`port:${source.id}`)
      expect(source.counters().opened).toBe(1)
    })

    it('stamps a frame with its device, its times, its integrity and the door', async () => {
      await started()
      const before = { mono: bench.clock.mono(), wall: bench.clock.wall() }
      await bench.deliver(frameOf(1))
      await until(() => expect(heard.frames).toHaveLength(1))
      const { mono, wall, ...rest } = heard.frames[0]!
      expect(rest).toEqual({
        device: bench.device,
        bytes: frameOf(1),
        integrity: bench.integrity,
        source: source.id,
      })
      expect(mono).toBeGreaterThanOrEqual(before.mono)
      expect(mono).toBeLessThanOrEqual(bench.clock.mono())
      expect(wall).toBeGreaterThanOrEqual(before.wall)
      expect(wall).toBeLessThanOrEqual(bench.clock.wall())
    })

    it('passes frames on in order, each the owner of its bytes', async () => {
      await started()
      const frames = Array.from({ length: 30 }, (_, i) => frameOf(i, 1 + 3 * i))
      for (const frame of frames) await bench.deliver(frame)
      await until(() => expect(heard.frames).toHaveLength(frames.length))
      expect(heard.bytes).toEqual(frames)
      expect(source.counters().framesIn).toBe(frames.length)
      expectConserved(source.counters())
    })

    it('may be started twice', async () => {
      const second = new RecordedHandlers()
      await started()
      source.start(second)
      await bench.deliver(frameOf(1))
      await until(() => expect(heard.frames).toHaveLength(1))
      expect(second.calls).toBe(0)
      expect(source.counters().opened).toBe(1)
    })

    it('may be stopped twice, and says it once', async () => {
      await started()
      await Promise.all([source.stop(), source.stop()])
      await source.stop()
      expect(heard.states.at(-1)).toEqual({ kind: 'stopped' })
      expect(heard.states.filter((state) => state.kind === 'stopped')).toHaveLength(1)
    })

    it('may be stopped while it opens', async () => {
      source.start(heard)
      await source.stop()
      expect(source.state.kind).toBe('stopped')
      expect(heard.states.at(-1)).toEqual({ kind: 'stopped' })
    })

    it('starts again after a stop, and calls no handler of before', async () => {
      await started()
      await bench.deliver(frameOf(1))
      await until(() => expect(heard.frames).toHaveLength(1))
      await source.stop()
      const { calls } = heard
      await bench.deliver(frameOf(2))

      const second = new RecordedHandlers()
      await started(second)
      await bench.deliver(frameOf(3))
      await until(() => expect(second.bytes).toContainEqual(frameOf(3)))
      expect(heard.calls).toBe(calls)
      expect(source.counters().opened).toBe(2)
      expectConserved(source.counters())
    })

    it('counts a frame from an unknown id, tells of it, and passes nothing on', async () => {
      await started()
      await bench.deliverUnknown(frameOf(7))
      await until(() => expect(heard.unknown).toHaveLength(1))
      await bench.deliver(frameOf(8))
      await until(() => expect(heard.frames).toHaveLength(1))
      expect(heard.bytes).toEqual([frameOf(8)])
      expect(heard.unknown[0]?.id).not.toBe('')
      expect(heard.unknown[0]?.reason).not.toBe('')
      expect(source.counters()).toMatchObject({ framesIn: 1, rejected: { 'unknown-id': 1 } })
      expectConserved(source.counters())
    })

    it('counts what is no frame, and hears the next one', async () => {
      if (!bench.deliverGarbage) return
      await started()
      await bench.deliver(frameOf(1))
      await bench.deliverGarbage()
      await bench.deliver(frameOf(2))
      await until(() => expect(heard.bytes).toEqual([frameOf(1), frameOf(2)]))
      expect(total(source.counters().discardedBytes)).toBeGreaterThan(0)
      expect(total(source.counters().rejected)).toBeGreaterThan(0)
      expectConserved(source.counters())
    })

    it('sends downlinks out by the same door, in order', async () => {
      await started()
      await bench.deliver(frameOf(1))
      await until(() => expect(heard.frames).toHaveLength(1))
      expect(source.serves(bench.device)).toBe(true)
      const downlinks = [Uint8Array.of(0xff), Uint8Array.of(0, 1, 0xc0, 0xdb, 0x0a)]
      for (const bytes of downlinks) {
        expect(source.send(bench.device, bytes)).toEqual({ ok: true })
      }
      await until(() => expect(bench.downlinks()).toEqual(downlinks))
      expect(source.counters()).toMatchObject({ downlinksSent: 2, downlinksRefused: 0 })
    })

    it('refuses a downlink for another device, and before and after its time', async () => {
      const refused = { ok: false, reason: expect.stringMatching(/./) }
      expect(source.send(bench.device, Uint8Array.of(0xff))).toEqual(refused)
      await started()
      // No door at all can have heard an id like that.
      expect(source.serves('some.body')).toBe(false)
      expect(source.send('some.body', Uint8Array.of(0xff))).toEqual(refused)
      await source.stop()
      expect(source.send(bench.device, Uint8Array.of(0xff))).toEqual(refused)
      expect(source.counters()).toMatchObject({ downlinksSent: 0, downlinksRefused: 3 })
    })

    it('says why it is away, refuses downlinks, and comes back by itself', async () => {
      await started()
      await bench.deliver(frameOf(1))
      await until(() => expect(heard.frames).toHaveLength(1))
      await bench.takeAway()
      await until(() => expect(source.state.kind).toBe('away'))
      const reasoned = { kind: 'away', code: expect.stringMatching(/./) }
      expect(heard.states.at(-1)).toMatchObject({ ...reasoned, reason: expect.stringMatching(/./) })
      expect(source.healthCheck(bench.clock.mono()).status).toBe('unhealthy')
      const outcome = source.send(bench.device, Uint8Array.of(0xff))
      expect(outcome.ok).toBe(false)

      await bench.bringBack()
      await until(() => expect(source.state.kind).toBe('open'))
      await bench.deliver(frameOf(2))
      await until(() => expect(heard.bytes).toEqual([frameOf(1), frameOf(2)]))
      expect(heard.states.at(-1)?.kind).toBe('open')
      // What was refused is not sent later.
      expect(bench.downlinks()).toEqual([])
      expect(source.counters().opened).toBe(2)
      expectConserved(source.counters())
    })
  })
}
