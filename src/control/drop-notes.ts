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

/** Frames of a device that were refused. */
interface Refused {
  /** Named for certain. */
  safe: number
  /** In notes that are on their way to the disk. */
  naming: number
  unnamed: number
}

/** Puts into the journal what had to be dropped, so that whoever reads the readings hears of it. */
export class DropNotes {
  readonly #options: DropNotesOptions
  /** By device, since there was no room. */
  readonly #refused = new Map<string, Refused>()
  /** Refused and named, and not in the log yet. */
  #unsaid: DroppedRange[] = []
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

  /**
   * A frame is not taken in. `taken` comes at once where what the journal names for certain bears one more that is not
   * named, else with the note that names it. Of what cannot be sent again nobody has to be told before `nameRefused`.
   */
  refuse(device: string, taken?: () => void): void {
    const counts = this.#refused.get(device) ?? { safe: 0, naming: 0, unnamed: 0 }
    this.#refused.set(device, counts)
    counts.unnamed++
    if (!taken) return
    if (NAMED_SHARE * (counts.unnamed + counts.naming) < counts.safe) taken()
    else this.#nameRefusedOf(device, counts, taken)
  }

  /**
   * Names what was refused: all of it where the time of that `isOver`, else what is the first, or more than a small share of
   * what is named already. Logs all that was named since the last time.
   */
  nameRefused(isOver: boolean): void {
    for (const [device, counts] of this.#refused) {
      const { safe, naming, unnamed } = counts
      if (unnamed > 0 && (isOver || NAMED_SHARE * unnamed >= safe + naming))
        this.#nameRefusedOf(device, counts)
    }
    if (isOver) this.#refused.clear()
    this.#log(this.#unsaid)
    this.#unsaid = []
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
    for (const range of ranges) this.#note(range)
    this.#log(ranges)
  }

  #nameRefusedOf(device: string, counts: Refused, taken?: () => void): void {
    const { unnamed: count } = counts
    const range = { device, count, fromKey: '', toKey: '' }
    counts.unnamed = 0
    counts.naming += count
    this.#unsaid.push(range)
    this.#note(range, () => {
      counts.naming -= count
      counts.safe += count
      taken?.()
    })
  }

  #note(range: DroppedRange, taken?: () => void): void {
    const { journal, clock } = this.#options
    const times = { mono: clock.mono(), wall: clock.wall() }
    journal.note({ kind: 'dropped', reason: 'journal-full', ...range, ...times }, taken)
  }

  #log(ranges: readonly DroppedRange[]): void {
    if (ranges.length === 0) return
    const readings = ranges.reduce((sum, { count }) => sum + count, 0)
    const devices = new Set(ranges.map(({ device }) => device)).size
    this.#options.log.warn({ readings, devices }, 'the journal is full: readings dropped')
  }
}
