/** The timed part: does all of the work once and returns how many units of it that were; throws where a result is wrong. */
export type Work = () => number | Promise<number>

/** One thing whose speed is measured, in units a second. */
export interface Course {
  readonly name: string
  /** What one run does, for people. */
  readonly does: string
  readonly unit: string
  /** Slower than this is a failure on any machine. */
  readonly floor?: number
  /** What it should reach on two shared cores of a server. */
  readonly target?: number
  /** All that is not timed; `share` of the whole work is enough. */
  prepare(share: number): Work | Promise<Work>
}

/** Two courses over the same input: how many times longer the work takes than what it is compared with. */
export interface Comparison {
  readonly name: string
  readonly does: string
  /** A greater ratio is a failure: generous, so that only a change of kind goes over it. */
  readonly most: number
  prepare(share: number): Promise<Compared> | Compared
}

export interface Compared {
  readonly work: Work
  readonly baseline: Work
}

/** So many of `whole` units as the share asks for, and one at least. */
export const portion = (whole: number, share: number): number =>
  Math.max(1, Math.round(whole * share))
