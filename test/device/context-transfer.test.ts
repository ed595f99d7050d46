import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportAlcs, importAlcs, StandardEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  DeviceSession,
  type ExportedContext,
  exportContext,
  importContext,
  type ModelSpec,
  type SessionMemory,
  type Verdict,
} from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { isAmbiguous, type Stream } from '../support/ambiguity.js'
import { frameOf } from '../support/frames.js'
import {
  INTERVAL,
  MeasuredDevice,
  type MeasuredFrame,
  type Sending,
} from '../support/measured-device.js'
import { mulberry } from '../support/mulberry.js'

const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
const START = Date.UTC(2026, 0, 1)

/** A bridge that goes on from what is kept, `mono` milliseconds after the start of the world. */
function resumed(model: ModelSpec, memory: SessionMemory, mono: number): DeviceSession {
  const born = { mono, wall: START + mono }
  const session = new DeviceSession('d1', compileProfile(model), policy, born)
  expect(session.restore(structuredClone(memory))).toBe(true)
  return session
}

function memoryOf(device: MeasuredDevice, mono: number, before?: SessionMemory): SessionMemory {
  const alcs = exportAlcs(device.context)
  const outcome = importContext(compileProfile(device.model), alcs, mono, before)
  if (!outcome.ok) throw new Error(outcome.problems.join('; '))
  return outcome.memory
}

/** Whatever is not exactly what was measured, or where its bound suffices, outside that. */
function faults(
  verdict: Verdict,
  { truth }: MeasuredFrame,
  isEnough: (channel: string) => boolean = () => false,
): string[] {
  if (verdict.kind !== 'readings') return [JSON.stringify(verdict)]
  return verdict.channels.flatMap(({ name, value, bound, quality }) => {
    const measured = truth.get(name) ?? Number.NaN
    const exact = value === measured && bound === 0 && quality === 'good'
    const held = Math.abs(value - measured) <= bound
    const fine = exact || (held && isEnough(name))
    return fine ? [] : [`${name}: ${value} ± ${bound} was ${measured}`]
  })
}

const bounded = () => true

const refusedAsGuess = {
  ok: false,
  problems: [expect.stringMatching(/^a bridge exported it by force, as the nearest guess/)],
}

/** What is exact wherever the bytes that a device has sent since `from` leave no choice. */
const exactFaults = (verdict: Verdict, frame: MeasuredFrame, stream: Stream, n: number): string[] =>
  faults(verdict, frame, (channel) => isAmbiguous(stream, channel, n))

/** Whether nobody can tell what some channel was, from the last frames that had it up to `at`. */
const isInDoubt = ({ channels }: ModelSpec, stream: Stream, at: number): boolean =>
  channels.some(({ name }) =>
    channels.some((_, back) => at >= back && isAmbiguous(stream, name, at - back)),
  )

const scenario = fc.record({
  channels: fc.integer({ min: 1, max: 3 }),
  before: fc.integer({ min: 0, max: 400 }),
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
})
const sending = fc.constantFrom<Sending>('compact', 'closed-loop', 'single', 'several-singles')

function started(how: Sending, channels: number, seed: number, frames: number): MeasuredDevice {
  const device = new MeasuredDevice(how, channels, seed)
  for (let n = 0; n < frames; n++) device.next()
  return device
}

