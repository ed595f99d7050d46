import type { Circuit } from '../resilience/index.js'
import type { HeldMemory } from './reorder-window.js'
import type { StreamMemory } from './stream-memory.js'
import type { TallyMemory } from './tally.js'

/** What a restart must not forget of a device. Times are the bridge's monotonic milliseconds, which go on over restarts. */
export interface SessionMemory {
  readonly stream: StreamMemory
  /** Frames that wait for their turn. */
  readonly held: readonly HeldMemory[]
  readonly circuit: Circuit
  readonly tally: TallyMemory
  /** Frames of the wrong shape in a row. */
  readonly misshapen: number
  /** Frames in a row that were taken for damaged, on a line without a checksum; absent where none were. */
  readonly refused?: number
  /** Its place among the others of its model; absent where they are not held against each other. */
  readonly peer?: readonly number[]
  /** The door of its last frame; empty before the first. */
  readonly source: string
  /** When the last frame came; `lastSeen` in Unix milliseconds, null where nothing was heard yet. */
  readonly lastMono: number
  readonly lastSeen: number | null
}

/**
 * A memory with what hardly any device has.
 * measured: spread in among its other parts, these two cost as much as all of them, for every device.
 */
export function withRareParts(
  refused: number,
  peer: readonly number[] | undefined,
  memory: Omit<SessionMemory, 'refused' | 'peer'>,
): SessionMemory {
  if (refused === 0 && peer === undefined) return memory
  return { ...memory, ...(refused > 0 && { refused }), ...(peer && { peer }) }
}
