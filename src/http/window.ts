import type { Clock } from '../clock.js'
import type { HttpConfig } from '../config/configuration.js'
import type { Onlooker } from '../control/index.js'
import type { Log } from '../log.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import { Access } from './access.js'
import { createApp } from './app.js'
import { readAssets } from './assets.js'
import { DeviceFeed } from './feed/device-feed.js'
import { FleetFeed } from './feed/fleet-feed.js'
import { Watch } from './feed/watch.js'
import { Listener } from './listener.js'
import { Metrics } from './metrics/metrics.js'
import { Probes } from './probes.js'
import { Refusals } from './refusals.js'
import { allRoutes } from './routes/index.js'
import type { Views } from './views.js'

export interface WindowOptions {
  readonly config: HttpConfig
  /** How many devices are configured: memory is divided by that. */
  readonly devices: number
  /** Where the bundled page is. */
  readonly pageDirectory: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * The window: looks in, and touches nothing: what an admin wants done it brings to the desk, as anybody else would. It is
 * made before the bridge, which reports to it, and opened once there is something to see.
 */
export class Window implements HealthCheckable {
  readonly #options: WindowOptions
  readonly #listener: Listener
  readonly #watch: Watch
  #closeFeeds: () => void = () => {}

  constructor(options: WindowOptions) {
    this.#options = options
    this.#listener = new Listener(options)
    this.#watch = new Watch(options.devices)
  }

  /** What the bridge reports to. */
  get onlooker(): Onlooker {
    return this.#watch
  }

  /** The URL, while it listens. */
  get address(): string | undefined {
    return this.#listener.address
  }

  /** Resolves once it listens, or the first time that it cannot: then it goes on trying. Never rejects. */
  async open(views: Views): Promise<void> {
    const { config, pageDirectory, clock, log } = this.#options
    const refusals = new Refusals(log)
    const access = new Access(config, clock, refusals)
    const fleet = new FleetFeed(views, this.#watch, clock, access.isGuarded)
    const device = new DeviceFeed(views, this.#watch, clock)
    this.#closeFeeds = () => {
      fleet.close()
      device.close()
    }
    const assets = readAssets(pageDirectory)
    if (assets.size === 0) log.warn({ pageDirectory }, 'the page of the dashboard was not built')
    const { devices } = config.metrics
    const startedAt = clock.wall() - process.uptime() * 1000
    const metrics = new Metrics({ views, watch: this.#watch, refusals, devices, startedAt })
    const probes = new Probes(views, this.#watch, clock)
    const routes = allRoutes({ views, access, refusals, fleet, device, metrics, probes, assets })
    const app = createApp({ config, access, refusals, routes, log })
    await this.#listener.start((request, env) => app.fetch(request, env))
  }

  /** Resolves once every connection is closed; safe to call twice. */
  async close(): Promise<void> {
    this.#closeFeeds()
    await this.#listener.stop()
  }

  healthCheck(now: number): HealthCheck {
    return this.#listener.healthCheck(now)
  }
}
