import type { Clock } from '../clock.js'
import type { Journal } from '../journal/index.js'
import type { Log } from '../log.js'
import type { DroppedRange } from './drop-tally.js'

export interface DropNotesOptions {
  readonly journal: Pick<Journal, 'note'>
  readonly clock: Clock
  readonly log: Log
}

/** Puts into the journal what had to be dropped, so that whoever reads the readings hears of it. */
export class DropNotes {
  readonly #options: DropNotesOptions
  /** Frames that were refused and not named yet, by device. */
  readonly #refused = new Map<string, number>()

  constructor(options: DropNotesOptions) {
    this.#options = options
  }

  /** A frame is not taken in; `nameRefused` says so of all of them together. */
  refuse(device: string): void {
    this.#refused.set(device, (this.#refused.get(device) ?? 0) + 1)
  }

  nameRefused(): void {
    const refused = Array.from(this.#refused, ([device, count]) => ({ device, count }))
    this.#refused.clear()
    this.name(refused.map((one) => ({ ...one, fromKey: '', toKey: '' })))
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
