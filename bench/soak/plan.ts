import {
  type FaultRates,
  type NodeSpec,
  type SensorKindName,
  sensorKinds,
} from '../../firmware-sim/index.js'
import type { Course } from './course.js'

export interface Profile {
  readonly name: string
  readonly frames: NodeSpec['frames']
  readonly encoder: NodeSpec['profile']
  readonly suppresses?: boolean
}

export const profiles: readonly Profile[] = [
  { name: 'compact, open loop', frames: 'compact', encoder: 'alec-1.3' },
  { name: 'compact, closed loop', frames: 'compact', encoder: 'closed-loop' },
  { name: 'standard, one value', frames: 'standard', encoder: 'alec-1.3' },
  { name: 'standard, suppressing', frames: 'standard', encoder: 'alec-1.3', suppresses: true },
  { name: 'standard, adaptive multi', frames: 'adaptive-multi', encoder: 'alec-1.3' },
]

export const lossRates: readonly number[] = [0, 0.001, 0.01, 0.05, 0.2]

/** What goes wrong beside losses; a course takes one of these. */
const mixes: readonly (Partial<FaultRates> &
  Pick<Partial<Course>, 'missedAtStart' | 'restarts'>)[] = [
  {},
  { duplicates: 0.01, reorders: 0.01, displacement: 1 },
  { reboots: 0.002, bootLoss: 10 },
  { missedAtStart: 777 },
  { missedAtStart: 1 },
  { bitErrors: 1e-4 },
  { notFinite: 5e-5 },
  { restarts: 0.005 },
  {
    duplicates: 0.01,
    reorders: 0.01,
    displacement: 3,
    reboots: 0.001,
    bootLoss: 10,
    notFinite: 2e-5,
    bitErrors: 1e-5,
    missedAtStart: 31,
    restarts: 0.001,
  },
]

/** Every second round has losses only: what the shares of good readings are measured under. */
export const mixOf = (round: number): number =>
  round % 2 === 0 ? 0 : 1 + (((round - 1) / 2) % (mixes.length - 1))

const FRAMES_PER_COURSE = 5000

/** All cells of a round have the same sensors, so that loss rates and profiles can be compared. */
export function courseOf(
  profile: Profile,
  loss: number,
  downlinks: boolean,
  round: number,
  seed: number,
): Course {
  const { missedAtStart = 0, restarts = 0, ...rates } = mixes[mixOf(round)] ?? {}
  const kinds = Object.keys(sensorKinds) as SensorKindName[]
  const device = Math.floor(round / 2)
  const count = 1 + (device % (profile.frames === 'standard' ? 2 : 4))
  const channels = Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    kind: sensorKinds[kinds[(device + 2 * i) % kinds.length] ?? 'temperature'],
    source: i + 1,
  }))
  return {
    seed,
    frames: FRAMES_PER_COURSE,
    missedAtStart,
    restarts,
    downlinks,
    rates: { ...rates, loss },
    node: {
      id: `node-${seed}`,
      frames: profile.frames,
      profile: profile.encoder,
      suppresses: profile.suppresses ?? false,
      channels,
      keyframeInterval: 50,
      scale: 100,
      checksum: profile.frames !== 'compact' && device % 2 === 0,
      intervalMs: 60_000,
      timeLapse: 1,
    },
  }
}

/** Declarations that are not true: each must be found out, and what passed for good until then is counted. */
export const falseDeclarations: readonly {
  readonly name: string
  readonly declare: NonNullable<Course['declare']>
}[] = [
  { name: 'resolution 10 times too coarse', declare: { resolution: '5' } },
  { name: 'range too narrow', declare: { min: 20, max: 21 } },
  { name: 'max_step too small', declare: { maxStep: 1e-6 } },
]
