import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultResyncPolicy, ResyncBudget, type ResyncPolicy } from '../../src/device/index.js'
import { testSeed } from '../support/mulberry.js'

const unlimited: ResyncPolicy = { minIntervalMs: { line: 0, mqtt: 0 }, bridgePerSecond: 5 }
const START = 1_000_000
/** Long enough to be still wanted. */
const LONG = 1e12

function rig(policy: Partial<ResyncPolicy> = {}) {
  const budget = new ResyncBudget({ ...unlimited, ...policy })
  const wish = (device: string, gain: number, now = START, until = LONG) =>
    budget.wish({ device, door: 'line', gain, until }, now)
  const drawAll = (now: number): string[] => {
    const drawn: string[] = []
    for (let device = budget.draw(now); device !== undefined; device = budget.draw(now))
      drawn.push(device)
    return drawn
  }
  /** Nothing is left of the bridge's budget. */
  const exhaust = (now = START) => {
    for (let n = 0; n < 5; n++) wish(`other-${n}`, 1, now)
    expect(drawAll(now)).toHaveLength(5)
  }
  return { budget, wish, drawAll, exhaust }
}

describe('the budget of keyframe requests', () => {
  it('lets a request leave at once while there is enough for all', () => {
    const { wish, drawAll } = rig()
    wish('a', 0.001)
    expect(drawAll(START)).toEqual(['a'])
  })

  it('lets those go first that bring most, where it is short, and one in four that has waited longest', () => {
    const { budget, wish, drawAll, exhaust } = rig()
    exhaust()
    for (const [n, gain] of [1 / 3600, 0.1, 4, 2, 0.2, 0.3, 0.4].entries())
      wish(`gains ${gain}`, gain, START + n)
    expect([budget.draw(START + 9), budget.waiting]).toEqual([undefined, 7])
    const drawn = Array.from({ length: 7 }, (_, n) => drawAll(START + (n + 1) * 200)).flat()
    expect(drawn).toEqual([
      'gains 4',
      'gains 2',
      'gains 0.4',
      `gains ${1 / 3600}`,
      'gains 0.3',
      'gains 0.2',
      'gains 0.1',
    ])
  })

  it('forgets who needs it no more, and who was not heard for too long', () => {
    const { budget, wish, drawAll, exhaust } = rig()
    exhaust()
    wish('good-again', 9)
    wish('gone', 8, START, START + 100)
    wish('left', 1)
    budget.withdraw('good-again')
    expect(drawAll(START + 200)).toEqual(['left'])
    expect(budget.waiting).toBe(0)
  })

  it('refuses and counts what the budget of the device does not allow', () => {
    const { budget, wish, drawAll } = rig({
      minIntervalMs: { line: 1000, mqtt: 60_000 },
      perDay: 2,
    })
    wish('a', 1)
    expect(drawAll(START)).toEqual(['a'])
    wish('a', 1, START + 999)
    expect([drawAll(START + 999), budget.refused]).toEqual([[], 1])
    wish('a', 1, START + 1000)
    expect(drawAll(START + 1000)).toEqual(['a'])
    wish('a', 1, START + 5000)
    expect([drawAll(START + 5000), budget.refused]).toEqual([[], 2])
    wish('a', 1, START + 86_400_000)
    expect(drawAll(START + 86_400_000)).toEqual(['a'])
    budget.wish({ device: 'b', door: 'mqtt', gain: 1, until: LONG }, START + 86_401_000)
    expect(drawAll(START + 86_401_000)).toEqual(['b'])
    budget.wish({ device: 'b', door: 'mqtt', gain: 1, until: LONG }, START + 86_411_000)
    expect(budget.refused).toBe(3)
  })

  it('takes a request back that found no open door', () => {
    const { budget, wish, drawAll } = rig({ minIntervalMs: { line: 1000, mqtt: 0 }, perDay: 1 })
    wish('a', 1)
    expect(drawAll(START)).toEqual(['a'])
    budget.giveBack('a')
    wish('a', 1, START + 1)
    expect(drawAll(START + 1)).toEqual(['a'])
  })

  it('never lets more leave than it may, and lets nobody wait for ever', () => {
    const devices = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), {
      minLength: 2,
      maxLength: 30,
    })
    fc.assert(
      fc.property(devices, fc.integer({ min: 1, max: 10 }), (gains, bridgePerSecond) => {
        const { wish, drawAll } = rig({ bridgePerSecond })
        const served = new Set<string>()
        let drawn = 0
        // All of them want one all the time.
        const patienceMs = ((4 * gains.length) / bridgePerSecond) * 1000 + 1000
        for (let elapsedMs = 0; elapsedMs <= patienceMs; elapsedMs += 100) {
          for (const [n, gain] of gains.entries()) wish(`d${n}`, gain, START + elapsedMs)
          for (const device of drawAll(START + elapsedMs)) {
            drawn++
            served.add(device)
          }
          expect(drawn).toBeLessThanOrEqual(bridgePerSecond * (1 + elapsedMs / 1000))
        }
        expect(served.size).toBe(gains.length)
      }),
      { numRuns: 60, seed: testSeed },
    )
  })

  it('brings more good readings to a fleet that comes back as one than the order of arrival would', () => {
    // Closed loop: one keyframe is enough. Half of the fleet sends every 5 s, half every 10 min.
    const run = (gainOf: (intervalMs: number) => number) => {
      const budget = new ResyncBudget({
        ...defaultResyncPolicy,
        minIntervalMs: { line: 0, mqtt: 0 },
      })
      const fleet = Array.from({ length: 400 }, (_, n) => ({
        id: `d${n}`,
        intervalMs: n % 2 === 0 ? 600_000 : 5000,
        good: false,
      }))
      const byId = new Map(fleet.map((device) => [device.id, device]))
      let good = 0
      for (let now = 0; now < 600_000; now += 1000) {
        for (const [n, { id, intervalMs, good: isGood }] of fleet.entries()) {
          // The slow ones have all come first.
          const phase = n % 2 === 0 ? 0 : 1000 + (n % 5) * 1000
          if ((now - phase) % intervalMs !== 0 || now < phase) continue
          if (isGood) good++
          else budget.wish({ device: id, door: 'line', gain: gainOf(intervalMs), until: LONG }, now)
        }
        for (let id = budget.draw(now); id !== undefined; id = budget.draw(now))
          byId.get(id)!.good = true
      }
      return good
    }
    const byGain = run((intervalMs) => 1000 / intervalMs)
    const byArrival = run(() => 1)
    expect(byGain / byArrival).toBeGreaterThan(1.05)
  })
})