describe('importing the state of an encoder in the middle of its stream', () => {
  it('makes every later reading exact that the bytes leave no choice about', () => {
    const property = fc.property(sending, scenario, (how, { channels, before, seed }) => {
      const device = started(how, channels, seed, before)
      const mono = before * INTERVAL
      const session = resumed(device.model, memoryOf(device, mono), mono)
      const stream = { how, channels, seed, from: before }
      for (let n = before; n < before + 120; n++) {
        const frame = device.next()
        const verdict = session.accept(frameOf(frame.bytes, (n + 0.5) * INTERVAL))
        expect(exactFaults(verdict, frame, stream, n), `frame ${n}`).toEqual([])
      }
      const { sync, frames } = session.status()
      expect(frames.lost).toBe(0)
      expect(sync === 'exact' || isInDoubt(device.model, stream, before + 119), sync).toBe(true)
    })
    const known = { channels: 3, before: 86, seed: 841612025 }
    // Its frame 4 is the same for 935.86 and 935.87.
    const ambiguous = { channels: 3, before: 0, seed: 1624966200 }
    fc.assert(property, {
      numRuns: 60,
      examples: [
        ['closed-loop', known],
        ['compact', ambiguous],
      ],
    })
  })

  it('holds every bound of adaptive frames, which leave values out, and of those after a loss', () => {
    const any = fc.constantFrom<Sending>('compact', 'closed-loop', 'single', 'adaptive')
    const losses = fc.integer({ min: 0, max: 4 })
    const property = fc.property(any, scenario, losses, (how, { channels, before, seed }, lost) => {
      const device = started(how, channels, seed, before)
      const mono = before * INTERVAL
      const session = resumed(device.model, memoryOf(device, mono), mono)
      for (let n = before; n < before + lost; n++) device.next()
      for (let n = before + lost; n < before + 60; n++) {
        const frame = device.next()
        const verdict = session.accept(frameOf(frame.bytes, (n + 0.5) * INTERVAL))
        expect(faults(verdict, frame, bounded), `frame ${n}`).toEqual([])
      }
      expect(session.status().frames.lost).toBe(lost)
    })
    fc.assert(property, { numRuns: 60 })
  })

  it('holds every bound whatever happens between the export and the first frame', () => {
    const any = fc.constantFrom<Sending>(
      'compact',
      'closed-loop',
      'several-singles',
      'adaptive',
      'mixed',
    )
    const between = fc.record({
      unheard: fc.integer({ min: 0, max: 120 }),
      rebootsAfter: fc.option(fc.integer({ min: 0, max: 120 })),
      loss: fc.constantFrom(0, 0.2),
      late: fc.boolean(),
    })
    const property = fc.property(any, scenario, between, (how, given, gap) => {
      const { channels, before, seed } = given
      let device = started(how, channels, seed, before)
      const earlier = device.next()
      const memory = memoryOf(device, before * INTERVAL)
      const chance = mulberry(seed)
      let n = before + 1
      for (; n <= before + gap.unheard; n++) {
        // A device that starts again sends its first frame an interval later.
        if (n - before === gap.rebootsAfter) device = started(how, channels, seed + 1, 0)
        else device.next()
      }
      const session = resumed(device.model, memory, before * INTERVAL)
      // Of one encoder only: what a frame tells of time is when it came, not when it was sent.
      if (gap.late && before > 0 && gap.rebootsAfter === null)
        session.accept(frameOf(earlier.bytes, (n - 0.5) * INTERVAL))
      for (const end = n + 60; n < end; n++) {
        const frame = device.next()
        if (chance() < gap.loss) continue
        const verdict = session.accept(frameOf(frame.bytes, n * INTERVAL))
        // A frame that is not decoded says nothing wrong.
        const wrong = verdict.kind === 'skipped' ? [] : faults(verdict, frame, bounded)
        expect(wrong, `frame ${n}`).toEqual([])
      }
    })
    fc.assert(property, { numRuns: 150 })
  })

  it('tells a gap by the numbers of its frames', () => {
    const device = started('compact', 2, 5, 100)
    const mono = 100 * INTERVAL
    const session = resumed(device.model, memoryOf(device, mono), mono)
    device.next()
    device.next()
    const verdict = session.accept(frameOf(device.next().bytes, mono + 2.5 * INTERVAL))
    expect(verdict).toMatchObject({
      kind: 'readings',
      epoch: 1,
      seq: 102,
      events: [{ type: 'gap', epoch: 1, fromSeq: 100, toSeq: 101, count: 2 }],
    })
  })

  it('keeps the counters of the device, and begins a new epoch', () => {
    const device = started('compact', 2, 5, 0)
    const session = new DeviceSession('d1', compileProfile(device.model), policy, {
      mono: 0,
      wall: START,
    })
    for (let n = 0; n < 10; n++) session.accept(frameOf(device.next().bytes, n * INTERVAL))
    const before = session.save()
    for (let n = 10; n < 30; n++) device.next()
    const later = resumed(device.model, memoryOf(device, 30 * INTERVAL, before), 30 * INTERVAL)
    const frame = device.next()
    const verdict = later.accept(frameOf(frame.bytes, 30.5 * INTERVAL))
    expect(verdict).toMatchObject({ kind: 'readings', epoch: 2, seq: 30 })
    expect(faults(verdict, frame)).toEqual([])
    expect(later.status().frames).toMatchObject({ received: 11, decoded: 11, lost: 0 })
  })

  it('still waits for its first frame after another restart, and grows no younger by it', () => {
    const device = started('compact', 1, 5, 20)
    const mono = 20 * INTERVAL
    const first = resumed(device.model, memoryOf(device, mono), mono)
    const again = (elapsed: number) => resumed(device.model, first.save(), mono + elapsed)
    const frame = device.next()
    const soon = again(2 * INTERVAL).accept(frameOf(frame.bytes, mono + 3 * INTERVAL))
    expect(faults(soon, frame)).toEqual([])
    // After this long the device may have started anew and come as far again.
    const late = again(19 * INTERVAL).accept(frameOf(frame.bytes, mono + 21 * INTERVAL))
    expect(late).toMatchObject({
      quality: 'uncertain',
      events: [{ type: 'state_unknown', cause: 'device-reboot' }],
    })
  })

  it('does not take the silence since the import for an interval', () => {
    const device = started('compact', 2, 5, 100)
    const memory = memoryOf(device, 0)
    const learned = { ...memory, stream: { ...memory.stream, learnedMs: INTERVAL } }
    const session = resumed(device.model, learned, 0)
    session.accept(frameOf(device.next().bytes, 7 * INTERVAL))
    expect(session.stream.interval.learnedMs).toBe(INTERVAL)
    session.accept(frameOf(device.next().bytes, 9 * INTERVAL))
    expect(session.stream.interval.learnedMs).toBeGreaterThan(INTERVAL)
  })

  it('takes a late frame for one and loses nothing by it', () => {
    const device = started('compact', 2, 5, 50)
    const old = device.next()
    const mono = 51 * INTERVAL
    const session = resumed(device.model, memoryOf(device, mono), mono)
    expect(session.accept(frameOf(old.bytes, mono + 100))).toMatchObject({
      kind: 'skipped',
      why: 'late',
    })
    const frame = device.next()
    expect(faults(session.accept(frameOf(frame.bytes, mono + INTERVAL)), frame)).toEqual([])
  })

  it('takes the state of another encoder for what it is', () => {
    const device = started('compact', 2, 5, 50)
    const session = resumed(device.model, memoryOf(device, 0), 0)
    const other = started('compact', 2, 6, 49)
    other.next()
    // One observation more than this encoder can have.
    other.context.observe(1, 20)
    const verdict = session.accept(frameOf(other.next().bytes, INTERVAL))
    expect(verdict).toMatchObject({ events: [{ type: 'state_unknown', cause: 'foreign-state' }] })
  })
})

