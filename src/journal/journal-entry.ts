import type { Frame } from '../framing/index.js'

/** What the journal keeps, numbered from 1 on without gaps; times are those of the bridge's clock. */
export type JournalEntry = FrameEntry | StateEntry | DroppedEntry | OrderEntry

interface EntryPlace {
  readonly ordinal: number
  /** Monotonic milliseconds. */
  readonly mono: number
  /** Unix milliseconds. */
  readonly wall: number
}

/** A frame that came in. */
export interface FrameEntry extends EntryPlace {
  readonly kind: 'frame'
  readonly frame: Frame
}

/** A device's state was replaced from outside; what comes after it goes on from there. */
export interface StateEntry extends EntryPlace {
  readonly kind: 'state'
  readonly device: string
  /** JSON-like, as in a snapshot. */
  readonly state: unknown
}

/** Readings of one device that a limit dropped, so that somebody can be told. */
export interface DroppedEntry extends EntryPlace {
  readonly kind: 'dropped'
  readonly device: string
  /** `<epoch>/<seq>` of the first and the last; empty where the frames were not decoded. */
  readonly fromKey: string
  readonly toKey: string
  readonly count: number
  readonly reason: string
}

/** Something was done to the devices from outside: what comes after it is decoded accordingly. */
export interface OrderEntry extends EntryPlace {
  readonly kind: 'order'
  /** JSON-like. */
  readonly order: unknown
}

/** An entry before it has its place. */
export type NewEntry =
  | Omit<FrameEntry, 'ordinal'>
  | Omit<StateEntry, 'ordinal'>
  | Omit<DroppedEntry, 'ordinal'>
  | Omit<OrderEntry, 'ordinal'>
