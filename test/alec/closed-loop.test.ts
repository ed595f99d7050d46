import { describe, expect, it } from 'vitest'
import { CompactEncoder, ReferenceDecoder } from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex } from '../support/vectors.js'
import { naiveParse } from './naive-codec.js'
import { firstFailure, sameNumbers } from './random.js'

/** What a receiver of a closed-loop device has to do, in so many lists. */
class NaiveReceiver {
  readonly channels: number
  readonly scale: number
  #observed: number[][] = []

  constructor(channels: number, scale: number) {
    this.channels = channels
    this.scale = scale
  }

  /** The values; NaN where the device sent no number or the receiver cannot know. */
  decode(frame: Uint8Array): number[] {
    if (frame[0] === 0xa2) this.#observed = []
    const shape = { family: 'compact', channels: this.channels } as const
    return naiveParse(frame, shape)!.map(({ encoding, number }, i) => {
      const before = this.#observed[i] ?? []
      const last = before.at(-1) ?? Number.NaN
      const ema = before.length > 0 ? before.reduce((e, v) => 0.3 * v + 0.7 * e) : Number.NaN
      const prediction = before.length < 3 ? last : ema
      const value =
        encoding === 0x01 ? number : encoding === 0x30 ? last : prediction + number / this.scale
      if (Number.isFinite(value)) this.#observed[i] = [...before, value]
      return value
    })
  }
}

describe('a closed-loop device', () => {
  it(`and its receiver agree to the bit, within half a unit of a delta: seed ${testSeed}`, () => {
    let encoder = new CompactEncoder({ channels: 1 })
    let receiver = new NaiveReceiver(1, 100)
    let values: number[] = []
    const failure = firstFailure(100_000, (random, index) => {
      if (index % 100 === 0) {
        const channels = 1 + random.below(5)
        const scale = random.pick([1, 10, 100, 1000])
        const keyframeInterval = random.pick([0, 1, 5, 30])
        encoder = new CompactEncoder({ channels, scale, keyframeInterval, profile: 'closed-loop' })
        receiver = new NaiveReceiver(channels, scale)
        values = Array.from({ length: channels }, () => random.pick([0, 0.001, 20]))
      } else {
        values = values.map((value) => random.step(value))
      }
      const frame = encoder.encode(values)
      const decoded = receiver.decode(frame)
      const half = 0.5 / receiver.scale
      for (const [i, value] of values.entries()) {
        const single = Math.fround(value)
        const slack = 1e-9 * (Math.abs(value) + Math.abs(decoded[i]!))
        if (Number.isFinite(single)) {
          const error = Math.abs(decoded[i]! - value)
          const allowed = Math.max(half, Math.abs(single - value)) + slack
          if (!(error <= allowed)) return `${value} was decoded as ${decoded[i]} (${toHex(frame)})`
          if (encoder.context.last(i + 1) !== decoded[i])
            return `last ${encoder.context.last(i + 1)}`
        } else if (Number.isFinite(decoded[i])) return `${value} was decoded as ${decoded[i]}`
      }
      return undefined
    })
    expect(failure).toBeUndefined()
  })

  it('is read without drift by a reference decoder up to its first keyframe', () => {
    const encoder = new CompactEncoder({ channels: 2, keyframeInterval: 0, profile: 'closed-loop' })
    const decoder = new ReferenceDecoder({ shape: { family: 'compact', channels: 2 } })
    const failure = firstFailure(2000, (random, index) => {
      const values = [20 + Math.sin(index / 50), 1000 + random.unit()]
      const result = decoder.decode(encoder.encode(values))
      if (!result.ok) return result.fault.message
      const keys = [1, 2]
      const same =
        sameNumbers(
          keys.map((key) => encoder.context.ema(key)),
          keys.map((key) => decoder.context.ema(key)),
        ) && result.value.every(({ value }, i) => Math.abs(value - values[i]!) <= 0.005 + 1e-9)
      return same ? undefined : `${values} became ${result.value.map(({ value }) => value)}`
    })
    expect(failure).toBeUndefined()
  })

  it('repeats whatever is nearer to the last reconstruction than half a unit', () => {
    const encoder = new CompactEncoder({ channels: 1, profile: 'closed-loop' })
    encoder.encode([20])
    expect(toHex(encoder.encode([20.004]))).toBe('a10001000100')
    expect(encoder.context.last(1)).toBe(20)
    expect(toHex(encoder.encode([20.006]))).toBe('a1000200020101')
    expect(encoder.context.last(1)).toBe(20.01)
  })

  it('sends a first value of 0 whole', () => {
    const encoder = new CompactEncoder({ channels: 1, profile: 'closed-loop' })
    expect(toHex(encoder.encode([0]))).toBe('a1000000000300000000')
  })

  it('restarts its counts at a keyframe, and not the total behind its version', () => {
    const encoder = new CompactEncoder({ channels: 1, profile: 'closed-loop' })
    for (let i = 0; i < 99; i++) {
      if (i === 10) encoder.handleDownlink(fromHex('ff'))
      encoder.encode([20 + i])
    }
    // Keyframes were frames 10 and 60.
    expect(encoder.context.count(1)).toBe(39)
    expect(encoder.context.version).toBe(99)
    encoder.encode([20])
    expect(encoder.context.version).toBe(101)
  })

  it('keeps NaN and ±∞, and what only an f32 makes infinite, out of its prediction', () => {
    const encoder = new CompactEncoder({ channels: 1, profile: 'closed-loop' })
    encoder.encode([20])
    for (const value of [Number.NaN, Infinity, -Infinity, 1e300]) encoder.encode([value])
    expect([encoder.context.count(1), encoder.context.last(1)]).toEqual([1, 20])
    expect(encoder.context.version).toBe(5)
    expect(toHex(encoder.encode([20]))).toBe('a10005000500')
  })
})
