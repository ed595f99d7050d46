/** What the clock of the state store showed between two moments of ours; all in milliseconds. */
export interface TimeSample {
  readonly sentAt: number
  readonly storeTime: number
  readonly receivedAt: number
}

/** What a claim gives: the right to write a partition's states until somebody else claims it. */
export interface Claim {
  /** A number that grows with every claim, and who made it. */
  readonly token: string
  readonly time: TimeSample
}

export type StoreState =
  | { readonly kind: 'up' }
  | { readonly kind: 'away'; readonly code: string; readonly reason: string }

/** What of a device is kept: its id, and its state as text. */
export type KeptState = readonly [device: string, state: string]

/** A store that is there, or will be. */
export interface StoreLink {
  readonly state: StoreState
  /** Connects, and goes on trying until `stop`; `onState` hears of every change. */
  start(onState: (state: StoreState) => void): void
  stop(): Promise<void>
  /** What its clock shows. */
  time(): Promise<TimeSample>
}

/**
 * Where the states of all devices of a group are kept, by partition. Whoever has claimed a partition last may write it,
 * nobody else. Every call rejects where the store is away.
 */
export interface StateStore extends StoreLink {
  /** Says how many partitions the group has: what was said first. */
  partitions(wanted: number): Promise<number>
  /** Takes a partition over from whoever had it. */
  claim(partition: number): Promise<Claim>
  load(partition: number): Promise<readonly KeptState[]>
  /** Writes states, all or, where the claim does not hold any more, none. */
  write(partition: number, token: string, states: readonly KeptState[]): Promise<WriteOutcome>
  /** Holds on to a claim after the store was away; it may have lost what it was told last. */
  reclaim(partition: number, token: string): Promise<WriteOutcome>
}

export interface WriteOutcome {
  /** False: somebody else has claimed the partition. */
  readonly ours: boolean
  readonly time: TimeSample
}
