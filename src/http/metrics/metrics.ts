import type { Registry } from 'prom-client'
import type { Watch } from '../feed/watch.js'
import type { Refusals } from '../refusals.js'
import type { Views } from '../views.js'
import { brokerFamilies, publicationFamilies } from './broker-families.js'
import { deviceFamilies } from './device-families.js'
import { type Family, registryOf } from './family.js'
import { type FleetReading, fleetFamilies } from './fleet-families.js'
import { FleetTotals } from './fleet-totals.js'
import { healthFamilies } from './health-families.js'
import { journalFamilies } from './journal-families.js'
import { processFamilies } from './process-families.js'
import { requestFamilies } from './request-families.js'
import { sourceFamilies } from './source-families.js'

export interface MetricsOptions {
  readonly views: Views
  readonly watch: Watch
  readonly refusals: Pick<Refusals, 'snapshot'>
  /** Devices that may have series of their own. */
  readonly devices: number
  /** When the process was started, Unix milliseconds. */
  readonly startedAt: number
}

/** Everything that is counted anywhere in the bridge, read when somebody asks: on the way of a frame nothing is done. */
export class Metrics {
  /** All that there is to read, in the order in which it is. */
  readonly families: readonly Family[]
  readonly #registry: Registry
  readonly #views: Views
  readonly #totals = new FleetTotals()
  #reading: FleetReading

  constructor(options: MetricsOptions) {
    this.#views = options.views
    this.#reading = { statuses: [], totals: this.#totals.of([]) }
    this.families = this.#families(options)
    this.#registry = registryOf(this.families)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The text that Prometheus reads. */
  text(): Promise<string> {
    const statuses = Array.from(this.#views.fleet.sessions(), (session) => session.status())
    this.#reading = { statuses, totals: this.#totals.of(statuses) }
    return this.#registry.metrics()
  }

  #families({ views, watch, refusals, devices, startedAt }: MetricsOptions): Family[] {
    const { configuration, version, fleet, publisher, broker, journal } = views
    const reading = () => this.#reading
    return [
      {
        name: 'info',
        help: 'Which bridge this is, in its labels.',
        type: 'gauge',
        labels: ['bridge', 'version'],
        read: () => [[1, { bridge: configuration.bridge.id, version }]],
      },
      ...healthFamilies(() => watch.report),
      ...sourceFamilies(() => views.sources),
      ...fleetFamilies(reading, fleet, watch.verdicts),
      ...deviceFamilies(reading, devices),
      ...publicationFamilies(publisher),
      ...brokerFamilies(broker),
      ...(journal ? journalFamilies(journal) : []),
      ...requestFamilies(views.requests, refusals),
      ...processFamilies(startedAt),
    ]
  }
}
