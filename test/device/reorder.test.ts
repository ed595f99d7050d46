import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/device/index.js'
import type { Frame } from '../../src/framing/index.js'
import { frameOf } from '../support/frames.js'
import { heardFleet } from '../support/heard-fleet.js'
import { INTERVAL, MeasuredDevice, type Sending } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'

const DOOR = 'door'

const fleetOf = (device: MeasuredDevice, window: number, more: readonly string[] = []) =>
  heardFleet(
    {
      models: new Map([['m', device.model]]),
      devices: new Map(['d1', ...more].map((id) => [id, 'm'])),
    },
    { reorderWindows: new Map([[DOOR, window]]) },
  )

/** What a verdict says, but for the times. */
const wordsOf = (verdict: Verdict): unknown => {
  const events = verdict.events.map(({ wall: _, ...event }) => event)
  if (verdict.kind !== 'readings') return { kind: verdict.kind, events }
  const { epoch, seq, quality, channels, deviceTime } = verdict
  return { epoch, seq, quality, channels, deviceTime, events }
}

/** The seq of each verdict in its order, or why there is none. */
const seqs = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) =>
    verdict.kind === 'readings' ? verdict.seq : verdict.kind === 'skipped' ? verdict.why : 'fault',
  )

/** Frames of one device from number 20 on, eight to an interval, after twenty that came in order. */
function course(device: MeasuredDevice, count: number) {
  const first = Array.from({ length: 20 }, (_, n) => frameOf(device.next().bytes, n * INTERVAL))
  const later = Array.from({ length: count }, () => device.next().bytes)
  const at = (position: number) => 20 * INTERVAL + (position * INTERVAL) / 8
  const arriving = (order: readonly number[]): Frame[] =>
    order.map((n, position) => frameOf(later[n]!, at(position)))
  return { first, later, at, arriving }
}

/** An order in which no frame comes after more than `most` of its successors. */
function displaced(count: number, most: number, random: () => number): number[] {
  const keys = Array.from({ length: count }, (_, n) => n + (random() < 0.5 ? 0 : random() * most))
  return [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!)
}

