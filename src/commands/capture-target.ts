import type { CaptureTarget } from '../capture/index.js'
import type { Undo } from '../clock.js'

/** A file to capture into, or standard output. */
export interface OpenedTarget {
  readonly target: CaptureTarget
  /** As people know it. */
  readonly name: string
  /** Why frames are missed where they come faster than it takes them. */
  readonly slowness: string
  /** Nothing more comes: what waits is written soon, or given up. Returns its undo. */
  hurry(): Undo
  /** Takes it away again; nothing that was there before. */
  discard(): Promise<void>
}
