import type { DeviceProfile } from './profile.js'
import type { SessionMemory } from './session-memory.js'

/** Of what is kept; another one cannot be read. */
const FORMAT = 2

/** What is kept of a device on the disk: its session's memory, and under which model it was made. */
export interface KeptDevice extends SessionMemory {
  readonly format: typeof FORMAT
  /** The profile's fingerprint. */
  readonly model: string
}

/** Takes over what the session has just made: nobody else may have it. */
export const keepDevice = (profile: DeviceProfile, memory: SessionMemory): KeptDevice =>
  // measured: spread into a new object it costs as much as all that it is made of.
  Object.assign(memory, { format: FORMAT, model: profile.fingerprint } as const)

/** What `keepDevice` gave, as it comes back from the disk; the snapshot's checksum and the fingerprint vouch for it. */
export function keptMemory(
  profile: DeviceProfile,
  value: unknown,
): SessionMemory | 'nothing' | 'other-model' {
  if (!isKept(value)) return 'nothing'
  const fits = value.format === FORMAT && value.model === profile.fingerprint
  return fits ? (value as KeptDevice) : 'other-model'
}

/** The last epoch of a device whose state is of no use any more: its readings' keys must not come again. */
export function keptEpoch(value: unknown): number {
  const stream = isKept(value) && 'stream' in value ? value.stream : undefined
  const epoch = typeof stream === 'object' && stream && 'epoch' in stream ? stream.epoch : undefined
  return Number.isSafeInteger(epoch) ? (epoch as number) : 0
}

const isKept = (value: unknown): value is { readonly format?: unknown; readonly model: unknown } =>
  typeof value === 'object' && value !== null && 'model' in value && 'tally' in value
