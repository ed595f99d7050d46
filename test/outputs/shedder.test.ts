import { describe, expect, it } from 'vitest'
import { Shedder } from '../../src/outputs/index.js'

describe('the shedder', () => {
  it('leaves nothing undone and counts nothing while all is normal', () => {
    const shedder = new Shedder()
    expect(shedder.sheds('per-channel-topics')).toBe(false)
    expect([...shedder.counts]).toEqual([])
  })

  it('counts by name what it sheds', () => {
    const shedder = new Shedder()
    shedder.level = 'light'
    expect(shedder.sheds('per-channel-topics')).toBe(true)
    expect(shedder.sheds('per-channel-topics')).toBe(true)
    expect(shedder.sheds('debug-events')).toBe(true)
    expect(shedder.sheds('gap-events')).toBe(false)
    expect([...shedder.counts]).toEqual([
      ['per-channel-topics', 2],
      ['debug-events', 1],
    ])
  })

  it('keeps one in ten of what is thinned, and all of P1', () => {
    const shedder = new Shedder()
    shedder.level = 'emergency'
    const kept = (feature: 'p1-readings' | 'p3-readings') =>
      Array.from({ length: 30 }, (_, nth) => nth).filter((nth) => !shedder.sheds(feature, nth))
    expect(kept('p3-readings')).toEqual([0, 10, 20])
    expect(kept('p1-readings')).toHaveLength(30)
    expect(shedder.counts.get('p3-readings')).toBe(27)
  })
})