describe('an import is refused', () => {
  const device = started('compact', 2, 5, 60)
  const alcs = exportAlcs(device.context)
  const problemsOf = (model: Partial<ModelSpec>, bytes = alcs) => {
    const outcome = importContext(compileProfile({ ...device.model, ...model }), bytes, 0)
    return outcome.ok ? [] : outcome.problems
  }
  const [temperature, humidity] = device.model.channels

  it('in no case where everything fits', () => {
    expect(problemsOf({})).toEqual([])
  })

  it('where the bytes are damaged, with the place', () => {
    const damaged = alcs.slice()
    damaged[20]! ^= 1
    expect(problemsOf({}, damaged)).toEqual([
      expect.stringMatching(/^not a usable ALCS state: offset \d+: .*CRC/i),
    ])
  })

  it('where the scale is another', () => {
    expect(problemsOf({ scale: 10 })).toEqual([
      "its scale factor is 100, that of the model 10: check the model's scale",
    ])
  })

  it('where it has other channels than the model', () => {
    expect(problemsOf({ channels: [temperature!] })).toEqual([
      'it holds the keys 2, which are no channels of the model (1)',
    ])
    const third = { name: 'pressure', min: 300, max: 1200 }
    expect(problemsOf({ channels: [temperature!, humidity!, third] })).toEqual([
      'channel pressure (key 3) was never observed by it',
    ])
  })

  it.each([
    [{ resolution: '0.7' }, 'resolution'],
    [{ min: 84.9 }, 'range'],
  ])('where a value contradicts the declaration %o', (declared, what) => {
    const problems = problemsOf({ channels: [{ ...temperature!, ...declared }, humidity!] })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(`contradicts its declared ${what}`)
  })

  it('where no interval is declared, nor was one learned', () => {
    const { intervalMs: _, ...timeless } = device.model
    const profile = compileProfile(timeless)
    const outcome = importContext(profile, alcs, 0)
    expect(outcome).toMatchObject({ ok: false, problems: [/declares no interval/] })
    const memory = memoryOf(device, 0)
    const learned = { ...memory, stream: { ...memory.stream, learnedMs: 1000 } }
    expect(importContext(profile, alcs, 0, learned).ok).toBe(true)
  })

  it('for plain multi frames, which need none', () => {
    expect(problemsOf({ frames: 'standard', multi: 'plain' })[0]).toMatch(/plain multi frames/)
  })

  it('where a closed-loop device claims to have observed NaN', () => {
    const encoder = new StandardEncoder()
    encoder.context.observe(1, Number.NaN)
    const problems = problemsOf(
      { profile: 'closed-loop', channels: [temperature!] },
      exportAlcs(encoder.context),
    )
    expect(problems[0]).toMatch(/^channel temperature: its last value NaN and average NaN/)
  })
})

