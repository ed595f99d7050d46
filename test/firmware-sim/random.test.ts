import { describe, expect, it } from 'vitest'
import { Random } from '../../firmware-sim/index.js'

const seed = 20_261_124
const draws = 200_000

const take = (random: Random, count: number): number[] =>
  Array.from({ length: count }, () => random.uint32())

function meanOf(draw: () => number): number {
  let sum = 0
  for (let i = 0; i < draws; i++) sum += draw()
  return sum / draws
}

describe('Random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(take(new Random(seed), 100)).toEqual(take(new Random(seed), 100))
    expect(take(new Random('winter'), 100)).toEqual(take(new Random('winter'), 100))
    expect(take(new Random(seed), 4)).not.toEqual(take(new Random(seed + 1), 4))
    expect(take(new Random('winter'), 4)).not.toEqual(take(new Random('summer'), 4))
  })

  it('keeps its numbers from version to version', () => {
    expect(take(new Random(1), 4)).toEqual([792_534_090, 3_215_351_813, 160_231_488, 1_151_041_103])
    expect(take(new Random(1).fork('shed-1').fork('phase'), 2)).toEqual([
      1_710_588_542, 2_737_575_068,
    ])
  })

  it('forks by name alone, whatever was drawn or forked before', () => {
    const busy = new Random(seed)
    take(busy, 1000)
    busy.fork('shed-2').next()
    expect(take(busy.fork('shed-1'), 50)).toEqual(take(new Random(seed).fork('shed-1'), 50))
    expect(take(busy.fork('shed-1'), 4)).not.toEqual(take(busy.fork('shed-2'), 4))
    expect(take(busy.fork('a').fork('b'), 4)).not.toEqual(take(busy.fork('b').fork('a'), 4))
  })

  it('gives ten thousand devices ten thousand streams', () => {
    const random = new Random(seed)
    const firsts = new Set(
      Array.from({ length: 10_000 }, (_, n) => random.fork(`shed-${n}`).uint32()),
    )
    // Two of them may collide by chance: 10⁸ / 2 pairs in 2³².
    expect(firsts.size).toBeGreaterThan(9_997)
  })

  it('is uniform in every bit', () => {
    const random = new Random(seed)
    const ones = new Array<number>(32).fill(0)
    for (let i = 0; i < draws; i++) {
      const bits = random.uint32()
      for (let bit = 0; bit < 32; bit++) ones[bit] = ones[bit]! + ((bits >>> bit) & 1)
    }
    // Five deviations of a fair coin.
    for (const count of ones)
      expect(Math.abs(count - draws / 2)).toBeLessThan(2.5 * Math.sqrt(draws))
  })

  it('draws with the means that are asked for', () => {
    const random = new Random(seed)
    expect(meanOf(() => random.next())).toBeCloseTo(0.5, 2)
    expect(meanOf(() => random.between(-3, 5))).toBeCloseTo(1, 1)
    expect(meanOf(() => random.below(7))).toBeCloseTo(3, 1)
    expect(meanOf(() => random.normal())).toBeCloseTo(0, 1)
    expect(meanOf(() => random.normal() ** 2)).toBeCloseTo(1, 1)
    expect(meanOf(() => random.exponential(20)) / 20).toBeCloseTo(1, 1)
    expect(meanOf(() => random.failuresBefore(0.02)) / 49).toBeCloseTo(1, 1)
    expect(meanOf(() => random.runLength(8)) / 8).toBeCloseTo(1, 1)
    expect(meanOf(() => Number(random.chance(0.03))) / 0.03).toBeCloseTo(1, 1)
  })

  it('knows never and always', () => {
    const random = new Random(seed)
    expect(random.failuresBefore(0)).toBe(Number.POSITIVE_INFINITY)
    expect(random.failuresBefore(1)).toBe(0)
    expect(random.chance(0)).toBe(false)
    expect(random.chance(1)).toBe(true)
    expect(random.runLength(1)).toBe(1)
  })
})
