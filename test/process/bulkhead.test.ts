import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  type DeviceEvent,
  type DeviceProfile,
  Fleet,
  type ModelSpec,
  type Verdict,
} from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { frameOf } from '../support/frames.js'
import { mulberry, testSeed } from '../support/mulberry.js'

const INTERVAL_MS = 1000
const model: ModelSpec = {
  ...defaultSpec,
  intervalMs: INTERVAL_MS,
  channels: [{ name: 'temperature', resolution: '0.1', min: -40, max: 85 }],
}

/** A profile with a bug planted in what is read of it: armed, it throws. */
function boobyTrapped(part: keyof DeviceProfile, trap: { armed: boolean }): DeviceProfile {
  return new Proxy(compileProfile(model), {
    get(target, name, receiver) {
      if (name === part && trap.armed) throw new TypeError(`planted in ${part}`)
      return Reflect.get(target, name, receiver)
    },
  })
}

/** Two devices side by side, one of them with a bug; the frames are the same in every run. */
function course(part: keyof DeviceProfile, goesWrong: boolean) {
  const random = mulberry(testSeed)
  const trap = { armed: false }
  const verdicts = new Map<string, Verdict[]>()
  const errors: string[] = []
  const events: [string, DeviceEvent][] = []
  const fleet = new Fleet(
    {
      profiles: new Map([
        ['trapped', boobyTrapped(part, trap)],
        ['well', compileProfile(model)],
      ]),
      devices: new Map([
        ['broken', 'trapped'],
        ['other', 'well'],
      ]),
      policy: { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
    },
    {
      onVerdict: (verdict) => {
        verdicts.set(verdict.device, [...(verdicts.get(verdict.device) ?? []), verdict])
      },
      onAccepted: () => {},
      onInternalError: (device, error) => errors.push(`${device}: ${String(error)}`),
    },
  )
  const encoders = new Map(
    ['broken', 'other'].map((id) => [id, new CompactEncoder({ channels: 1 })]),
  )
  for (let n = 0; n < 60; n++) {
    trap.armed = goesWrong && n >= 20 && n < 25
    for (const [id, encoder] of encoders) {
      const frame = encoder.encode([20 + Math.floor(random() * 9) / 10])
      fleet.accept(frameOf(frame, n * INTERVAL_MS, id))
    }
    const around = { mono: n * INTERVAL_MS + 1, wall: n * INTERVAL_MS + 1, clockSynced: true }
    fleet.sweep(
      around,
      () => ({ linkUp: true, lineNoisy: false }),
      (session, event) => events.push([session.id, event]),
    )
  }
  return { verdicts, errors, events, fleet }
}

describe('a bug that shows itself in the path of one device', () => {
  it.each(['shape', 'hasKeyframes'] as const)(
    'F-52: while it reads %s, is kept there: the other device says the same as without it',
    (part) => {
      const well = course(part, false)
      const wrong = course(part, true)
      expect(well.errors).toEqual([])
      expect(wrong.errors.length).toBeGreaterThanOrEqual(1)
      expect(new Set(wrong.errors)).toEqual(new Set([`broken: TypeError: planted in ${part}`]))
      expect(wrong.verdicts.get('other')).toEqual(well.verdicts.get('other'))
      const ofOther = ({ events }: typeof well) => events.filter(([id]) => id === 'other')
      expect(ofOther(wrong)).toEqual(ofOther(well))
      expect(wrong.verdicts.get('broken')).toHaveLength(60)
    },
  )

  it('F-52: opens the circuit of that device at once, and marks nothing good while it is open', () => {
    const { verdicts, fleet } = course('shape', true)
    const broken = verdicts.get('broken') ?? []
    const [first] = broken.slice(20)
    expect(first?.events.map(({ type }) => type)).toEqual(['internal_error', 'circuit_opened'])
    for (const verdict of broken.slice(20, 45)) {
      const said = verdict.kind === 'readings' ? verdict.quality : verdict.kind
      expect(['fault', 'skipped', 'uncertain', 'bad']).toContain(said)
    }
    expect(fleet.session('other')?.status()).toMatchObject({ health: 'healthy', circuit: 'closed' })
  })
})
