import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  type DeviceEvent,
  DeviceSession,
  type ModelSpec,
  type ReadingsVerdict,
  type Verdict,
} from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { lies } from '../support/lies.js'
import { runLossy } from '../support/lossy-scenario.js'
import { INTERVAL, MeasuredDevice, type Sending } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'

const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
const sessionOf = (model: ModelSpec) =>
  new DeviceSession('d1', compileProfile(model), policy, { mono: 0, wall: 0 })
const kinds: readonly Sending[] = ['compact', 'closed-loop', 'several-singles', 'adaptive']

/** What a verdict says of values and keys. */
const wordsOf = (verdict: Verdict): unknown => {
  if (verdict.kind !== 'readings') return verdict.kind
  const { epoch, seq, quality, channels } = verdict
  return { epoch, seq, quality, channels, types: verdict.events.map(({ type }) => type) }
}

describe('lost frames', () => {
  it.each([0.01, 0.1, 0.3, 0.5])(
    'F-11: make no reading wrong at a loss of %f, nor any bound',
    (loss) => {
      for (let n = 0; n < 6; n++) {
        const tally = runLossy({
          seed: testSeed + n,
          frames: 1500,
          profile: n % 2 === 0 ? 'alec-1.3' : 'closed-loop',
          loss,
          duplicates: 0,
          swaps: 0,
          reboots: 0,
          notFinite: 0,
          startMidStream: false,
          downlinks: n % 3 === 0,
          maxStep: true,
        })
        expect([tally.wrong, tally.broken, tally.firstWrong]).toEqual([0, 0, ''])
        expect(tally.events.get('gap')).toBeGreaterThan(1)
      }
    },
  )

  it.each(kinds)(
    'F-11: are told with their numbers, all of them (%s), and are never read as good',
    (kind) => {
      const device = new MeasuredDevice(kind, 2, 5)
      const session = sessionOf(device.model)
      const random = mulberry(testSeed)
      const lost: number[] = []
      const told: number[] = []
      for (let n = 0; n < 400; n++) {
        const frame = device.next()
        // Behind the first frames, where a loss may hide a restart.
        if (n > 10 && n < 399 && random() < 0.2) {
          lost.push(n)
          continue
        }
        const verdict = session.accept(frameOf(frame.bytes, n * INTERVAL))
        expect(lies(verdict, frame, `frame ${n}`)).toEqual([])
        for (const event of verdict.events) {
          if (event.type !== 'gap') continue
          expect(event.count).toBe(event.toSeq - event.fromSeq + 1)
          for (let seq = event.fromSeq; seq <= event.toSeq; seq++) told.push(seq)
        }
      }
      expect(told).toEqual(lost)
      expect(session.status().frames.lost).toBe(lost.length)
    },
  )
})

describe('a frame that comes again', () => {
  it.each(kinds)('F-12: changes nothing (%s), whichever of the last 16 it is', (kind) => {
    for (let seed = testSeed; seed < testSeed + 10; seed++) {
      const random = mulberry(seed)
      const device = new MeasuredDevice(kind, 2, seed)
      const frames = Array.from({ length: 200 }, (_, n) => ({
        bytes: device.next().bytes,
        mono: n * INTERVAL,
      })).filter(() => random() > 0.05)
      const plain = sessionOf(device.model)
      const repeated = sessionOf(device.model)
      let duplicates = 0
      frames.forEach(({ bytes, mono }, n) => {
        const straight = wordsOf(plain.accept(frameOf(bytes, mono)))
        expect(wordsOf(repeated.accept(frameOf(bytes, mono))), `seed ${seed}`).toEqual(straight)
        while (random() < 0.2) {
          const again = frames[n - Math.floor(random() * Math.min(16, n + 1))]!.bytes
          const before = repeated.save().stream
          expect(repeated.accept(frameOf(again, mono + 1))).toMatchObject({ why: 'duplicate' })
          expect(repeated.save().stream).toEqual(before)
          duplicates++
        }
      })
      expect(repeated.status().frames).toMatchObject({ duplicate: duplicates })
      expect(duplicates).toBeGreaterThan(20)
    }
  })

  it('F-13: with other content is a conflict, after which nothing is known', () => {
    const bits = fc.integer({ min: 0, max: 15 })
    const property = fc.property(fc.integer({ min: 1, max: 1e6 }), bits, (seed, bit) => {
      const device = new MeasuredDevice('compact', 2, seed)
      const session = sessionOf(device.model)
      for (let n = 0; n < 30; n++) session.accept(frameOf(device.next().bytes, n * INTERVAL))
      // Of a keyframe every bit of the values can be another.
      const encoder = new CompactEncoder({ channels: 2, keyframeInterval: 1 })
      for (let n = 0; n < 30; n++) encoder.encode([20, 50])
      const { bytes } = device.next()
      session.accept(frameOf(bytes, 30 * INTERVAL))
      const other = encoder.encode([20 + bit / 10, 50])
      expect(other.slice(1, 3)).toEqual(bytes.slice(1, 3))
      const verdict = session.accept(frameOf(other, 30 * INTERVAL + 5))
      expect(verdict.events.map(({ type }) => type)).toEqual(['conflict', 'state_unknown'])
      expect(session.stream.sync.cause).toBe('foreign-state')
      expect(verdict).toMatchObject({ kind: 'readings', epoch: 2 })
      for (let n = 31; n < 60; n++) {
        const frame = device.next()
        const after = session.accept(frameOf(frame.bytes, n * INTERVAL))
        expect(lies(after, frame, `seed ${seed}`)).toEqual([])
      }
    })
    fc.assert(property, { numRuns: 40, seed: testSeed })
  })
})

