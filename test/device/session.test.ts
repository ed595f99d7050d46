import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  DeviceSession,
  type ModelSpec,
  type ReadingsVerdict,
  type Verdict,
} from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { frameOf } from '../support/frames.js'

const INTERVAL = 10_000

const model: ModelSpec = {
  ...defaultSpec,
  intervalMs: INTERVAL,
  channels: [
    { name: 'temperature', resolution: '0.1', min: -40, max: 85 },
    { name: 'humidity', resolution: '1', min: 0, max: 100 },
  ],
}

/** A device, its session and a clock that moves one interval a frame. */
function world() {
  const session = new DeviceSession(
    'd1',
    compileProfile(model),
    { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
    { mono: 0, wall: 0 },
  )
  let encoder = new CompactEncoder({ channels: 2 })
  let mono = 0
  let n = 0
  const next = () =>
    encoder.encode([20 + (n++ % 7) / 10, 50 + (n % 3)].map((v) => Math.round(v * 10) / 10))
  const take = (bytes: Uint8Array): Verdict => {
    mono += INTERVAL
    return session.accept(frameOf(bytes, mono))
  }
  return {
    session,
    next,
    take,
    run: (frames: number): Verdict[] => Array.from({ length: frames }, () => take(next())),
    reboot: () => {
      encoder = new CompactEncoder({ channels: 2 })
    },
    askForKeyframe: () => encoder.handleDownlink(Uint8Array.of(0xff)),
    sweep: (linkUp = true, lineNoisy = false) =>
      session.sweep({ mono, wall: mono, linkUp, lineNoisy, clockSynced: true }),
    wait: (ms: number) => {
      mono += ms
    },
    get now() {
      return mono
    },
  }
}

const typesOf = (verdict: Verdict | undefined) => verdict?.events.map((event) => event.type)
const qualities = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) => (verdict as ReadingsVerdict).quality)

