import type { KeptState, StoreLink, TimeSample } from './state-store.js'

/** Asks for a topic, for its frames are there. */
export interface LaneClaim {
  readonly topic: string
  /** The claim that we have; empty where we have none. */
  readonly token: string
  /** Whether whoever has the topic may first finish what he has of it. */
  readonly patient: boolean
}

/**
 * - ours: the claim holds, and nobody else gets the topic for a while.
 * - busy: somebody else has it; it may be asked for again after so many milliseconds.
 * - taken: it is ours from now on, and its devices stand here.
 */
export type LaneAnswer =
  | { readonly kind: 'ours' }
  | { readonly kind: 'busy'; readonly waitMs: number }
  | { readonly kind: 'taken'; readonly token: string; readonly states: readonly KeptState[] }

export interface LaneWrite {
  readonly topic: string
  readonly token: string
  readonly states: readonly KeptState[]
  /** Nothing is known of it: the claim is given up, and no trace of the topic stays. */
  readonly forget?: boolean
}

/**
 * Where the states of all devices of a group are kept, by the topic that their frames come by. Whoever has claimed a topic
 * last may write it, nobody else. Every call rejects where the store is away; what is asked in one call is done at once.
 */
export interface LaneStore extends StoreLink {
  /** Says that the group has no partitions; 0 where nobody has said otherwise before. */
  partitions(): Promise<number>
  /** Answers in the order of the claims. */
  claim(
    claims: readonly LaneClaim[],
  ): Promise<{ readonly answers: readonly LaneAnswer[]; readonly time: TimeSample }>
  /** Whether each was still ours; what was not is not written. */
  write(
    writes: readonly LaneWrite[],
  ): Promise<{ readonly ours: readonly boolean[]; readonly time: TimeSample }>
  /** The claims that hold of these topics. */
  tokens(topics: readonly string[]): Promise<readonly (string | undefined)[]>
  /** Nothing of these is on its way any more: whoever wants them need not wait. */
  release(lanes: readonly { readonly topic: string; readonly token: string }[]): Promise<void>
}
