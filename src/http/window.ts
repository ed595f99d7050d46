import type { Clock } from '../clock.js'
import type { HttpConfig } from '../config/configuration.js'
import type { Log } from '../log.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import { Access } from './access.js'
import { createApp } from './app.js'
import { Listener } from './listener.js'
import { allRoutes } from './routes/index.js'
import type { Views } from './views.js'

export interface WindowOptions {
  readonly config: HttpConfig
  readonly clock: Clock
  readonly log: Log
}

/**
 * The window: looks in and never touches. It is made before the bridge, which reports to it, and opened once there is
 * something to see.
 */
export class Window implements HealthCheckable {
  readonly #options: WindowOptions
  readonly #listener: Listener

  constructor(options: WindowOptions) {
    this.#options = options
    this.#listener = new Listener(options)
  }

  /** The URL, while it listens. */
  get address(): string | undefined {
    return this.#listener.address
  }

  /** Resolves once it listens, or the first time that it cannot: then it goes on trying. Never rejects. */
  async open(views: Views): Promise<void> {
    const { config, clock, log } = this.#options
    const access = new Access(config, clock)
    const app = createApp({ config, access, routes: allRoutes(views, access), log })
    await this.#listener.start((request, env) => app.fetch(request, env))
  }

  /** Resolves once every connection is closed; safe to call twice. */
  async close(): Promise<void> {
    await this.#listener.stop()
  }

  healthCheck(now: number): HealthCheck {
    return this.#listener.healthCheck(now)
  }
}
