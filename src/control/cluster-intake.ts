import type { KeptState, PartitionKeeper, Step, TakenState } from '../cluster/index.js'
import type { DeviceSession, Fleet, FleetOrder, Verdict } from '../device/index.js'
import type { Frame } from '../framing/index.js'
import { printExact } from '../journal/index.js'
import type { Log } from '../log.js'
import type { Publication } from '../outputs/index.js'
import { absenceOf, type HealthCheckable } from '../resilience/index.js'
import { IN_A_CLUSTER } from './in-a-cluster.js'
import type { Intake } from './intake.js'
import type { OnObeyed } from './orders.js'

/** What the intake needs of the cluster. */
export interface SharedPartitions extends HealthCheckable {
  readonly step: Step | undefined
  begin(partition: number): Step | undefined
  /** Absent where partitions are known by their numbers; else each is a topic. */
  topicOf?(partition: number): string | undefined
  start(keeper: PartitionKeeper): void
  stop(): Promise<void>
}

export interface ClusterIntakeOptions {
  readonly cluster: SharedPartitions
  readonly fleet: Fleet
  readonly publish: (publication: Publication, settled: () => void) => void
  /** Takes back what waits to be published and would settle these. */
  readonly withdraw: (unwanted: ReadonlySet<() => void>) => void
  readonly words: (verdict: Verdict, session: DeviceSession) => readonly Publication[]
  readonly aside: (verdict: Verdict, session: DeviceSession) => void
  /** A device is somebody else's from now on: nothing more is said of it here. */
  readonly forget: (device: string) => void
  /** The doors that frames come by. */
  readonly sources: readonly { readonly id: string }[]
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly log: Log
}

/**
 * Frames are safe at the broker of the cluster until their readings are published and their devices' states are in the
 * store that the bridges share: then they are acknowledged, in that order.
 */
export class ClusterIntake implements Intake, PartitionKeeper {
  readonly checkables: readonly HealthCheckable[]
  readonly #options: ClusterIntakeOptions
  /** Partition → its devices that have been heard of. */
  readonly #devices = new Map<number, Set<string>>()
  readonly #partitions = new Map<string, number>()
  /** Partition → what settles the publications of its devices that are on their way. */
  readonly #underWay = new Map<number, Set<() => void>>()
  /** The step that verdicts belong to. */
  #step: Step | undefined
  /** While time lets frames go that were held for their order: a step for each of their devices. */
  #released: Map<string, Step> | undefined
  readonly #owned = new Set<number>()
  /** What the log says that is ours. */
  #told = ''

  constructor(options: ClusterIntakeOptions) {
    this.#options = options
    this.checkables = [options.cluster]
  }

  start(): Promise<void> {
    this.#options.cluster.start(this)
    return Promise.resolve()
  }

  accept(frame: Frame, taken?: () => void): boolean {
    const { fleet, cluster } = this.#options
    const { step } = cluster
    // Without a step it comes by no partition, and nobody else could go on with its device.
    if (!step || !fleet.admits(frame)) {
      taken?.()
      return false
    }
    this.#step = step
    fleet.accept(frame)
    this.#step = undefined
    for (const device of fleet.devicesOf(frame)) {
      this.#belongs(device, step.partition)
      this.#keep(device, step)
    }
    taken?.()
    return true
  }

  /** What is done to a device here would be undone by whoever goes on with it. */
  order(_order: FleetOrder, done?: OnObeyed): void {
    done?.({ ok: false, problems: [IN_A_CLUSTER] })
  }

  obeyed(): void {}

