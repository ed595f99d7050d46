import { describe, expect, it } from 'vitest'
import { ConnectionCaps, isLoopback } from '../../src/resilience/connection-caps.js'

const limits = { total: 5, perAddress: 2, rate: { perSecond: 10, burst: 100 } }

describe('the cap on connections', () => {
  it('holds for all together, and a closed one makes room', () => {
    const caps = new ConnectionCaps(limits)
    for (let n = 0; n < 5; n++) expect(caps.admit(`10.0.0.${n}`, 0)).toBeUndefined()
    expect(caps.admit('10.0.0.9', 0)).toBe('too-many-connections')
    caps.release('10.0.0.3')
    expect(caps.admit('10.0.0.9', 0)).toBeUndefined()
  })

  it('holds for one address, and not for the programs of this machine', () => {
    const caps = new ConnectionCaps(limits)
    expect([0, 0, 0].map((now) => caps.admit('10.0.0.1', now))).toEqual([
      undefined,
      undefined,
      'too-many-from-address',
    ])
    expect([0, 0, 0].map((now) => caps.admit('127.0.0.1', now))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('F-40: is 200 in all and 20 of one address by default', () => {
    const caps = new ConnectionCaps()
    const faultsOf = (address: (n: number) => string, count: number, from: number) =>
      Array.from({ length: count }, (_, n) => caps.admit(address(n), from + 1000 * n))
    const own = faultsOf(() => '10.0.0.1', 21, 0)
    expect(own.slice(0, 20)).toEqual(new Array(20).fill(undefined))
    expect(own[20]).toBe('too-many-from-address')
    const others = faultsOf((n) => `10.0.1.${n}`, 181, 100_000)
    expect(others.slice(0, 180)).toEqual(new Array(180).fill(undefined))
    expect(others[180]).toBe('too-many-connections')
  })

  it('holds for new connections per second, also where they are closed at once', () => {
    const caps = new ConnectionCaps({ ...limits, rate: { perSecond: 10, burst: 3 } })
    const knock = (now: number) => {
      const fault = caps.admit('127.0.0.1', now)
      if (!fault) caps.release('127.0.0.1')
      return fault
    }
    expect([0, 0, 0, 0].map(knock)).toEqual([undefined, undefined, undefined, 'too-fast'])
    expect([100, 100].map(knock)).toEqual([undefined, 'too-fast'])
    expect([1000, 1000, 1000, 1000].map(knock)).toEqual([
      undefined,
      undefined,
      undefined,
      'too-fast',
    ])
  })

  it('holds for new connections within a moment, where they can wait', () => {
    const caps = new ConnectionCaps({ ...limits, total: 50, pace: { perSecond: 100, burst: 2 } })
    const knock = (now: number) => caps.admit('127.0.0.1', now)
    expect([0, 0, 0].map(knock)).toEqual([undefined, undefined, 'too-fast'])
    expect([10, 10].map(knock)).toEqual([undefined, 'too-fast'])
    // Who had to wait for that has not used up what the others may.
    expect([20, 30, 1000, 1000, 1000].map(knock)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      'too-fast',
    ])
  })
})

describe('a loopback address', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.4', false],
    ['127.0.0.1.example.org', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected)
  })
})
