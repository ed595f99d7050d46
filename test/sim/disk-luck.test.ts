import { describe, expect, it } from 'vitest'
import { Random } from '../../firmware-sim/index.js'
import { testSeed } from '../support/mulberry.js'
import { DiskLuck } from './disk-luck.js'
import type { FaultKind } from './fault-kinds.js'
import { planOf } from './plan.js'

const STEPS = 200
const hard: readonly (readonly [FaultKind, number])[] = [
  ['slow-disk', 1],
  ['disk-errors', 1],
]

const luckOf = (strengths = hard) =>
  new DiskLuck(
    { ...planOf(testSeed), strengths: new Map(strengths) },
    new Random(testSeed),
    () => false,
  )

/** What happens to so many syncs of a file, while `besides` goes on. */
const syncsOf = (path: string, luck: DiskLuck, besides: (luck: DiskLuck) => void = () => {}) =>
  Array.from({ length: STEPS }, () => {
    besides(luck)
    return [luck.latencyMs('sync', path), luck.fails('sync', path)] as const
  })

describe('the luck of a simulated disk', () => {
  it('with a file is not moved by steps on another, nor by other steps on the same', () => {
    const alone = syncsOf('a', luckOf())
    for (const [step, path] of [
      ['sync', 'b'],
      ['fill', 'a'],
    ] as const) {
      const beside = syncsOf('a', luckOf(), (luck) => {
        luck.latencyMs(step, path)
        luck.fails(step, path)
      })
      expect(beside).toEqual(alone)
    }
  })

  it('fails a tenth of the steps at most, and is another one with every file', () => {
    const luck = luckOf()
    const [a, b] = [syncsOf('a', luck), syncsOf('b', luck)]
    expect(a).not.toEqual(b)
    const failed = [...a, ...b].filter(([, fails]) => fails).length
    expect(failed).toBeGreaterThan(0)
    expect(failed).toBeLessThan(0.2 * 2 * STEPS)
  })

  it('is good where nothing is to go wrong', () => {
    expect(syncsOf('a', luckOf([])).some(([, fails]) => fails)).toBe(false)
  })
})