describe('a device session', () => {
  it('reads a new device exactly from its first frame', () => {
    const { run, session, sweep } = world()
    const verdicts = run(60)
    expect(new Set(qualities(verdicts))).toEqual(new Set(['good']))
    expect(verdicts.at(-1)).toMatchObject({ epoch: 1, seq: 59 })
    sweep()
    expect(session.status()).toMatchObject({
      health: 'healthy',
      sync: 'exact',
      circuit: 'closed',
      online: true,
      cause: null,
    })
  })

  it('learns the interval of a device that declares none, and is exact after a keyframe', () => {
    const { intervalMs: _none, ...undeclared } = model
    const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
    const born = { mono: 0, wall: 0 }
    const session = new DeviceSession('d1', compileProfile(undeclared), policy, born)
    const encoder = new CompactEncoder({ channels: 2 })
    const verdicts = Array.from({ length: 200 }, (_, n) => {
      const frame = encoder.encode([20 + (n % 7) / 10, 50])
      const verdict = session.accept(frameOf(frame, (n + 1) * INTERVAL)) as ReadingsVerdict
      if (verdict.wantsKeyframe) encoder.handleDownlink(Uint8Array.of(0xff))
      return verdict
    })
    expect(verdicts.at(-1)).toMatchObject({ quality: 'good', epoch: 2 })
    expect(qualities(verdicts.slice(-100))).toEqual(Array(100).fill('good'))
  })

  it('drops a repeated frame and changes nothing', () => {
    const { run, take, next, session } = world()
    run(5)
    const bytes = next()
    take(bytes)
    expect(take(bytes)).toMatchObject({ kind: 'skipped', why: 'duplicate' })
    expect(qualities(run(5))).toEqual(Array(5).fill('good'))
    expect(session.status().frames).toMatchObject({
      duplicate: 1,
      lost: 0,
      received: 12,
      decoded: 11,
    })
  })

  it('reports a gap with its sequence numbers and counts the lost frames', () => {
    const { run, next, take, session } = world()
    run(5)
    next()
    next()
    const verdict = take(next())
    expect(verdict.events).toContainEqual(
      expect.objectContaining({ type: 'gap', epoch: 1, fromSeq: 5, toSeq: 6, count: 2 }),
    )
    expect(session.status().frames.lost).toBe(2)
  })

  it('never decodes a late frame', () => {
    const { run, next, take } = world()
    run(20)
    const late = next()
    take(next())
    expect(take(late)).toMatchObject({ kind: 'skipped', why: 'late' })
  })

  it('asks for a keyframe after a loss, until the readings are good again', () => {
    const { run, next, take, askForKeyframe } = world()
    run(30)
    for (let i = 0; i < 8; i++) next()
    const asked: boolean[] = []
    let resynchronised = false
    for (let i = 0; i < 40 && !resynchronised; i++) {
      const verdict = take(next()) as ReadingsVerdict
      asked.push(verdict.wantsKeyframe)
      if (verdict.wantsKeyframe) askForKeyframe()
      resynchronised = typesOf(verdict)?.includes('resynchronised') ?? false
    }
    expect(asked[0]).toBe(true)
    expect(resynchronised).toBe(true)
  })

  it('F-16: starts a new epoch when the device restarts', () => {
    const { run, reboot } = world()
    run(10)
    reboot()
    const [first, second] = run(2)
    expect(typesOf(first)).toEqual(['reboot'])
    expect(first).toMatchObject({ kind: 'readings', epoch: 2, seq: 0, quality: 'good' })
    expect(second).toMatchObject({ epoch: 2, seq: 1, quality: 'good' })
  })

  it('F-16: knows nothing after a restart whose first frames were lost', () => {
    const { run, reboot, next, take, session, sweep } = world()
    run(100)
    reboot()
    for (let i = 0; i < 4; i++) next()
    const verdict = take(next())
    expect(verdict.events).toContainEqual(
      expect.objectContaining({ type: 'state_unknown', cause: 'device-reboot' }),
    )
    expect((verdict as ReadingsVerdict).quality).toBe('uncertain')
    expect(session.stream.reboots).toBe(1)
    sweep()
    expect(session.status()).toMatchObject({
      sync: 'unknown',
      health: 'degraded',
      cause: 'device-reboot',
    })
  })

  it('takes the same sequence with other bytes for another encoder', () => {
    const { run, next, take } = world()
    run(10)
    const bytes = next()
    take(bytes)
    const other = Uint8Array.from(bytes)
    other[other.length - 1]! ^= 1
    const verdict = take(other)
    expect(typesOf(verdict)).toEqual(['conflict', 'state_unknown'])
  })

  it('opens its circuit after five faults in a row, says so, and decodes nothing', () => {
    const { run, take, next, session } = world()
    run(10)
    const faults = Array.from({ length: 5 }, () => take(Uint8Array.of(0xa1, 0, 1)))
    expect(typesOf(faults[4])).toEqual(['decode_error', 'circuit_opened'])
    expect(session.status().circuit).toBe('open')
    expect(take(next())).toMatchObject({ kind: 'skipped', why: 'circuit-open' })
  })

  it('probes after the recovery time and publishes nothing as good until three probes decoded', () => {
    const { run, take, session, wait, next, askForKeyframe } = world()
    run(10)
    for (let i = 0; i < 5; i++) take(Uint8Array.of(0xa1, 0, 1))
    wait(30_000)
    askForKeyframe()
    const probes = [take(next()), take(next()), take(next())]
    expect(typesOf(probes[0])?.[0]).toBe('circuit_half_opened')
    expect(qualities(probes)).toEqual(['uncertain', 'uncertain', 'uncertain'])
    expect(session.status().circuit).toBe('closed')
    askForKeyframe()
    expect(qualities([take(next())])).toEqual(['good'])
  })

  it('closes although repeated frames come in between: these are no probes', () => {
    const { run, take, session, wait, next } = world()
    run(20)
    for (let i = 0; i < 5; i++) take(Uint8Array.of(0xa1, 0, 1))
    wait(30_000)
    const first = next()
    take(first)
    for (let i = 0; i < 4; i++) expect(take(first)).toMatchObject({ why: 'duplicate' })
    take(next())
    take(next())
    expect(session.status().circuit).toBe('closed')
  })

  it('names frames of the wrong length as a wrong channel count', () => {
    const { take, sweep, session } = world()
    const encoder = new CompactEncoder({ channels: 3 })
    for (let i = 0; i < 5; i++) take(encoder.encode([1 + i, 2, 3 + i]))
    sweep()
    expect(session.status()).toMatchObject({ health: 'unhealthy', cause: 'wrong-channel-count' })
  })

  it('publishes NaN as bad and trusts no delta of that channel afterwards', () => {
    const { run, take, session } = world()
    const encoder = new CompactEncoder({ channels: 2, keyframeInterval: 0 })
    run(0)
    for (let i = 0; i < 5; i++) take(encoder.encode([20 + i, 50]))
    const bad = take(encoder.encode([Number.NaN, 50])) as ReadingsVerdict
    expect(bad.quality).toBe('bad')
    expect(typesOf(bad)).toEqual(['not_finite'])
    const after = take(encoder.encode([21, 50])) as ReadingsVerdict
    expect(after.channels.map((reading) => reading.quality)).toEqual(['uncertain', 'good'])
    expect(session.stream.reader.poisoned).toBe(true)
  })

  it('drops a flood before it is decoded', () => {
    const { session, next } = world()
    let limited = 0
    for (let i = 0; i < 1000; i++) {
      const frame = frameOf(next(), 1000 + i / 10)
      if (session.admits(frame)) session.accept(frame)
      else {
        session.turnAway(frame.bytes.length, frame.mono)
        limited++
      }
    }
    expect(limited).toBeGreaterThan(790)
    const around = { linkUp: true, lineNoisy: false, clockSynced: true }
    const events = session.sweep({ mono: 1100, wall: 0, ...around })
    expect(events).toContainEqual(expect.objectContaining({ type: 'flooding', dropped: limited }))
    expect(session.status()).toMatchObject({ health: 'degraded', cause: 'flooding' })
    const { received, decoded, late, skipped } = session.status().frames
    expect([received, decoded + late, skipped]).toEqual([1000, 1000 - limited, limited])
  })

  it('F-06: goes offline after its ttl, unhealthy when long silent, unknown while its door is away', () => {
    const { run, session, sweep, wait } = world()
    run(5)
    sweep()
    wait(61_000)
    expect(sweep().map((event) => event.type)).toContain('silent')
    expect(session.status()).toMatchObject({ online: false, health: 'degraded', cause: 'silent' })
    wait(60_000)
    sweep()
    expect(session.status().health).toBe('unhealthy')
    for (let i = 0; i < 3; i++) {
      wait(5000)
      sweep(false)
    }
    expect(session.status()).toMatchObject({ health: 'unknown', cause: 'port-away' })
  })

  it('F-04: names the noise on its line where it would else seem silent, or lossy', () => {
    const unheard = world()
    unheard.sweep(true, true)
    expect(unheard.session.status()).toMatchObject({ health: 'unknown', cause: 'line-noise' })
    expect(unheard.session.status().message).toContain('baud rate')

    const { run, session, sweep, wait, next } = world()
    run(100)
    next()
    run(1)
    sweep()
    expect(session.status()).toMatchObject({ health: 'degraded', cause: 'lost-frames' })
    sweep(true, true)
    expect(session.status()).toMatchObject({ health: 'degraded', cause: 'line-noise' })
    wait(61_000)
    sweep(true, true)
    expect(session.status()).toMatchObject({ online: false, cause: 'line-noise' })
    wait(60_000)
    sweep(true, true)
    expect(session.status()).toMatchObject({ health: 'unhealthy', cause: 'line-noise' })
    expect(session.status().message).toMatch(/^silent for more than \d+ s, but noise/)
  })

  it('gets better only after three evaluations', () => {
    const { run, session, sweep, wait, reboot, next, askForKeyframe } = world()
    run(100)
    sweep()
    reboot()
    for (let i = 0; i < 3; i++) next()
    run(1)
    sweep()
    expect(session.status().health).toBe('degraded')
    for (let i = 0; i < 40; i++) {
      askForKeyframe()
      run(1)
    }
    const healths: string[] = []
    for (let i = 0; i < 3; i++) {
      wait(5000)
      sweep()
      healths.push(session.status().health)
    }
    expect(healths).toEqual(['degraded', 'degraded', 'healthy'])
  })

  it('opens the circuit at once when its own code fails', () => {
    const { session } = world()
    const verdict = session.fail(frameOf(Uint8Array.of(1), 5), 'boom')
    expect(typesOf(verdict)).toEqual(['internal_error', 'circuit_opened'])
  })

  it('accounts for every frame it received', () => {
    const { run, take, next, session } = world()
    run(20)
    const bytes = next()
    take(bytes)
    take(bytes)
    take(Uint8Array.of(0xff))
    const { received, decoded, duplicate, late, rejected, skipped } = session.status().frames
    expect(decoded + duplicate + late + rejected + skipped).toBe(received)
  })
})
