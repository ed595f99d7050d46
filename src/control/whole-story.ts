import type { Clock } from '../clock.js'
import type { Fleet } from '../device/index.js'
import type { Journal } from '../journal/index.js'

export interface WholeStoryOptions {
  readonly journal: Journal
  readonly fleet: Fleet
  readonly clock: Clock
  /** Says first which plan the devices are under. */
  readonly orderPlan: () => void
  /** Takes in what was held while it was told. */
  readonly release: () => void
}

/** So many devices take a few milliseconds. */
const DEVICES_IN_A_ROW = 100

/**
 * Tells the journal what the live fleet knows, where entries were lost to a failing disk. Bit by bit, as that of a large
 * fleet takes seconds; what comes meanwhile is held, for it must stand behind what it is decoded from.
 */
export class WholeStory {
  readonly #options: WholeStoryOptions
  #nth = 0
  #isTelling = false
  #telling: Promise<void> = Promise.resolve()

  constructor(options: WholeStoryOptions) {
    this.#options = options
  }

  /** Whether what comes has to wait. */
  get isTelling(): boolean {
    return this.#isTelling
  }

  /** Resolves once all is in the journal, or the disk fails again; one that is not finished gives way to the next. */
  tell(): Promise<void> {
    const nth = ++this.#nth
    this.#isTelling = true
    this.#telling = this.#telling.then(() => this.#tell(nth))
    return this.#telling
  }

  /** Resolves once nothing is left to be told. */
  async finish(): Promise<void> {
    while (this.#isTelling) await this.#telling
  }

  async #tell(nth: number): Promise<void> {
    const { journal, fleet, clock, orderPlan, release } = this.#options
    const times = { mono: clock.mono(), wall: clock.wall() }
    orderPlan()
    const devices = fleet.picture()
    let told = 0
    for (const [device, state] of devices) {
      if (nth !== this.#nth) break
      journal.note({ kind: 'state', device, state, ...times })
      // A disk that fails again is not waited for: where it takes too long, all this is told once more.
      if (++told % DEVICES_IN_A_ROW === 0 && journal.state.kind === 'working') await journal.flush()
    }
    devices.end()
    if (nth !== this.#nth) return
    this.#isTelling = false
    release()
  }
}
