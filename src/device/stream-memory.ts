import type { FalseDeclaration } from './frame-reader.js'
import type { StreamPosition } from './stream-position.js'
import type { SyncMemory } from './sync.js'

/** What a stream must not forget over a restart. */
export interface StreamMemory {
  readonly epoch: number
  readonly seq: number
  readonly position: StreamPosition
  readonly observationsBefore: number
  readonly lost: number
  readonly reboots: number
  readonly learnedMs: number
  readonly recent: readonly number[]
  readonly channels: readonly (readonly number[])[]
  readonly sync: SyncMemory
  readonly falseDeclaration: FalseDeclaration | null
}
