import { describe, expect, it } from 'vitest'
import { DeviceSession, type Verdict } from '../../src/device/index.js'
import { compileProfile } from '../../src/device/profile.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { INTERVAL, MeasuredDevice, type MeasuredFrame } from '../support/measured-device.js'
import { testSeed } from '../support/mulberry.js'

const POLICY = { circuit: defaultCircuitPolicy, flood: { perSecond: 1e9, burst: 1e9 } }

/** A session of a closed-loop device, and the frames of three of its lives. */
function rig(seed: number) {
  const [former, present, unheard] = [seed, seed + 1, seed + 2].map((each) => {
    const device = new MeasuredDevice('closed-loop', 2, each)
    return Array.from({ length: 20 }, () => device.next())
  }) as [MeasuredFrame[], MeasuredFrame[], MeasuredFrame[]]
  const { model } = new MeasuredDevice('closed-loop', 2, seed)
  const session = new DeviceSession('dev', compileProfile(model), POLICY, {
    mono: 0,
    wall: 0,
  })
  let mono = 0
  const pass = (ms: number) => {
    mono += ms
  }
  const hear = (frame: MeasuredFrame | undefined, afterMs = INTERVAL): Verdict => {
    pass(afterMs)
    const bytes = frame?.bytes ?? new Uint8Array()
    return session.accept({
      device: 'dev',
      bytes,
      mono,
      wall: mono,
      integrity: 'crc32',
      source: 'test',
    })
  }
  return { former, present, unheard, hear, pass, session }
}

/** Channels that are said to be good and are not what was measured. */
const wrong = (verdict: Verdict, frame: MeasuredFrame | undefined): string[] =>
  verdict.kind !== 'readings'
    ? []
    : verdict.channels
        .filter(
          ({ quality, name, value }) => quality === 'good' && value !== frame?.truth.get(name),
        )
        .map(({ name }) => name)

describe('a late frame of an encoder that is gone', () => {
  it('F-16: is not taken for the new one’s, which has the same number next', () => {
    const { former, present, hear } = rig(testSeed)
    for (const n of [0, 1, 3, 4]) hear(former[n], n === 3 ? 2 * INTERVAL : INTERVAL)
    for (const frame of [present[0], present[1]]) hear(frame)
    expect(hear(former[2], 5)).toMatchObject({ kind: 'skipped', why: 'late' })
    // Nobody can tell which of the two it was: neither is decoded, and a frame is missing.
    expect(hear(present[2], INTERVAL - 5)).toMatchObject({ kind: 'skipped', why: 'late' })
    const next = hear(present[3])
    expect(next).toMatchObject({ kind: 'readings', epoch: 2, seq: 3 })
    expect(wrong(next, present[3])).toEqual([])
  })

  it('F-16: that nobody has missed is not taken for it either', () => {
    const { former, present, hear } = rig(testSeed)
    hear(former[0])
    hear(present[0], 2 * INTERVAL)
    expect(hear(former[1], 5)).toMatchObject({ kind: 'skipped', why: 'late' })
  })

  it('F-12: is known by its bytes where it comes again behind a restart that makes it fit', () => {
    const { former, present, unheard: between, hear } = rig(testSeed)
    for (const frame of former) hear(frame)
    // Its device has started anew, and its first frame is lost: this one seems to be an old one.
    expect(hear(between[1], 20 * INTERVAL)).toMatchObject({ kind: 'skipped', why: 'late' })
    expect(hear(present[0], 2 * INTERVAL)).toMatchObject({ kind: 'readings', epoch: 2, seq: 0 })
    expect(hear(between[1], 5)).toMatchObject({ kind: 'skipped', why: 'duplicate' })
    const next = hear(present[1])
    expect(next).toMatchObject({ kind: 'readings', epoch: 2, seq: 1 })
    expect(wrong(next, present[1])).toEqual([])
  })

  it('F-12: is known by its bytes where it is a copy', () => {
    const { former, present, hear } = rig(testSeed)
    for (const frame of former.slice(0, 5)) hear(frame)
    for (const frame of present.slice(0, 2)) hear(frame)
    expect(hear(former[2], 5)).toMatchObject({ kind: 'skipped', why: 'duplicate' })
  })

  it('costs the new encoder no frame where everything of the former one has come', () => {
    const { former, present, hear } = rig(testSeed)
    for (const frame of former.slice(0, 6)) hear(frame)
    const kinds = present.map((frame) => hear(frame).kind)
    expect(kinds).toEqual(present.map(() => 'readings'))
  })

  it('costs one frame for each that has not come, when the new encoder gets there', () => {
    const { former, present, hear } = rig(testSeed)
    for (const n of [0, 1, 3, 5]) hear(former[n], n > 1 ? 2 * INTERVAL : INTERVAL)
    const skipped = present.flatMap((frame, n) => (hear(frame).kind === 'readings' ? [] : [n]))
    expect(skipped).toEqual([2, 4])
  })

  it('leaves a device alone that sends the same again after a restart', () => {
    const { former, hear } = rig(testSeed)
    for (const frame of former.slice(0, 6)) hear(frame)
    const again = former.map((frame, n) => hear(frame, n === 0 ? 3 * INTERVAL : INTERVAL))
    // In three intervals the former encoder had time for frames 6 and 7, of which nothing is known.
    const skipped = again.flatMap(({ kind }, n) => (kind === 'readings' ? [] : [n]))
    expect(skipped).toEqual([6, 7])
    expect(again.flatMap((verdict, n) => wrong(verdict, former[n]))).toEqual([])
  })

  it('breaks no promise in any order of two lives', () => {
    for (let seed = testSeed; seed < testSeed + 200; seed++) {
      const { former, present, hear, pass } = rig(seed)
      const missing = 1 + (seed % 5)
      for (const n of [0, 1, 2, 3, 4, 5]) {
        if (n === missing) pass(INTERVAL)
        else hear(former[n])
      }
      for (let n = 0; n < 8; n++) {
        const next = hear(present[n])
        expect(wrong(next, present[n]), `seed ${seed}`).toEqual([])
        if (n !== seed % 7) continue
        const late = hear(former[missing], 5)
        expect(wrong(late, former[missing]), `seed ${seed}`).toEqual([])
      }
    }
  })
})

