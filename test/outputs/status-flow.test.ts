import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeviceStatus } from '../../src/device/index.js'
import {
  flowOf,
  nextStatusFlow,
  defaultStatusFlowPolicy as policy,
} from '../../src/outputs/index.js'
import { SaidStatuses } from '../../src/outputs/said-statuses.js'
import { recovering } from './examples.js'

const changed = (change: Partial<DeviceStatus>): DeviceStatus => ({ ...recovering, ...change })

/** Whether a status published at 0 is published again at `now`. */
function goesOut(status: DeviceStatus, now: number): boolean {
  const flow = flowOf(recovering, 0)
  return nextStatusFlow(flow, status, now, policy) !== flow
}

describe('a status goes out', () => {
  it('at once when nothing was published on this connection', () => {
    expect(nextStatusFlow(undefined, recovering, 7, policy)).toEqual(flowOf(recovering, 7, true))
  })

  it.each<[string, Partial<DeviceStatus>, number]>([
    ['the health changed', { health: 'unhealthy' }, 1_000],
    ['the circuit changed', { circuit: 'open' }, 1_000],
    ['the synchronisation changed', { sync: 'exact' }, 1_000],
    ['the device went silent', { online: false }, 1_000],
    ['the time of the change moved', { since: 0 }, 1_000],
    ['it left its peers', { leftPeers: ['temperature'] }, 1_000],
    ['the cause changed', { cause: null }, 1_000],
    ['the message changed', { message: '4 frames lost' }, 1_000],
    ['only the last time it was heard moved', { lastSeen: 0 }, 4_000],
    ['only a frame was counted', { frames: { ...recovering.frames, skipped: 21 } }, 4_000],
    ['only a reading was counted', { readings: { ...recovering.readings, bad: 1 } }, 4_000],
    ['only a resync was counted', { resync: { requested: 3, completed: 1 } }, 4_000],
    ['only bytes were counted', { bytes: { in: 8127 } }, 4_000],
    ['nothing changed', {}, 60_000],
    ['only the learned ttl moved', { ttlMs: 181_234 }, 60_000],
  ])('when %s, but not too early', (_what, change, earliest) => {
    expect(goesOut(changed(change), earliest - 1)).toBe(false)
    expect(goesOut(changed(change), earliest)).toBe(true)
  })

  it.each(['frames', 'readings', 'resync', 'bytes'] as const)(
    'when any counter of %s moved',
    (group) => {
      for (const [counter, count] of Object.entries(recovering[group])) {
        const moved = changed({ [group]: { ...recovering[group], [counter]: count + 1 } })
        expect([counter, goesOut(moved, 4_000)]).toEqual([counter, true])
      }
    },
  )

  it('unchanged before its ttl is over, whatever the interval', () => {
    const lazy = { ...policy, refreshMs: 86_400_000 }
    const flow = flowOf(recovering, 0)
    expect(nextStatusFlow(flow, recovering, 134_999, lazy)).toBe(flow)
    expect(nextStatusFlow(flow, recovering, 135_000, lazy)).not.toBe(flow)
  })
})

describe('a status of which nothing changes', () => {
  /** When it goes out, looked at every second, after a birth at `born`. */
  function repetitions(share: number | undefined, born: number, forMs: number): number[] {
    const times: number[] = []
    let flow = flowOf(recovering, born, true)
    for (let now = born; now <= born + forMs; now += 1_000) {
      const next = nextStatusFlow(flow, recovering, now, policy, share)
      if (next !== flow) times.push(now)
      flow = next
    }
    return times
  }

  it('is repeated each minute at the device’s own moment, whenever the birth was', () => {
    expect(repetitions(0.25, 600_000, 200_000)).toEqual([615_000, 675_000, 735_000, 795_000])
    expect(repetitions(0.25, 620_000, 130_000)).toEqual([675_000, 735_000])
    expect(repetitions(0.25, 614_500, 70_000)).toEqual([615_500, 675_500])
  })

  it('of a thousand devices that are born together is never repeated by more than a few in a second', () => {
    const said = new SaidStatuses<{ readonly seat: number }>()
    const inSecond = new Map<number, number>()
    for (let seat = 0; seat < 1000; seat++)
      for (const time of repetitions(said.place({ seat }).share, 1_234_000, 180_000))
        inSecond.set(time, (inSecond.get(time) ?? 0) + 1)
    expect(Math.max(...inSecond.values())).toBeLessThanOrEqual(34)
    expect([...inSecond.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(3000)
  })

  it('is repeated a minute after the last change, and from then on at the device’s own moment', () => {
    const flow = flowOf(recovering, 610_000)
    const repeated = nextStatusFlow(flow, recovering, 670_000, policy, 0.25)
    expect(nextStatusFlow(flow, recovering, 669_999, policy, 0.25)).toBe(flow)
    expect(repeated).toEqual(flowOf(recovering, 670_000, true))
    expect(nextStatusFlow(repeated, recovering, 674_999, policy, 0.25)).toBe(repeated)
    expect(nextStatusFlow(repeated, recovering, 675_000, policy, 0.25)).not.toBe(repeated)
  })
})

it('any history of statuses goes out at most once a second, and its last state within one', () => {
  const step = fc.record({
    elapsedMs: fc.integer({ min: 0, max: 700 }),
    health: fc.constantFrom('healthy' as const, 'degraded' as const, 'unhealthy' as const),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      let now = 0
      let flow = nextStatusFlow(undefined, recovering, now, policy)
      let last: DeviceStatus = recovering
      const look = () => {
        const before = flow
        flow = nextStatusFlow(flow, last, now, policy)
        if (flow !== before) expect(flow.at - before.at).toBeGreaterThanOrEqual(1_000)
      }
      for (const { elapsedMs, health } of steps) {
        now += elapsedMs
        last = changed({ health })
        look()
      }
      now += 1_000
      look()
      expect(flow.health).toBe(last.health)
    }),
  )
})
