import type { Clock, Undo } from '../src/clock.js'
import type { SimulatedDevice } from './device.js'
import { DueQueue } from './due-queue.js'
import type { FleetMember } from './fleet-member.js'
import { type FleetStatistics, gatherStatistics } from './fleet-statistics.js'
import type { Link } from './links/index.js'

export interface FleetOptions {
  readonly clock: Clock
  /** The simulation's time when the fleet starts, Unix milliseconds: that which its devices were made with. */
  readonly startMs: number
  /** How many times faster than the clock everything goes. */
  readonly speed: number
}

// A process that was stopped for longer goes on where it stood: a device never sends faster than its interval.
const longestLagMs = 1000
// A device joins its network before it measures; where there is none it measures all the same.
const longestJoinMs = 3000

/** Runs devices on their links: one timer for all of them. */
export class Fleet {
  readonly members: readonly FleetMember[]
  /** The links of its members, each once. */
  readonly links: readonly Link[]
  readonly #clock: Clock
  readonly #speed: number
  readonly #byId: ReadonlyMap<string, SimulatedDevice>
  readonly #queue: DueQueue<{ readonly nextAt: number; readonly member: FleetMember }>
  #simulated: number
  #since = 0
  #wanted = false
  #running = false
  #cancel: Undo = () => {}

  constructor(members: readonly FleetMember[], { clock, startMs, speed }: FleetOptions) {
    this.members = members
    this.links = [...new Set(members.map(({ link }) => link))]
    this.#clock = clock
    this.#speed = speed
    this.#simulated = startMs
    this.#byId = new Map(members.map(({ device }) => [device.id, device]))
    this.#queue = new DueQueue(
      members.map((member) => ({
        member,
        get nextAt() {
          return member.device.nextAt
        },
      })),
    )
  }

  /** The simulation's time, Unix milliseconds; it stands still while the fleet is stopped. */
  get now(): number {
    if (!this.#running) return this.#simulated
    return this.#simulated + (this.#clock.mono() - this.#since) * this.#speed
  }

  /** Where a bridge finds each open link, by the link's id. */
  get addresses(): ReadonlyMap<string, string> {
    return new Map(
      this.links.flatMap(({ id, address }) => (address === undefined ? [] : [[id, address]])),
    )
  }

  statistics(): FleetStatistics {
    return gatherStatistics(this.members, this.links)
  }

  /**
   * Opens the links without sending anything yet, so that a bridge can be told where they are. Rejects where
   * the system does not let one open; then none stays open.
   */
  async open(): Promise<void> {
    try {
      await Promise.all(
        this.links.map((link) =>
          link.start((device, bytes) => void this.#byId.get(device)?.receive(bytes)),
        ),
      )
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Opens the links where that is not done yet, gives them a moment to connect, and runs the devices. */
  async start(): Promise<void> {
    this.#wanted = true
    await this.open()
    await this.#join()
    // It may have been stopped, or started a second time, while the links opened.
    if (!this.#wanted || this.#running) return
    this.#since = this.#clock.mono()
    this.#running = true
    this.#arm()
  }

  /** Resolves when nothing runs and every link is closed; the fleet may be started again. */
  async stop(): Promise<void> {
    this.#simulated = this.now
    this.#wanted = false
    this.#running = false
    this.#cancel()
    await Promise.all(this.links.map((link) => link.stop()))
  }

  #join(): Promise<void> {
    const joining = this.links.flatMap(({ ready }) => (ready ? [ready] : []))
    if (joining.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(longestJoinMs, resolve)
      void Promise.all(joining).then(() => {
        cancel()
        resolve()
      })
    })
  }

  #arm(): void {
    const first = this.#queue.first
    if (!first) return
    const wait = Math.max(0, (first.nextAt - this.now) / this.#speed)
    this.#cancel = this.#clock.setTimer(wait, () => this.#run())
  }

  #run(): void {
    this.#dropLag()
    const now = this.now
    for (;;) {
      const first = this.#queue.first
      if (!first || first.nextAt > now) break
      const { device, link } = first.member
      for (const { bytes } of device.step(now)) link.send(device.id, bytes)
      this.#queue.firstMoved()
    }
    this.#arm()
  }

  #dropLag(): void {
    const due = this.#queue.first?.nextAt ?? this.now
    if ((this.now - due) / this.#speed <= longestLagMs) return
    this.#simulated = due
    this.#since = this.#clock.mono()
  }
}
