import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEGRADATION_LEVELS,
  type Degradation,
  type DegradationLevel,
  nextDegradation,
  normalDegradation,
  type Pressure,
  defaultDegradationPolicy as policy,
} from '../../src/resilience/index.js'

const calm: Pressure = { queueDepth: 0, eventLoopLag: 0, memory: 0, journal: 0 }
const at = (ratio: number): Pressure => ({ ...calm, memory: ratio })
const STEP_MS = 5_000

/** One evaluation every five seconds. */
function play(ratios: readonly number[], start: Degradation = normalDegradation(0)): Degradation {
  let degradation = start
  ratios.forEach((ratio, index) => {
    const now = start.since + (index + 1) * STEP_MS
    degradation = nextDegradation(degradation, at(ratio), now, policy)
  })
  return degradation
}

describe('F-53: degradation', () => {
  it.each<[string, number[], DegradationLevel]>([
    ['stays normal below 80 %', [0.79, 0.79], 'normal'],
    ['is light from 80 %', [0.8], 'light'],
    ['goes up one step at a time however bad it is', [5, 5], 'moderate'],
    ['reaches emergency after four evaluations', [1, 1, 1, 1], 'emergency'],
    ['ends at emergency', [1, 1, 1, 1, 1, 1], 'emergency'],
    ['goes no further than the pressure asks', [0.86, 0.86, 0.86, 0.86], 'moderate'],
    [
      'stays while the pressure is only a little lower',
      [0.8, 0.71, 0.71, 0.71, 0.71, 0.71],
      'light',
    ],
    ['stays when the relief is short', [0.8, 0.1, 0.1, 0.75, 0.1, 0.1, 0.1], 'light'],
    ['goes down after 15 s of relief', [0.8, 0.1, 0.1, 0.1, 0.1], 'normal'],
    ['goes down one step at a time', [1, 1, 0, 0, 0, 0], 'light'],
    ['then needs another 15 s', [1, 1, 0, 0, 0, 0, 0, 0, 0, 0], 'normal'],
    ['goes up again while easing', [0.8, 0.1, 0.9], 'moderate'],
  ])('%s', (_what, ratios, level) => {
    expect(play(ratios).level).toBe(level)
  })

  it.each(['queueDepth', 'eventLoopLag', 'memory', 'journal'] as const)(
    'is driven by %s',
    (what) => {
      const pressure = { ...calm, [what]: 0.8 }
      expect(nextDegradation(normalDegradation(0), pressure, 1, policy).level).toBe('light')
    },
  )

  it('takes what is not known for no pressure', () => {
    const unknown: Pressure = {
      queueDepth: 0.8,
      eventLoopLag: Number.NaN,
      memory: Number.NaN,
      journal: Number.NaN,
    }
    expect(nextDegradation(normalDegradation(0), unknown, 1, policy).level).toBe('light')
    expect(nextDegradation(normalDegradation(0), at(Number.NaN), 1, policy).level).toBe('normal')
  })

  it('is the same object while nothing changes', () => {
    const normal = normalDegradation(0)
    expect(nextDegradation(normal, calm, 1, policy)).toBe(normal)
    const light = play([0.8])
    expect(nextDegradation(light, at(0.75), 9_000, policy)).toBe(light)
    const easing = nextDegradation(light, calm, 9_000, policy)
    expect(nextDegradation(easing, calm, 9_001, policy)).toBe(easing)
  })

  it('never moves more than one step, and never down before the time is up', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1.2, noNaN: true }), { maxLength: 100 }),
        (ratios) => {
          let degradation: Degradation = normalDegradation(0)
          ratios.forEach((ratio, index) => {
            const now = (index + 1) * STEP_MS
            const next = nextDegradation(degradation, at(ratio), now, policy)
            const moved =
              DEGRADATION_LEVELS.indexOf(next.level) - DEGRADATION_LEVELS.indexOf(degradation.level)
            expect(Math.abs(moved)).toBeLessThanOrEqual(1)
            if (moved < 0) expect(now - degradation.since).toBeGreaterThanOrEqual(policy.calmMs)
            degradation = next
          })
        },
      ),
    )
  })
})