describe('a late frame of a start of which nothing was heard', () => {
  it('F-16: is not trusted behind the first frame of the next start, nor is what comes with it', () => {
    const { former, present, unheard, hear, session } = rig(testSeed)
    for (const frame of former.slice(0, 5)) hear(frame)
    expect(hear(present[0], 4 * INTERVAL)).toMatchObject({ kind: 'readings', epoch: 2, seq: 0 })
    for (const frame of unheard.slice(1, 3)) {
      const held = hear(frame, 5)
      expect(held).toMatchObject({ kind: 'readings', epoch: 2, quality: 'uncertain' })
      expect(wrong(held, frame)).toEqual([])
    }
    expect(session.stream.sync).toMatchObject({ cause: 'device-reboot' })
    for (const frame of present.slice(1)) expect(wrong(hear(frame), frame)).toEqual([])
  })

  it('F-16: is not trusted behind a later frame either', () => {
    const { former, present, unheard, hear } = rig(testSeed)
    for (const frame of former.slice(0, 5)) hear(frame)
    hear(present[0], 4 * INTERVAL)
    hear(present[1])
    expect(hear(unheard[2], 5)).toMatchObject({ kind: 'readings', quality: 'uncertain' })
    for (const frame of present.slice(2)) expect(wrong(hear(frame), frame)).toEqual([])
  })

  it('is remembered by a bridge that starts in between', () => {
    const { former, present, unheard, hear, session } = rig(testSeed)
    for (const frame of former.slice(0, 5)) hear(frame)
    hear(present[0], 4 * INTERVAL)
    const resumed = rig(testSeed)
    expect(resumed.session.stream.restore(session.stream.save())).toBe(true)
    resumed.pass(8 * INTERVAL)
    expect(resumed.hear(unheard[1], 5)).toMatchObject({ kind: 'readings', quality: 'uncertain' })
  })

  it('is not looked for where no other start had the time', () => {
    const { former, present, hear } = rig(testSeed)
    for (const frame of former.slice(0, 5)) hear(frame)
    hear(present[0])
    hear(present[1])
    // It was held up for a while itself: the one behind it comes soon.
    expect(hear(present[2], 1.4 * INTERVAL)).toMatchObject({ kind: 'readings', quality: 'good' })
    expect(hear(present[3], 0.3 * INTERVAL)).toMatchObject({ kind: 'readings', quality: 'good' })
  })

  it('is not looked for behind more frames than overtake one: of a burst after a restart a keyframe is enough', () => {
    const { former, hear } = rig(testSeed)
    for (const frame of former.slice(0, 5)) hear(frame)
    const device = new MeasuredDevice('closed-loop', 2, testSeed + 1)
    hear(device.next(), 100 * INTERVAL)
    const heard = Array.from({ length: 8 }, (_, n) => {
      if (n === 2 || n === 4) device.requestKeyframe()
      const frame = device.next()
      const verdict = hear(frame, 5)
      expect(wrong(verdict, frame)).toEqual([])
      return 'quality' in verdict && verdict.quality
    })
    // The first keyframe is good, and what comes behind it may be another start's all the same.
    expect(heard.slice(2, 4)).toEqual(['good', 'uncertain'])
    expect(heard.slice(4)).toEqual(Array(4).fill('good'))
  })

  it('is not looked for in a burst of a device that is new to the bridge', () => {
    const { present, hear } = rig(testSeed)
    const qualities = present
      .map((frame) => hear(frame, 5))
      .map((verdict) => 'quality' in verdict && verdict.quality)
    expect(new Set(qualities)).toEqual(new Set(['good']))
  })

  it('breaks no promise wherever it comes', () => {
    for (let seed = testSeed; seed < testSeed + 200; seed++) {
      const { former, present, unheard, hear } = rig(seed)
      for (const frame of former.slice(0, 1 + (seed % 6))) hear(frame)
      const silence = 2 + (seed % 5)
      const first = 1 + (seed % 3)
      for (let n = 0; n < 10; n++) {
        const next = hear(present[n], (n === 0 ? silence : 1) * INTERVAL)
        expect(wrong(next, present[n]), `seed ${seed}`).toEqual([])
        if (n !== Math.floor(seed / 3) % 4) continue
        for (const late of unheard.slice(first, silence)) {
          expect(wrong(hear(late, 5), late), `seed ${seed}`).toEqual([])
        }
      }
    }
  })
})
