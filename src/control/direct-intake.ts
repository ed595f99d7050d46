import type { DeviceSession, Fleet, FleetOrder, Moment, Verdict } from '../device/index.js'
import type { Frame } from '../framing/index.js'
import type { Log } from '../log.js'
import type { Publication } from '../outputs/index.js'
import type { HealthCheckable } from '../resilience/index.js'
import type { Intake } from './intake.js'
import type { OnObeyed } from './orders.js'
import { Settlement } from './settlement.js'

export interface DirectIntakeOptions {
  readonly fleet: Fleet
  readonly publish: (publication: Publication, settled?: () => void) => void
  readonly words: (verdict: Verdict, session: DeviceSession) => readonly Publication[]
  readonly aside: (verdict: Verdict, session: DeviceSession) => void
  /**
   * Whether a frame is safe only when its readings have reached the broker (`durability: end-to-end`), so that who
   * sent it keeps it until then; else it is taken as it comes.
   */
  readonly endToEnd: boolean
  readonly now: () => Moment
  readonly log: Log
}

/** No journal: frames go straight to the fleet, and what waits for the broker waits in memory. */
export class DirectIntake implements Intake {
  readonly checkables: readonly HealthCheckable[] = []
  readonly #options: DirectIntakeOptions
  readonly #settlement = new Settlement(0, (ordinal) => this.#release(ordinal))
  /** What the doors wait for, by frame. */
  readonly #taken = new Map<number, () => void>()
  #ordinal = 0

  constructor(options: DirectIntakeOptions) {
    this.#options = options
  }

  start(): Promise<void> {
    return Promise.resolve()
  }

  accept(frame: Frame, taken?: () => void): boolean {
    const { fleet, endToEnd } = this.#options
    if (!fleet.admits(frame)) {
      taken?.()
      return false
    }
    if (!endToEnd || !taken) {
      taken?.()
      fleet.accept(frame)
      return true
    }
    const ordinal = ++this.#ordinal
    this.#taken.set(ordinal, taken)
    this.#settlement.begin(ordinal)
    this.#settlement.end(ordinal, fleet.accept({ ...frame, ordinal }))
    return true
  }

  verdict(verdict: Verdict, session: DeviceSession): void {
    const { words, aside, publish } = this.#options
    aside(verdict, session)
    const publications = words(verdict, session)
    const { ordinal } = verdict.frame
    const settled =
      ordinal === undefined ? undefined : this.#settlement.verdict(ordinal, publications.length)
    for (const publication of publications) publish(publication, settled)
  }

  order(order: FleetOrder, done?: OnObeyed): void {
    const { fleet, now } = this.#options
    const outcome = fleet.obey(order, now())
    done?.(outcome)
  }

  obeyed(): void {}

  roomMade(): void {}

  outletLost(): void {}

  gaveUp({ topic }: Publication, reason: string): void {
    this.#options.log.error({ topic, reason }, 'publication given up')
  }

  sweep(): void {
    this.#options.fleet.release(this.#options.now().mono)
  }

  fill(): number {
    return Number.NaN
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Everything up to here has reached the broker. */
  #release(upTo: number): void {
    for (const [ordinal, taken] of this.#taken) {
      if (ordinal > upTo) return
      this.#taken.delete(ordinal)
      taken()
    }
  }
}
