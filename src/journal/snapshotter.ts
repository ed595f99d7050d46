import type { Clock, Undo } from '../clock.js'
import { errorMessage } from './file-port.js'
import type { Snapshot } from './snapshot.js'
import type { SaveOutcome, SnapshotStore } from './snapshot-store.js'

export interface SnapshotterOptions {
  readonly store: SnapshotStore
  readonly clock: Clock
  readonly periodMs?: number
  /** Until the next attempt after one that failed: a disk that has space again shall not wait for a whole period. */
  readonly retryMs?: number
  /** The state of this very moment; the result belongs to the snapshotter. */
  readonly take: () => Snapshot
  /** Whether there is anything new to save; where there is not, a period goes by without wearing the disk. */
  readonly isNews?: () => boolean
  /** Up to which entry everything has settled. */
  readonly settled?: () => number
  /** Hears how every save went. */
  readonly onOutcome: (outcome: SaveOutcome) => void
}

const PERIOD_MS = 60_000
const RETRY_MS = 5_000
/** After a save that took a second it rests for nine: that of a large fleet is work for one core that frames need as well. */
const REST_FACTOR = 9

/** Saves a snapshot every period and at the end, one at a time. */
export class Snapshotter {
  readonly #options: SnapshotterOptions
  #undo: Undo = () => {}
  #running = false
  #busy = false
  #restUntil = Number.NEGATIVE_INFINITY
  #saving: Promise<unknown> = Promise.resolve()

  constructor(options: SnapshotterOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    this.#arm(this.#periodMs)
  }

  /** Saves once more, after the save that may be under way; resolves when that is done. */
  async stop(): Promise<void> {
    if (this.#running) {
      this.#running = false
      this.#undo()
      this.#saving = this.#saving.then(() => this.#save())
    }
    await this.#saving
  }

  /** Saves now, where no save is under way, or once it has rested. */
  saveSoon(): void {
    if (!this.#running || this.#busy) return
    this.#undo()
    const restMs = this.#restUntil - this.#options.clock.mono()
    if (restMs > 0) this.#arm(restMs)
    else this.#saving = this.#saveAndArm()
  }

  get #periodMs(): number {
    return this.#options.periodMs ?? PERIOD_MS
  }

  #arm(delayMs: number): void {
    const { clock, isNews } = this.#options
    this.#undo = clock.setTimer(delayMs, () => {
      if (isNews?.() === false) this.#arm(this.#periodMs)
      else this.#saving = this.#saveAndArm()
    })
  }

  async #saveAndArm(): Promise<void> {
    this.#busy = true
    const { clock, retryMs = RETRY_MS } = this.#options
    const began = clock.mono()
    const { ok } = await this.#save()
    this.#busy = false
    const ended = clock.mono()
    const restMs = ok ? REST_FACTOR * (ended - began) : 0
    this.#restUntil = ended + restMs
    const pauseMs = ok ? this.#periodMs : Math.min(retryMs, this.#periodMs)
    if (this.#running) this.#arm(Math.max(pauseMs, restMs))
  }

  async #save(): Promise<SaveOutcome> {
    const { store, take, settled, onOutcome } = this.#options
    let outcome: SaveOutcome
    try {
      outcome = await store.save(take(), settled?.())
    } catch (error) {
      // A device that cannot say its state must not end the bridge.
      const ordinal = store.newestOrdinal
      outcome = { ok: false, ordinal, code: 'ERR_SNAPSHOT_TAKE', message: errorMessage(error) }
    }
    onOutcome(outcome)
    return outcome
  }
}
