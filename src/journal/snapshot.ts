/** All devices' states at one moment. */
export interface Snapshot {
  /** The journal's entry that it stands after; a whole number from 0 on. */
  readonly ordinal: number
  /** When it was taken: monotonic milliseconds of the bridge's clock, … */
  readonly mono: number
  /** … and Unix milliseconds. */
  readonly wall: number
  /** Epochs of devices of which nothing is known begin behind this: greater than any before a loss of state. */
  readonly epochBase?: number
  /** What the devices were then, JSON-like; absent in those of an older version. */
  readonly plan?: unknown
  /** By device id; JSON-like values that may hold NaN, ±∞ and −0. They may be made or read only when they are asked for. */
  readonly devices: Iterable<readonly [device: string, state: unknown]>
  /** To be called once nobody asks for its devices any more. */
  readonly done?: () => void
}

/** Why a file is not used. */
export type Damage =
  | 'unreadable'
  | 'empty'
  | 'bad-header'
  | 'other-format'
  | 'wrong-length'
  | 'bad-checksum'
  | 'bad-content'

/** What reading a snapshot's bytes led to. */
export type DecodedSnapshot =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly damage: Damage; readonly message: string }
