import { describe, expect, it } from 'vitest'
import { measureReplugs } from '../../bench/replug/measure.js'
import { Random } from '../../firmware-sim/index.js'
import { testSeed } from '../support/mulberry.js'

describe('a port that is plugged in again', () => {
  it('F-07: is noticed within 1 s and gives data within 2 s of its return, after any time away', async () => {
    const { noticed, returned, codes } = await measureReplugs(3, 500, new Random(testSeed))
    expect(returned).toHaveLength(3)
    expect(Math.max(...noticed), `seed ${testSeed}`).toBeLessThan(1000)
    expect(Math.max(...returned), `seed ${testSeed}`).toBeLessThan(2000)
    expect([...codes]).toEqual(['disconnected'])
  })
})
