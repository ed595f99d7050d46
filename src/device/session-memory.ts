import type { CircuitMemory } from './circuit-guard.js'
import type { StreamMemory } from './stream-memory.js'
import type { TallyMemory } from './tally.js'

/** What a restart must not forget of a device. */
export interface SessionMemory {
  readonly stream: StreamMemory | null
  readonly circuit: CircuitMemory
  readonly tally: TallyMemory
  /** Unix milliseconds; null where nothing was heard yet. */
  readonly lastSeen: number | null
}

/**
 * For how long nothing was heard of the device, and of what its stream goes on from, in milliseconds. Where the
 * wall clock has gone back or was not set, nobody knows: then it was long.
 */
export function unheardMs(
  { lastSeen, stream }: SessionMemory,
  wall: number,
  clockSynced: boolean,
): { readonly device: number; readonly stream: number } {
  const since = (then: number | null): number => {
    const away = then === null ? 0 : wall - then
    return clockSynced && away >= 0 ? away : Number.POSITIVE_INFINITY
  }
  // An imported state is as old as it is, whenever the device was heard last.
  const known = stream?.position.sequence === null ? stream.position.importedAt : lastSeen
  return { device: since(lastSeen), stream: since(known) }
}
