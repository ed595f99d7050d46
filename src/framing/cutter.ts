/** Why no more bytes come for now: the line went quiet, or what follows may begin anywhere. */
export type FlushReason = 'idle' | 'closed'

/** Cuts one kind of framing; `Framer` describes what each member does. */
export interface Cutter {
  readonly pending: number
  readonly syncing: boolean
  push(chunk: Uint8Array): void
  flush(reason: FlushReason): void
}