describe('two devices under one id', () => {
  it('F-13: in step, are never taken for each other', () => {
    let conflicts = 0
    for (let seed = testSeed; seed < testSeed + 20; seed++) {
      const random = mulberry(seed)
      const devices = [
        new MeasuredDevice('compact', 2, seed),
        new MeasuredDevice('compact', 2, seed + 1),
      ]
      const session = sessionOf(devices[0]!.model)
      for (let n = 0; n < 300; n++) {
        const frames = devices.map((device) => device.next())
        if (n < 20) continue
        if (random() < 0.5) frames.reverse()
        for (const [i, frame] of frames.entries()) {
          if (random() < 0.1) continue
          const verdict = session.accept(frameOf(frame.bytes, n * INTERVAL + i))
          expect(lies(verdict, frame, `seed ${seed} frame ${n}`)).toEqual([])
          conflicts += verdict.events.filter(({ type }) => type === 'conflict').length
        }
      }
    }
    expect(conflicts).toBeGreaterThan(20)
  })
})

/** Hears a device that sends once an interval, and says whatever is wrong of it. */
function ear(device: MeasuredDevice, session: DeviceSession, context: string) {
  let mono = 0
  return {
    hear(): ReadingsVerdict {
      mono += INTERVAL
      const frame = device.next()
      const verdict = session.accept(frameOf(frame.bytes, mono))
      expect(lies(verdict, frame, context)).toEqual([])
      return verdict as ReadingsVerdict
    },
    lose(frames: number): void {
      for (let n = 0; n < frames; n++, mono += INTERVAL) device.next()
    },
  }
}

describe('a keyframe', () => {
  it('F-15: is good on every channel, and closes a gap only where the bounds allow', () => {
    let early = 0
    for (let seed = testSeed; seed < testSeed + 30; seed++) {
      const device = new MeasuredDevice('compact', 3, seed)
      const session = sessionOf({
        ...device.model,
        channels: device.model.channels.map(({ maxStep: _, ...channel }) => channel),
      })
      const { hear, lose } = ear(device, session, `seed ${seed}`)
      for (let n = 0; n < 130; n++) hear()
      lose(19)
      hear()
      lose(1)
      const keyframe = hear()
      // Frame 150 was lost: the gap is bridged at the next one, at 200.
      expect(keyframe.family).toBe('compact')
      let verdict = keyframe
      while (verdict.family !== 'keyframe') verdict = hear()
      expect(verdict).toMatchObject({ seq: 200, quality: 'good' })
      if (verdict.events.some(({ type }) => type === 'resynchronised')) early++
      else expect(session.stream.sync.recovering).toBe(true)
    }
    expect(early).toBeLessThan(15)
  })
})

describe('a keyframe of a device that observes what we decode', () => {
  it('F-15: closes a gap by itself', () => {
    for (let seed = testSeed; seed < testSeed + 10; seed++) {
      const device = new MeasuredDevice('closed-loop', 3, seed)
      const session = sessionOf(device.model)
      const { hear, lose } = ear(device, session, `seed ${seed}`)
      for (let n = 0; n < 30; n++) hear()
      lose(3)
      let verdict = hear()
      expect(session.stream.sync.recovering).toBe(true)
      while (verdict.family !== 'keyframe') verdict = hear()
      expect(session.stream.sync.recovering, `seed ${seed}`).toBe(false)
    }
  })
})