describe('exporting what a bridge knows of an encoder', () => {
  it('gives another bridge all that it needs', () => {
    const property = fc.property(sending, scenario, (how, { channels, before, seed }) => {
      const device = new MeasuredDevice(how, channels, seed)
      const profile = compileProfile(device.model)
      const first = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
      for (let n = 0; n <= before; n++) first.accept(frameOf(device.next().bytes, n * INTERVAL))
      const mono = (before + 0.5) * INTERVAL
      const exported = exportContext(profile, first.save())
      const stream = { how, channels, seed, from: 0 }
      if (exported?.doubts.length !== 0) {
        expect(isInDoubt(device.model, stream, before), exported?.doubts.join()).toBe(true)
        expect(importContext(profile, exported!.alcs, mono)).toEqual(refusedAsGuess)
        return
      }
      const outcome = importContext(profile, exported!.alcs, mono)
      if (!outcome.ok) throw new Error(outcome.problems.join('; '))
      const second = resumed(device.model, outcome.memory, mono)
      for (let n = before + 1; n < before + 60; n++) {
        const frame = device.next()
        const verdict = second.accept(frameOf(frame.bytes, n * INTERVAL))
        expect(exactFaults(verdict, frame, stream, n), `frame ${n}`).toEqual([])
      }
    })
    // Taken for exact, its state gave 989.73 where 989.72 was measured.
    const doubtful = { channels: 3, before: 7, seed: 1097951268 }
    fc.assert(property, { numRuns: 40, examples: [['compact', doubtful]] })
  })

  it('gives it all of a device that was first heard in the middle of its stream, once that is known', () => {
    const how = fc.constantFrom<Sending>('compact', 'closed-loop')
    const property = fc.property(how, scenario, (sending, { channels, before, seed }) => {
      const device = started(sending, channels, seed, before)
      const profile = compileProfile(device.model)
      const first = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
      device.requestKeyframe()
      let n = before
      let exported: ExportedContext | undefined
      for (; n < before + 1000 && exported?.remedy !== ''; n++) {
        first.accept(frameOf(device.next().bytes, n * INTERVAL))
        exported = exportContext(profile, first.save())
      }
      expect(exported?.doubts).toEqual([])
      expect(first.status().sync).toBe('exact')
      const mono = (n - 0.5) * INTERVAL
      const outcome = importContext(profile, exported!.alcs, mono)
      if (!outcome.ok) throw new Error(outcome.problems.join('; '))
      const second = resumed(device.model, outcome.memory, mono)
      const stream = { how: sending, channels, seed, from: n }
      // Several evolutions: each would show a version that is off.
      for (const end = n + 210; n < end; n++) {
        const frame = device.next()
        const verdict = second.accept(frameOf(frame.bytes, n * INTERVAL))
        // A delta of a closed-loop device may fit two steps of its sensor about equally: its bound says so.
        const wrong =
          sending === 'compact'
            ? exactFaults(verdict, frame, stream, n)
            : faults(verdict, frame, bounded)
        expect(wrong, `frame ${n}`).toEqual([])
      }
      expect(second.status().frames.lost).toBe(0)
    })
    fc.assert(property, { numRuns: 10 })
  })

  it('holds what the encoder itself would have written, as far as a receiver follows it', () => {
    const device = new MeasuredDevice('compact', 3, 9)
    const profile = compileProfile(device.model)
    const session = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
    for (let n = 0; n < 130; n++) {
      session.accept(frameOf(device.next().bytes, n * INTERVAL))
      const exported = importAlcs(exportContext(profile, session.save())!.alcs)
      if (!exported.ok) throw new Error(exported.fault.message)
      const [ours, theirs] = [exported.value, device.context]
      const countersOf = ({ version, observations, scale }: typeof ours) => {
        return { version, observations, scale }
      }
      expect(countersOf(ours), `frame ${n}`).toEqual(countersOf(theirs))
      for (const key of [1, 2, 3]) {
        const { count, last, ema } = theirs.source(key)!
        expect(ours.source(key), `frame ${n}`).toMatchObject({ count, last, ema })
      }
    }
  })

  it('says what is not known to the bit', () => {
    const device = new MeasuredDevice('compact', 2, 9)
    const profile = compileProfile(device.model)
    const session = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
    for (let n = 0; n < 30; n++) device.next()
    session.accept(frameOf(device.next().bytes, 0))
    const doubts = exportContext(profile, session.save())?.doubts
    expect(doubts).toEqual([
      'channel temperature: its last value lies somewhere from -39.9 to 85 (125 wide)',
      'channel humidity: its last value lies somewhere from 1 to 100 (99 wide)',
      expect.stringMatching(/^its next evolution is known to 100 observations only/),
    ])
  })

  describe('says what makes it known', () => {
    const heardMidStream = (sending: Sending, spec: Partial<ModelSpec> = {}, atOnce = false) => {
      const device = started(sending, 3, 9, 30)
      const profile = compileProfile({ ...device.model, ...spec })
      const session = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
      if (atOnce) device.requestKeyframe()
      session.accept(frameOf(device.next().bytes, 0))
      return exportContext(profile, session.save())
    }
    const { channels } = started('compact', 3, 9, 0).model
    const fine = channels.map((channel) => ({ ...channel, resolution: '0.001' }))

    it.each<[what: string, sending: Sending, spec: Partial<ModelSpec>, says: RegExp]>([
      ['a keyframe', 'closed-loop', {}, /^ask it for a keyframe .* when sync .* is exact$/],
      [
        'a keyframe and time',
        'compact',
        {},
        /^ask it for a keyframe .*, some hundred frames later/,
      ],
      [
        'itself, of fine steps',
        'compact',
        { channels: fine },
        /the state that it exports itself in/,
      ],
      ['its restart', 'adaptive', {}, /itself in place of this, or .* has started anew$/],
    ])('by %s', (_what, sending, spec, says) => {
      expect(heardMidStream(sending, spec)?.remedy).toMatch(says)
    })

    it('by time alone where nothing but its next evolution is in doubt', () => {
      expect(heardMidStream('closed-loop', {}, true)).toMatchObject({
        doubts: [/^its next evolution is known to 100 observations only/],
        remedy: 'export again some hundred frames later',
      })
    })
  })

  it('leaves all but the label to readers of another make where it is a guess', () => {
    const device = started('closed-loop', 3, 9, 0)
    const profile = compileProfile(device.model)
    const session = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
    const labelOf = () => {
      const read = importAlcs(exportContext(profile, session.save())!.alcs)
      if (!read.ok) throw new Error(read.fault.message)
      return read.value.sensorType
    }
    session.accept(frameOf(device.next().bytes, 0))
    expect(labelOf()).toBe('')
    for (let n = 1; n < 4; n++) device.next()
    session.accept(frameOf(device.next().bytes, 4 * INTERVAL))
    expect(labelOf()).toBe('alec-bridge:in-doubt')
  })

  it('gives nothing of a device that was never heard', () => {
    const device = new MeasuredDevice('compact', 2, 9)
    const profile = compileProfile(device.model)
    const session = new DeviceSession('d1', profile, policy, { mono: 0, wall: START })
    expect(exportContext(profile, session.save())).toBeUndefined()
  })
})
