import type { DeviceProfile } from './profile.js'
import type { SessionMemory } from './session-memory.js'

/** What is kept of a device on the disk: its session's memory, and under which model it was made. */
export interface KeptDevice extends SessionMemory {
  /** The profile's fingerprint. */
  readonly model: string
}

export const keepDevice = (profile: DeviceProfile, memory: SessionMemory): KeptDevice => ({
  ...memory,
  model: profile.fingerprint,
})

/** What `keepDevice` gave, as it comes back from the disk; the snapshot's checksum and the fingerprint vouch for it. */
export function keptMemory(
  profile: DeviceProfile,
  value: unknown,
): SessionMemory | 'nothing' | 'other-model' {
  const isKept = typeof value === 'object' && value !== null && 'model' in value && 'tally' in value
  if (!isKept) return 'nothing'
  return value.model === profile.fingerprint ? (value as KeptDevice) : 'other-model'
}