describe('frames that were overtaken', () => {
  const kinds = fc.constantFrom<Sending>('compact', 'closed-loop', 'several-singles', 'adaptive')
  const scenario = fc.record({
    kind: kinds,
    seed: fc.integer({ min: 1, max: 2 ** 31 }),
    window: fc.integer({ min: 1, max: 8 }),
    loss: fc.constantFrom(0, 0.1),
    duplicates: fc.constantFrom(0, 0.2),
  })

  it('F-14: are read as in their order where none is overtaken by more than the window', () => {
    let unlike = 0
    fc.assert(
      fc.property(scenario, ({ kind, seed, window, loss, duplicates }) => {
        const random = mulberry(seed)
        const device = new MeasuredDevice(kind, 2, seed)
        const { first, arriving } = course(device, 60)
        const lost = new Set(Array.from({ length: 59 }, (_, n) => n).filter(() => random() < loss))
        const order = displaced(60, window, random).filter((n) => !lost.has(n))
        const repeated = order.flatMap((n) => (random() < duplicates ? [n, n] : [n]))
        const inOrder = [...order].sort((a, b) => a - b)
        const hear = (frames: readonly Frame[], size: number) => {
          const { fleet, verdicts } = fleetOf(device, size)
          for (const frame of [...first, ...frames]) expect(fleet.accept(frame)).toBe(1)
          fleet.release(1e9)
          return verdicts.filter(({ kind: what }) => what === 'readings').map(wordsOf)
        }
        const straight = hear(arriving(inOrder), 0)
        expect(hear(arriving(repeated), window)).toEqual(straight)
        // Without the window it would be something else.
        if (JSON.stringify(hear(arriving(repeated), 0)) !== JSON.stringify(straight)) unlike++
      }),
      { numRuns: 60, seed: testSeed },
    )
    expect(unlike).toBeGreaterThan(30)
  })

  it('F-14: what comes later than the window is dropped as late, its place a gap', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, arriving } = course(device, 6)
    const { fleet, verdicts } = fleetOf(device, 2)
    for (const frame of [...first, ...arriving([1, 2, 3, 0, 4, 5])]) fleet.accept(frame)
    expect(seqs(verdicts.slice(20))).toEqual([21, 22, 23, 'late', 24, 25])
    expect(verdicts[20]?.events).toContainEqual(
      expect.objectContaining({ type: 'gap', fromSeq: 20, toSeq: 20, count: 1 }),
    )
  })

  it('F-14: are held for two intervals at most, by the next frame or by a look at the time, whichever comes first', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, later } = course(device, 4)
    const start = 20 * INTERVAL
    const early = [frameOf(later[1]!, start), frameOf(later[2]!, start + INTERVAL / 2)]
    const looking = fleetOf(device, 4)
    const waiting = fleetOf(device, 4)
    for (const { fleet } of [looking, waiting])
      for (const frame of [...first, ...early]) fleet.accept(frame)
    looking.fleet.release(start + 2 * INTERVAL - 1)
    expect(looking.verdicts).toHaveLength(20)
    looking.fleet.release(start + 2 * INTERVAL)
    expect(seqs(looking.verdicts.slice(20))).toEqual([21, 22])
    const last = frameOf(later[3]!, start + 2.1 * INTERVAL)
    looking.fleet.accept(last)
    waiting.fleet.accept(last)
    expect(waiting.verdicts).toEqual(looking.verdicts)
    expect(seqs(waiting.verdicts.slice(20))).toEqual([21, 22, 23])
  })

  it('F-14: are held until there are more of them than the window has room for', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, arriving } = course(device, 4)
    const heard = (order: readonly number[]) => {
      const { fleet, verdicts } = fleetOf(device, 2)
      for (const frame of [...first, ...arriving(order)]) fleet.accept(frame)
      return seqs(verdicts.slice(20))
    }
    expect(heard([1, 2])).toEqual([])
    expect(heard([1, 2, 0])).toEqual([20, 21, 22])
    expect(heard([1, 2, 3])).toEqual([21, 22, 23])
  })

  it('are told with their own times and numbers in the journal', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, arriving } = course(device, 2)
    const { fleet, verdicts } = fleetOf(device, 1)
    for (const frame of first) fleet.accept(frame)
    const frames = arriving([1, 0]).map((frame, i) => ({ ...frame, ordinal: 100 + i }))
    for (const frame of frames) expect(fleet.accept(frame)).toBe(1)
    expect(verdicts.slice(20).map(({ frame }) => [frame.ordinal, frame.wall])).toEqual([
      [101, frames[1]?.wall],
      [100, frames[0]?.wall],
    ])
  })

  it('are not waited for at a door without a window, nor for a device that has been heard elsewhere', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, arriving } = course(device, 4)
    const { fleet, verdicts } = fleetOf(device, 3)
    for (const frame of first) fleet.accept(frame)
    const [early, line, late, next] = arriving([1, 2, 0, 3])
    fleet.accept(early!)
    expect(verdicts).toHaveLength(20)
    fleet.accept({ ...line!, source: 'line' })
    for (const frame of [late!, next!]) fleet.accept(frame)
    expect(seqs(verdicts.slice(20))).toEqual([21, 22, 'late', 23])
  })

  it('let two frames of one number through, so that the conflict is seen', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, arriving } = course(device, 2)
    const { fleet, verdicts } = fleetOf(device, 3)
    for (const frame of first) fleet.accept(frame)
    const [early] = arriving([1])
    const other = {
      ...early!,
      bytes: early!.bytes.map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte)),
    }
    fleet.accept(early!)
    fleet.accept({ ...early!, mono: early!.mono + 1 })
    expect(seqs(verdicts.slice(20))).toEqual(['duplicate'])
    fleet.accept({ ...other, mono: early!.mono + 2 })
    expect(verdicts.slice(21).flatMap(({ events }) => events.map(({ type }) => type))).toContain(
      'conflict',
    )
  })

  it('of a device do not hold up another', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const other = new MeasuredDevice('compact', 2, 5)
    const { first, arriving } = course(device, 3)
    const { fleet, verdicts } = fleetOf(device, 3, ['d2'])
    for (const frame of first) fleet.accept(frame)
    for (const frame of arriving([1, 2])) fleet.accept(frame)
    fleet.accept(frameOf(other.next().bytes, 21 * INTERVAL, 'd2'))
    expect(verdicts.at(-1)?.device).toBe('d2')
  })

  it('come before the first frame of an encoder that has started anew', () => {
    const device = new MeasuredDevice('compact', 2, 5)
    const { first, arriving, at } = course(device, 3)
    const { fleet, verdicts } = fleetOf(device, 3)
    for (const frame of first) fleet.accept(frame)
    for (const frame of arriving([1, 2])) fleet.accept(frame)
    const fresh = new MeasuredDevice('compact', 2, 6)
    fleet.accept(frameOf(fresh.next().bytes, at(3)))
    expect(seqs(verdicts.slice(20))).toEqual([21, 22, 0])
    expect(verdicts.at(-1)).toMatchObject({ epoch: 2, quality: 'good' })
  })
})
