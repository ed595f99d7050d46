import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultReconnectPolicy, reconnectDelay } from '../../src/transport/reconnect-delay.js'

const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

describe('the wait before a reconnect', () => {
  it('F-24: is under a second after a loss', () => {
    fc.assert(
      fc.property(chance, (random) => {
        const delay = reconnectDelay(0, random)
        expect(delay).toBeGreaterThanOrEqual(100)
        expect(delay).toBeLessThan(1000)
      }),
    )
  })

  it('F-24: lies between 1 and 30 seconds from then on, and at most three times the one before', () => {
    fc.assert(
      fc.property(fc.array(chance, { minLength: 2, maxLength: 30 }), (draws) => {
        let previous = reconnectDelay(0, draws[0] ?? 0)
        for (const random of draws.slice(1)) {
          const delay = reconnectDelay(previous, random)
          expect(delay).toBeGreaterThanOrEqual(1000)
          expect(delay).toBeLessThanOrEqual(Math.min(30_000, Math.max(1000, previous * 3)))
          previous = delay
        }
      }),
    )
  })

  it('F-24: reaches its longest value when chance is against us, and goes down again when it is not', () => {
    let delay = 0
    for (let attempt = 0; attempt < 6; attempt++) delay = reconnectDelay(delay, 0.999)
    expect(delay).toBe(defaultReconnectPolicy.maxMs)
    expect(reconnectDelay(delay, 0)).toBe(1000)
  })
})
