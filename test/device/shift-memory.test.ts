import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TimeShift, Verdict } from '../../src/device/index.js'
import type { Frame } from '../../src/framing/index.js'
import { parseExact, printExact } from '../../src/journal/exact-json.js'
import { heardFleet } from '../support/heard-fleet.js'
import { lies } from '../support/lies.js'
import { INTERVAL, type Sending } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { allTrafficFaults, type Traffic, trafficOf } from '../support/traffic.js'

const kinds: readonly Sending[] = ['compact', 'closed-loop', 'single', 'adaptive', 'mixed']
const END = 1e12
const ordered = { reorderWindows: new Map([['door', 3]]) }

/** Another machine's clock: what it shows more than the one before, and what the new owner believes that it does. */
interface HandOver {
  readonly more: number
  readonly believed: TimeShift
}

/** What is said of each device where its fleet goes from machine to machine, and by whose clock; the frames as they were. */
function wandering(
  traffic: Traffic,
  seed: number,
  moves: number,
  handOver: (random: () => number) => HandOver,
): Map<string, Verdict[]> {
  const random = mulberry(seed)
  const said = new Map<string, Verdict[]>()
  let ahead = 0
  let heard = heardFleet(traffic, ordered)
  const collect = () => {
    for (const verdict of heard.verdicts) {
      const frame: Frame = { ...verdict.frame, mono: verdict.frame.mono - ahead }
      said.set(verdict.device, [...(said.get(verdict.device) ?? []), { ...verdict, frame }])
    }
  }
  for (const frame of traffic.frames) {
    if (random() < moves) {
      const { more, believed } = handOver(random)
      const kept = printExact([...heard.fleet.save()])
      collect()
      ahead += more
      heard = heardFleet(traffic, ordered)
      for (const [id, state] of parseExact(kept) as [string, unknown][])
        expect(heard.fleet.restoreDevice(id, state, believed)).toBe(true)
    }
    heard.fleet.accept({ ...frame, mono: frame.mono + ahead })
  }
  heard.fleet.release(END)
  collect()
  return said
}

const shared = { numRuns: 8, seed: testSeed }
const seeds = fc.integer({ min: 1, max: 2 ** 31 })
const DAY = 86_400_000

describe('what another machine knew of a device', () => {
  it('leads to the same verdicts where the clocks are known to the millisecond', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const traffic = trafficOf(seed, kinds, 100, allTrafficFaults)
        const exact = (random: () => number): HandOver => {
          const more = Math.round((random() - 0.5) * 2 * DAY)
          return { more, believed: { past: more, until: more } }
        }
        const there = wandering(traffic, seed, 0, exact)
        const moved = wandering(traffic, seed, 0.1, exact)
        const plain = (verdicts: Map<string, Verdict[]>) =>
          [...verdicts].map(([device, each]) => [
            device,
            each.map(({ frame, events: _, ...verdict }) => [Math.round(frame.mono), verdict]),
          ])
        expect(plain(moved)).toEqual(plain(there))
      }),
      shared,
    )
  })

  it('never makes a wrong value good where the clocks are known as a range, however wide', () => {
    let good = 0
    fc.assert(
      fc.property(seeds, (seed) => {
        const traffic = trafficOf(seed, kinds, 100, allTrafficFaults)
        const said = wandering(traffic, seed, 0.1, (random) => {
          const more = Math.round((random() - 0.5) * 2 * DAY)
          const doubt = () => Math.round(random() ** 6 * 40 * INTERVAL)
          return { more, believed: { past: more - doubt(), until: more + doubt() } }
        })
        const found: string[] = []
        for (const verdict of [...said.values()].flat()) {
          const truth = traffic.truths.get(verdict.frame.bytes)
          if (!truth) continue
          found.push(...lies(verdict, { truth }, `seed ${seed}`))
          if (verdict.kind === 'readings' && verdict.quality === 'good') good++
        }
        expect(found).toEqual([])
      }),
      shared,
    )
    expect(good).toBeGreaterThan(100)
  })
})
