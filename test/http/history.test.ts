import { describe, expect, it } from 'vitest'
import type { ChannelReading, Quality, ReadingsVerdict } from '../../src/device/index.js'
import { History, pointsIn } from '../../src/http/feed/history.js'
import { Ring } from '../../src/http/feed/ring.js'
import { readingsVerdict } from './watched.js'

const reading = (name: string, value: number, bound = 0, quality: Quality = 'good') =>
  ({ name, value, bound, quality }) satisfies ChannelReading

const verdict = (seq: number, ...channels: ChannelReading[]): ReadingsVerdict =>
  readingsVerdict('d', { seq, wall: 1000 + seq, channels })

describe('a ring', () => {
  it('keeps the latest, and says what came since a number', () => {
    const ring = new Ring<number>(3)
    expect(ring.since(0)).toEqual([])
    for (let n = 0; n < 5; n++) ring.push(n)
    expect(ring.total).toBe(5)
    expect(ring.since(0)).toEqual([2, 3, 4])
    expect(ring.since(4)).toEqual([4])
    expect(ring.since(5)).toEqual([])
  })
})

describe('a history', () => {
  it('keeps values, bounds and qualities by channel, and tells what a frame did not carry', () => {
    const history = new History(['a', 'b'], 100)
    history.push(verdict(0, reading('a', 1.5), reading('b', 2, 0.5, 'uncertain')))
    history.push(verdict(1, reading('b', Number.NaN, Number.POSITIVE_INFINITY, 'bad')))
    expect(history.since(0)).toEqual({
      at: [1000, 1001],
      epoch: [1, 1],
      seq: [0, 1],
      channels: [
        { values: [1.5, null], bounds: [0, null], qualities: 'g-' },
        { values: [2, null], bounds: [0.5, null], qualities: 'ub' },
      ],
    })
  })

  it.each([1, 5, 16, 17, 40])('with room for %i keeps the latest in their order', (capacity) => {
    const history = new History(['a'], capacity)
    for (let seq = 0; seq < 100; seq++) {
      history.push(verdict(seq, reading('a', seq)))
      const first = Math.max(0, seq + 1 - capacity)
      const expected = Array.from({ length: seq + 1 - first }, (_, i) => first + i)
      expect(history.since(0).channels[0]?.values).toEqual(expected)
      expect(history.since(seq).seq).toEqual([seq])
      expect(history.since(seq + 1).seq).toEqual([])
    }
    expect(history.total).toBe(100)
  })

  it('keeps the quality of each of many channels', () => {
    const names = Array.from({ length: 60 }, (_, n) => `c${n}`)
    const history = new History(names, 10)
    const quality = (n: number) => (['good', 'uncertain', 'bad'] as const)[n % 3] ?? 'good'
    const some = names.filter((_, n) => n % 7 !== 0)
    history.push(
      verdict(0, ...some.map((name) => reading(name, 1, 0, quality(Number(name.slice(1)))))),
    )
    const { channels } = history.since(0)
    const expected = names.map((_, n) => (n % 7 === 0 ? '-' : quality(n)[0]))
    expect(channels.map(({ qualities }) => qualities)).toEqual(expected)
  })

  it('takes no more bytes than it is given', () => {
    expect(pointsIn(80_000, 3)).toBe(1000)
  })
})
