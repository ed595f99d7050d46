import type { Frame, UnreadFrame } from '../framing/frame.js'
import type { Absence, HealthCheckable } from '../resilience/index.js'

/** A door's state; `away` says why, and the door keeps trying for ever. */
export type SourceState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'opening' }
  | {
      readonly kind: 'open'
      readonly since: number
      /** The broker has forgotten us: what came while we were away is lost. */
      readonly sessionLost?: true
    }
  | {
      readonly kind: 'away'
      readonly since: number
      readonly code: string
      readonly reason: string
      readonly attempts: number
    }

/** Every byte that came in is in exactly one frame or one discard reason (`reliability.md` I3). */
export interface SourceCounters {
  readonly bytesIn: number
  /** Frames passed on; with the whole ones among `rejected` all that came. */
  readonly framesIn: number
  readonly bytesInFrames: number
  /** Bytes thrown away, by reason. */
  readonly discardedBytes: Readonly<Record<string, number>>
  /** Whole frames or messages refused, by reason. */
  readonly rejected: Readonly<Record<string, number>>
  readonly opened: number
  readonly downlinksSent: number
  readonly downlinksRefused: number
  /** Of those sent: the door closed before the system had taken them. */
  readonly downlinksLost: number
}

export interface SourceHandlers {
  /**
   * `taken` comes once, when the frame is safe or was finally refused: from then on the door may acknowledge it.
   * Doors that acknowledge nothing pass none. `again`: it may have come before, and the acknowledgement was lost.
   * Returns whether it came in: not where it comes too fast, or nobody knows it.
   */
  onFrame(frame: Frame, taken?: () => void, again?: boolean): boolean
  /**
   * Whether a frame of this device comes too fast, whatever it says; then it is counted as that, and gone. A door may ask
   * before it makes a frame, or leave that to `onFrame`.
   */
  refuses?(device: string, frame: UnreadFrame): boolean
  onState(state: SourceState): void
  /** A frame from an id that this door has no mapping for (an address, or a topic segment that is no valid id). */
  onUnknown(id: string, reason: string): void
  /** Comes before the first frame of a sender that kept what it had while it could not reach this door. */
  onBack?(absence: Absence): void
}

export type SendOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** A door that frames come in by, and that downlinks go out by. */
export interface Source extends HealthCheckable {
  /** Stable, e.g. `serial:/dev/ttyUSB0`, `mqtt:alec/{device}/frame`. */
  readonly id: string
  readonly state: SourceState
  /** Why most of what comes is no frame, in words; undefined where that is not so, absent where no noise can come. */
  readonly noise?: string | undefined
  /** Begins to open and goes on trying until `stop`; safe to call twice. */
  start(handlers: SourceHandlers): void
  /** Resolves when the door is closed and no handler will be called again; safe to call twice. */
  stop(): Promise<void>
  /** True where a downlink to this device would leave by this door. */
  serves(device: string): boolean
  /** Sends a downlink now, or refuses: nothing is kept for later. */
  send(device: string, bytes: Uint8Array): SendOutcome
  counters(): SourceCounters
}
