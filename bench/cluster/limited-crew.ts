import { cpus } from 'node:os'
import { pause } from '../../test/cluster/plant.js'
import { CpuQuota, type Throttling } from '../cpu-quota.js'
import { cpuMs, machineMs } from '../process-cost.js'
import type { Crew } from './crew.js'

/** What bridges carried while there was always more to carry. */
export interface QuotaWindow {
  readonly bridges: number
  readonly framesPerSecond: number
  /** Processor time of a frame, all bridges. */
  readonly usPerFrame: number
  /** How much of a processor each bridge had. */
  readonly processors: readonly number[]
  /** In what share of its quota's periods each bridge had more to do than that allows. */
  readonly busy: readonly number[]
  /** How much of the whole machine was in use, by us or anybody else. */
  readonly machine: number
  /** How much of a processor devices and consumer had. */
  readonly driver: number
  /** Frames that still waited at the end, of the bridge with the fewest. */
  readonly waiting: number
  /** What the busiest bridge carried of all. */
  readonly busiestShare: number
}

/** How far everything was at one moment. */
interface Look {
  readonly at: number
  readonly readings: number
  readonly bridges: readonly number[]
  readonly throttling: readonly Throttling[]
  readonly machine: number
  readonly driver: number
}

/** A bridge that has so many frames a second of a whole processor to carry does not run out of them. measured: 17 000. */
const MORE_THAN_ANYBODY = 25_000
/** While frames are brought together bridges have so little that they leave them where they are, and stay connected. */
const BRAKE = { share: 0.02, periodMs: 100 }
const SETTLE_MS = 3000
const PATIENCE_MS = 300_000

/** Bridges that get a share of a processor each, and all frames of their plant. */
export class LimitedCrew {
  readonly #crew: Crew
  readonly #quota: number
  readonly #quotas: readonly CpuQuota[]
  /** So many readings there are once everything is carried. */
  #end = 0

  constructor(crew: Crew, quota: number) {
    this.#crew = crew
    this.#quota = quota
    this.#quotas = crew.pids.map((pid) => new CpuQuota(pid, quota))
  }

  /** What the busiest bridge has of all devices, by who speaks of them. */
  get busiestShareOfDevices(): number {
    const { plant, ids } = this.#crew
    const speakers = plant.nodes.map(({ id }) => plant.speakerOf(id))
    return (
      Math.max(...ids.map((id) => speakers.filter((one) => one === id).length)) / speakers.length
    )
  }

  /** How far everything is, in words. */
  get progress(): string {
    return `${this.#crew.ids.length} bridges: ${this.#crew.plant.progress} of ${this.#end}`
  }

  /** Lets so many frames gather at the broker that nobody runs out of them while they are counted for so long. */
  async gather(ms: number): Promise<void> {
    const { plant, ids } = this.#crew
    const each = MORE_THAN_ANYBODY * this.#quota * ((SETTLE_MS + ms) / 1000)
    const rounds = Math.ceil((each * ids.length) / plant.nodes.length)
    for (const quota of this.#quotas) quota.set(BRAKE.share, BRAKE.periodMs)
    this.#end = plant.arrivals.length + rounds * plant.nodes.length
    await plant.send(rounds)
  }

  /** Counts for so long what becomes of them; then lets everything be carried that is left. */
  async count(ms: number): Promise<QuotaWindow> {
    this.#allow(this.#quota)
    await pause(SETTLE_MS)
    const from = this.#look()
    await pause(ms)
    const to = this.#look()
    this.#allow(1)
    await this.#crew.plant.observer.until(({ length }) => length >= this.#end, PATIENCE_MS)
    return this.#windowOf(from, to)
  }

  #windowOf(from: Look, to: Look): QuotaWindow {
    const { ids, pids } = this.#crew
    const took = to.at - from.at
    const frames = to.readings - from.readings
    const used = pids.map((_, n) => (to.bridges[n] ?? 0) - (from.bridges[n] ?? 0))
    return {
      bridges: ids.length,
      framesPerSecond: (frames / took) * 1000,
      usPerFrame: (used.reduce((sum, one) => sum + one, 0) / frames) * 1000,
      processors: used.map((one) => one / took),
      busy: to.throttling.map((one, n) => busyBetween(from.throttling[n], one)),
      machine: (to.machine - from.machine) / took / cpus().length,
      driver: (to.driver - from.driver) / took,
      waiting: Math.min(...this.#byBridge(to.readings, this.#end)),
      busiestShare: Math.max(...this.#byBridge(from.readings, to.readings)) / frames,
    }
  }

  /** How many of these readings are of the devices of each bridge. */
  #byBridge(first: number, end: number): readonly number[] {
    const { plant, ids } = this.#crew
    const counts = ids.map(() => 0)
    const places = new Map(
      plant.nodes.map(({ id }) => [id, ids.indexOf(plant.speakerOf(id) ?? '')]),
    )
    for (const { topic } of plant.observer.seen.slice(first, end)) {
      const place = places.get(topic.split('/')[1] ?? '') ?? -1
      if (place >= 0) counts[place] = (counts[place] ?? 0) + 1
    }
    return counts
  }

  async close(): Promise<void> {
    await this.#crew.plant.close()
    for (const quota of this.#quotas) quota.end()
  }

  #allow(share: number): void {
    for (const quota of this.#quotas) quota.set(share)
  }

  #look(): Look {
    return {
      at: performance.now(),
      readings: this.#crew.plant.arrivals.length,
      bridges: this.#crew.pids.map(cpuMs),
      throttling: this.#quotas.map((quota) => quota.throttling()),
      machine: machineMs(),
      driver: cpuMs(process.pid),
    }
  }
}

const busyBetween = (from: Throttling | undefined, to: Throttling): number =>
  (to.throttled - (from?.throttled ?? 0)) / (to.periods - (from?.periods ?? 0))