  verdict(verdict: Verdict, session: DeviceSession): void {
    const { words, aside, publish } = this.#options
    aside(verdict, session)
    const step = this.#step ?? this.#releaseStep(session.id)
    const publications = words(verdict, session)
    // A step that its partition has lost is nobody's: what it says another bridge says, too.
    if (step) for (const publication of publications) publish(publication, this.#settling(step))
  }

  onClaimed(partition: number, states: readonly TakenState[]): void {
    const { fleet, log, sources, now } = this.#options
    const forgotten: string[] = []
    for (const { device, state, shift } of states) {
      if (!fleet.restoreDevice(device, state, shift)) forgotten.push(device)
      if (fleet.session(device)) this.#belongs(device, partition)
    }
    // Its frames have waited while nobody had it: what comes now is no flood.
    for (const { id } of sources) fleet.welcome(id, absenceOf(undefined, now()))
    this.#owned.add(partition)
    if (forgotten.length === 0) return
    const message = 'the model has changed: what was known of these devices does not hold'
    log.info({ devices: forgotten }, message)
  }

  onLost(partition: number): void {
    const { fleet, forget, withdraw } = this.#options
    const devices = this.#devices.get(partition) ?? new Set()
    this.#devices.delete(partition)
    // Before the broker is back the new owner may have said much more.
    withdraw(this.#underWay.get(partition) ?? new Set())
    this.#underWay.delete(partition)
    for (const device of devices) {
      this.#partitions.delete(device)
      fleet.forget(device)
      forget(device)
    }
    this.#owned.delete(partition)
  }

  statesOf(partition: number): readonly KeptState[] {
    const { fleet } = this.#options
    const devices = this.#devices.get(partition) ?? []
    return Array.from(devices, (device) => [device, printExact(fleet.saveDevice(device))] as const)
  }

  roomMade(): void {}

  outletLost(): void {}

  gaveUp({ topic }: Publication, reason: string): void {
    this.#options.log.error({ topic, reason }, 'publication given up')
  }

  sweep(): void {
    this.#tell()
    const released = new Map<string, Step>()
    this.#released = released
    this.#options.fleet.release(this.#options.now())
    this.#released = undefined
    for (const [device, step] of released) {
      this.#keep(device, step)
      step.taken()
    }
  }

  fill(): number {
    return Number.NaN
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.#tell()
    await this.#options.cluster.stop()
  }

  /** Says which partitions are ours, where that has changed. */
  #tell(): void {
    // As many as there are devices, and told one by one when they are used.
    if (this.#options.cluster.topicOf) return
    const owned = [...this.#owned].sort((a, b) => a - b)
    if (this.#told === owned.join()) return
    this.#told = owned.join()
    this.#options.log.info({ owned, devices: this.#options.fleet.size }, 'partitions are ours')
  }

  /** Holds the step until a publication has arrived. */
  #settling(step: Step): () => void {
    const settle = step.hold()
    const known = this.#underWay.get(step.partition)
    const underWay = known ?? new Set()
    if (!known) this.#underWay.set(step.partition, underWay)
    const settled = () => {
      underWay.delete(settled)
      settle()
    }
    underWay.add(settled)
    return settled
  }

  #keep(device: string, step: Step): void {
    const state = this.#options.fleet.saveDevice(device)
    if (state !== undefined) step.keep(device, printExact(state))
  }

  #belongs(device: string, partition: number): void {
    const before = this.#partitions.get(device)
    if (before === partition) return
    if (before !== undefined) {
      this.#devices.get(before)?.delete(device)
      const { cluster, log } = this.#options
      const partitions = [before, partition].map((each) => cluster.topicOf?.(each) ?? each)
      log.error({ device, partitions }, 'a device comes by two ways: all its frames need one topic')
    }
    this.#partitions.set(device, partition)
    const devices = this.#devices.get(partition)
    if (devices) devices.add(device)
    else this.#devices.set(partition, new Set([device]))
  }

  #releaseStep(device: string): Step | undefined {
    const known = this.#released?.get(device)
    if (known || !this.#released) return known
    const partition = this.#partitions.get(device)
    const step = partition === undefined ? undefined : this.#options.cluster.begin(partition)
    if (step) this.#released.set(device, step)
    return step
  }
}
