import type { Clock } from '../clock.js'
import type { Journal } from '../journal/index.js'
import type { Log } from '../log.js'
import type { DroppedRange } from './drop-tally.js'

export interface DropNotesOptions {
  readonly journal: Pick<Journal, 'note' | 'flush' | 'state' | 'counters'>
  readonly clock: Clock
  readonly log: Log
}

/** After a start nothing is dropped before the broker had the time to take us. */
const NO_DROPS_MS = 10_000

/**
 * So many times what is not named yet is named for certain: a crash leaves a tenth of what was refused unnamed at most. A note
 * as often as frames come would fill the journal as they would; of a million it takes a hundred and twenty.
 */
const NAMED_SHARE = 9

/** Puts into the journal what had to be dropped, so that whoever reads the readings hears of it. */
export class DropNotes {
  readonly #options: DropNotesOptions
  /** Frames of each device that were refused since there was no room, those that are named and those that are not yet. */
  readonly #refused = new Map<string, { named: number; unnamed: number }>()

  #wake: () => void = () => {}
  #stopped = false
  #dropsFrom = Number.POSITIVE_INFINITY

  constructor(options: DropNotesOptions) {
    this.#options = options
  }

  start(): void {
    this.#dropsFrom = this.#options.clock.mono() + NO_DROPS_MS
  }

  /** Whether dropping makes room yet: while the disk fails the journal keeps all. */
  get makesRoom(): boolean {
    const { journal, clock } = this.#options
    return journal.state.kind === 'working' && clock.mono() >= this.#dropsFrom
  }

  /** A frame is not taken in; `nameRefused` says so of all of them together. */
  refuse(device: string): void {
    const counts = this.#refused.get(device)
    if (counts) counts.unnamed++
    else this.#refused.set(device, { named: 0, unnamed: 1 })
  }

  /**
   * Names what was refused: all of it where the time of that `isOver`, else what is the first, or more than a small share of
   * what is named already.
   */
  nameRefused(isOver: boolean): void {
    if (this.#refused.size === 0) return
    const due: DroppedRange[] = []
    for (const [device, counts] of this.#refused) {
      const { named, unnamed } = counts
      if (unnamed === 0 || (NAMED_SHARE * unnamed < named && !isOver)) continue
      due.push({ device, count: unnamed, fromKey: '', toKey: '' })
      counts.named += unnamed
      counts.unnamed = 0
    }
    if (isOver) this.#refused.clear()
    this.name(due)
  }

  /**
   * Names what was dropped; resolves when that is safe, and not while the disk fails: what counts as settled must not be
   * missing unnamed after a crash.
   */
  async nameForGood(ranges: readonly DroppedRange[]): Promise<void> {
    const { journal } = this.#options
    for (;;) {
      const { unjournaled } = journal.counters()
      this.name(ranges)
      await journal.flush()
      while (journal.state.kind === 'failing' && !this.#stopped) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        await journal.flush()
      }
      // Where memory had not enough room until the disk worked again, the notes were given up as well.
      if (journal.counters().unjournaled === unjournaled || this.#stopped) return
    }
  }

  /** The disk works again. */
  wake(): void {
    this.#wake()
  }

  /** Nobody waits for the disk any more. */
  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  name(ranges: readonly DroppedRange[]): void {
    const { journal, clock, log } = this.#options
    if (ranges.length === 0) return
    const times = { mono: clock.mono(), wall: clock.wall() }
    for (const range of ranges) {
      journal.note({ kind: 'dropped', reason: 'journal-full', ...range, ...times })
    }
    const count = ranges.reduce((sum, range) => sum + range.count, 0)
    log.warn({ readings: count, devices: ranges.length }, 'the journal is full: readings dropped')
  }
}
