import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  type DeviceEvent,
  DeviceSession,
  type ModelSpec,
} from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { frameOf } from '../support/frames.js'

const INTERVAL_MS = 60_000
const model: ModelSpec = {
  ...defaultSpec,
  intervalMs: INTERVAL_MS,
  channels: [{ name: 'temperature', resolution: '0.1', min: -40, max: 85 }],
}

/** A device that sends once a minute; frames come at monotonic times, and the wall clock says what it likes. */
function site() {
  const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
  const session = new DeviceSession('d1', compileProfile(model), policy, { mono: 0, wall: 0 })
  const encoder = new CompactEncoder({ channels: 1 })
  let sent = 0
  return {
    session,
    lose: () => void encoder.encode([20 + (sent++ % 7) / 10]),
    hear: (mono: number, wall: number) =>
      session.accept({ ...frameOf(encoder.encode([20 + (sent++ % 7) / 10]), mono), wall }),
    look: (mono: number, deafMs = 0) =>
      session.sweep({ mono, wall: 0, linkUp: true, lineNoisy: false, clockSynced: true, deafMs }),
  }
}

/** How long the device had been silent where that is said. */
const silences = (events: readonly DeviceEvent[]) =>
  events.flatMap((event) => (event.type === 'silent' ? [event.silentMs] : []))

describe('time, as the devices feel it', () => {
  it('F-47: gives a frame the same key, values and place whatever the wall clock does', () => {
    const wall = fc.oneof(fc.constant(0), fc.integer({ min: -1e12, max: 4e12 }))
    const frames = fc.array(fc.record({ lost: fc.boolean(), wall }), { maxLength: 60 })
    fc.assert(
      fc.property(frames, (course) => {
        const steady = site()
        const jumping = site()
        course.forEach(({ lost, wall: said }, index) => {
          const mono = index * INTERVAL_MS
          if (lost) for (const one of [steady, jumping]) one.lose()
          const [a, b] = [steady.hear(mono, mono), jumping.hear(mono, said)]
          const { frame: _a, events: eventsA, ...verdictA } = a
          const { frame: _b, events: eventsB, ...verdictB } = b
          expect(verdictB).toEqual(verdictA)
          expect(eventsB.map(({ type }) => type)).toEqual(eventsA.map(({ type }) => type))
        })
      }),
    )
  })

  it('F-48: takes no device for silent because the machine slept', () => {
    const { hear, look, session } = site()
    for (let index = 0; index < 10; index++) hear(index * INTERVAL_MS, 0)
    const fellAsleep = 9 * INTERVAL_MS + 30_000
    look(fellAsleep)
    const before = session.status()
    const night = 8 * 3_600_000
    expect(look(fellAsleep + night, night)).toEqual([])
    expect(look(fellAsleep + night + INTERVAL_MS)).toEqual([])
    expect(session.status()).toMatchObject({ health: before.health, online: before.online })
  })

  it('F-48: takes a device for silent that does not come back after it', () => {
    const { hear, look, session } = site()
    for (let index = 0; index < 10; index++) hear(index * INTERVAL_MS, 0)
    const awake = 9 * INTERVAL_MS + 3_600_000
    look(awake, 3_600_000)
    expect(silences(look(awake + session.ttlMs))).toEqual([])
    expect(silences(look(awake + session.ttlMs + 1))).toEqual([session.ttlMs + 1])
    expect(session.status().online).toBe(false)
  })

  it('F-48: forgets the sleep with the next frame', () => {
    const { hear, look, session } = site()
    for (let index = 0; index < 10; index++) hear(index * INTERVAL_MS, 0)
    look(9 * INTERVAL_MS + 3_600_000, 3_600_000)
    const back = 10 * INTERVAL_MS + 3_600_000
    hear(back, 0)
    expect(silences(look(back + session.ttlMs))).toEqual([])
    expect(silences(look(back + session.ttlMs + 1))).toEqual([session.ttlMs + 1])
  })
})
