import type { DelayMemory } from './delays.js'
import type { NumbersMemory } from './frame-numbers.js'
import type { FalseDeclaration } from './frame-reader.js'
import type { SideMemory } from './side-messages.js'
import type { StreamPosition } from './stream-position.js'
import type { SyncMemory } from './sync.js'

/** What a stream must not forget over a restart. */
export interface StreamMemory extends NumbersMemory {
  /** Null where nothing that was known holds. */
  readonly position: StreamPosition | null
  /** When the last frame came that was taken in, or an imported state was true; monotonic milliseconds. */
  readonly lastMono: number
  readonly observationsBefore: number
  /** Frames to come that may be of another encoder than those before them. */
  readonly estranged: number
  readonly lost: number
  readonly reboots: number
  readonly learnedMs: number
  /** Absent in states of an older version. */
  readonly delays?: DelayMemory
  readonly messages: SideMemory
  readonly recent: readonly number[]
  readonly channels: readonly (readonly number[])[]
  readonly sync: SyncMemory
  readonly falseDeclaration: FalseDeclaration | null
}