describe('an outage after which the numbers look as if nothing had happened', () => {
  it.each([65_535, 65_536, 65_537])('F-17: of %i frames leaves nothing known', (missing) => {
    for (const kind of ['compact', 'single'] as const) {
      const device = new MeasuredDevice(kind, 1, 5)
      const session = sessionOf(device.model)
      for (let n = 0; n < 300; n++) session.accept(frameOf(device.next().bytes, n * INTERVAL))
      for (let n = 0; n < missing; n++) device.next()
      for (let n = 300 + missing; n < 310 + missing; n++) {
        const frame = device.next()
        const verdict = session.accept(frameOf(frame.bytes, n * INTERVAL))
        expect(lies(verdict, frame, `frame ${n}`)).toEqual([])
        if (n > 300 + missing) continue
        expect(verdict.events.map(({ type }) => type)).toContain('state_unknown')
        expect(verdict).toMatchObject({ epoch: 2 })
      }
    }
  })

  it('F-17: is one where only the silence tells it', () => {
    const device = new MeasuredDevice('compact', 1, 5)
    const first = sessionOf(device.model)
    // So many that a device which had started anew in the silence could not have come so far.
    for (let n = 0; n < 40_000; n++) first.accept(frameOf(device.next().bytes, n * INTERVAL))
    const memory = first.save()
    const { bytes } = device.next()
    const heardAfter = (silenceMs: number) => {
      const session = sessionOf(device.model)
      expect(session.restore(memory)).toBe(true)
      return session.accept(frameOf(bytes, 39_999 * INTERVAL + silenceMs))
    }
    expect(heardAfter(32_767 * INTERVAL)).toMatchObject({ epoch: 1, quality: 'good' })
    expect(heardAfter(32_768 * INTERVAL)).toMatchObject({ epoch: 2 })
  })
})

describe('what is no number', () => {
  it('F-18: is bad, and poisons the deltas of its channel alone until the device starts anew', () => {
    const values = fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      3.4e38,
      -3.4e38,
      1e-40,
    )
    const property = fc.property(values, fc.integer({ min: 1, max: 1e6 }), (odd, seed) => {
      const random = mulberry(seed)
      const { model } = new MeasuredDevice('compact', 2, 1)
      const channels = model.channels.map(
        ({ min: _, max: __, maxStep: ___, resolution: ____, ...rest }) => rest,
      )
      const session = sessionOf({ ...model, channels })
      const encoder = new CompactEncoder({ channels: 2 })
      const told: DeviceEvent[] = []
      for (let n = 0; n < 120; n++) {
        const measured = [n === 20 ? odd : Math.fround(20 + random()), Math.fround(50 + random())]
        const verdict = session.accept(
          frameOf(encoder.encode(measured), n * INTERVAL),
        ) as ReadingsVerdict
        told.push(...verdict.events.filter(({ type }) => type === 'not_finite'))
        verdict.channels.forEach(({ value, bound, quality }, i) => {
          const truth = measured[i]!
          if (!Number.isFinite(truth)) expect(quality).toBe('bad')
          else {
            expect(quality).not.toBe('bad')
            // An unbounded value promises nothing, not even a number.
            const held = bound === Number.POSITIVE_INFINITY || Math.abs(value - truth) <= bound
            expect(held, `seed ${seed} frame ${n}`).toBe(true)
          }
        })
      }
      expect(session.stream.reader.poisoned).toBe(!Number.isFinite(odd))
      const isOdd = !Number.isFinite(odd)
      expect(told).toMatchObject(isOdd ? [{ channel: model.channels[0]!.name }] : [])
      session.sweep({
        mono: 120 * INTERVAL,
        wall: 0,
        linkUp: true,
        lineNoisy: false,
        clockSynced: true,
      })
      const { health, cause } = session.status()
      expect([health, cause]).toEqual(isOdd ? ['degraded', 'not-finite'] : ['healthy', null])
      const fresh = new CompactEncoder({ channels: 2 })
      for (let n = 120; n < 130; n++)
        session.accept(frameOf(fresh.encode([20 + n / 100, 50]), n * INTERVAL))
      expect(session.stream.reader.poisoned).toBe(false)
    })
    fc.assert(property, { numRuns: 60, seed: testSeed })
  })
})

describe('a wrong number of channels', () => {
  it('F-20: lets nothing pass as good behind the first frame, and is named', () => {
    const count = fc.integer({ min: 1, max: 8 })
    const property = fc.property(
      count,
      count,
      fc.integer({ min: 1, max: 1e6 }),
      (real, told, seed) => {
        fc.pre(real !== told)
        const random = mulberry(seed)
        const session = sessionOf({
          ...new MeasuredDevice('compact', 1, 1).model,
          channels: Array.from({ length: told }, (_, i) => ({ name: `c${i}` })),
        })
        const encoder = new CompactEncoder({ channels: real })
        const causes = new Set<string>()
        for (let n = 0; n < 80; n++) {
          const values = Array.from({ length: real }, () => 20 + random() * 10)
          const verdict = session.accept(frameOf(encoder.encode(values), n * INTERVAL))
          for (const event of verdict.events)
            if (event.type === 'state_unknown' || event.type === 'decode_error')
              causes.add(event.type === 'decode_error' ? event.code : event.cause)
          if (n === 0 || verdict.kind !== 'readings') continue
          const good = verdict.channels.filter(({ quality }) => quality === 'good')
          expect(good, `seed ${seed} frame ${n}`).toEqual([])
        }
        const named = [
          'wrong-channel-count',
          'truncated',
          'trailing-bytes',
          'unused-bits',
          'wrong-length',
        ]
        expect(
          [...causes].some((cause) => named.includes(cause)),
          [...causes].join(),
        ).toBe(true)
      },
    )
    fc.assert(property, { numRuns: 60, seed: testSeed })
  })
})
