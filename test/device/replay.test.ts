import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fleet, Verdict } from '../../src/device/index.js'
import { parseExact, printExact } from '../../src/journal/exact-json.js'
import { heardFleet } from '../support/heard-fleet.js'
import type { Sending } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { allTrafficFaults, type Traffic, trafficOf } from '../support/traffic.js'

const kinds: readonly Sending[] = ['compact', 'closed-loop', 'single', 'adaptive', 'mixed']
const FRAMES = 120
const END = 1e12
/** Everything that can be accepted is: what is refused never reaches a journal. */
const accepting = {
  unknownDevices: 'accept' as const,
  defaultProfile: 'd0',
  reorderWindows: new Map([['door', 3]]),
}

const sweepAt = (fleet: Fleet, mono: number): boolean =>
  fleet.sweep(
    { mono, wall: mono, clockSynced: true },
    () => ({ linkUp: true, lineNoisy: false }),
    () => {},
  )

/** One device is not configured, and another has no declared interval. */
function eventful(seed: number): Traffic {
  const traffic = trafficOf(seed, kinds, FRAMES, allTrafficFaults)
  const models = new Map(traffic.models)
  const { intervalMs: _, ...timeless } = models.get('d1')!
  models.set('d1', timeless)
  const devices = new Map(traffic.devices)
  devices.delete('d0')
  return { ...traffic, devices, models }
}

/** By device: between devices there is no order. */
function byDevice(verdicts: readonly Verdict[]): Map<string, Verdict[]> {
  const grouped = new Map<string, Verdict[]>()
  for (const verdict of verdicts)
    grouped.set(verdict.device, [...(grouped.get(verdict.device) ?? []), verdict])
  return grouped
}

interface Course {
  readonly verdicts: ReadonlyMap<string, readonly Verdict[]>
  readonly state: ReadonlyMap<string, unknown>
}

function straight(traffic: Traffic): Course {
  const { fleet, verdicts } = heardFleet(traffic, accepting)
  for (const frame of traffic.frames) expect(fleet.accept(frame)).toBe(1)
  fleet.release(END)
  expect(verdicts).toHaveLength(traffic.frames.length)
  return { verdicts: byDevice(verdicts), state: fleet.save() }
}

/** A fleet that is swept and restarted as chance will have it. */
function troubled(traffic: Traffic, seed: number, restarts: number, sweeps: number): Course {
  const random = mulberry(seed)
  const verdicts: Verdict[] = []
  let heard = heardFleet(traffic, accepting)
  for (const [n, frame] of traffic.frames.entries()) {
    const before = traffic.frames[n - 1]?.mono ?? 0
    // All that came before is accepted.
    if (random() < sweeps) heard.fleet.release(before + random() * (frame.mono - before))
    while (random() < sweeps) sweepAt(heard.fleet, frame.mono - random() * 1e6)
    if (random() < restarts) {
      verdicts.push(...heard.verdicts)
      const kept = Array.from(heard.fleet.save(), ([id, state]) => [id, printExact(state)] as const)
      heard = heardFleet(traffic, accepting)
      const states = new Map(kept.map(([id, text]) => [id, parseExact(text)]))
      expect(heard.fleet.restore(states)).toEqual([])
    }
    expect(heard.fleet.accept(frame)).toBe(1)
    while (random() < sweeps) sweepAt(heard.fleet, frame.mono + random() * 1e6)
  }
  heard.fleet.release(END)
  verdicts.push(...heard.verdicts)
  return { verdicts: byDevice(verdicts), state: heard.fleet.save() }
}

describe('a fleet says of the same frames the same', () => {
  const seeds = fc.integer({ min: 1, max: 2 ** 31 })
  const check = (restarts: number, sweeps: number) =>
    fc.assert(
      fc.property(seeds, (seed) => {
        const traffic = eventful(seed)
        const plain = straight(traffic)
        const kinds = [...plain.verdicts.values()].flat().map(({ kind }) => kind)
        expect(new Set(kinds).size).toBe(3)
        const other = troubled(traffic, seed, restarts, sweeps)
        expect(other.verdicts).toEqual(plain.verdicts)
        expect(other.state).toEqual(plain.state)
      }),
      { numRuns: 5, seed: testSeed },
    )

  it('when it is saved and restored in between, at any frame', () => check(0.1, 0))

  it('when it is swept at any moment', () => check(0, 0.3))

  it('when both happens', () => check(0.05, 0.1))

  it('as one that goes on from the state before each single frame', () => {
    const traffic = eventful(testSeed)
    const plain = straight(traffic)
    const { verdicts } = troubled(traffic, 1, 1, 0)
    expect(verdicts).toEqual(plain.verdicts)
  })
})
