import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../clock.js'
import type { Configuration, SourceConfig } from '../config/configuration.js'
import type { BucketPolicy } from '../resilience/index.js'
import type { BrokerLinks } from './broker-links.js'
import { createLineSource } from './line-source.js'
import { MqttSource } from './mqtt-source.js'
import type { Source, SourceHandlers } from './source.js'

export interface InletsOptions {
  readonly links: BrokerLinks
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  /** Doors beside the configured ones; they stay. */
  readonly sources?: readonly Source[] | undefined
}

/** What of a configuration the doors depend on. */
export type InletsConfig = Pick<Configuration, 'baseTopic' | 'sources' | 'limits'>

/** What has become of the doors. */
export interface InletsChange {
  readonly opened: readonly string[]
  readonly closed: readonly string[]
  /** Opened anew with other settings. */
  readonly changed: readonly string[]
}

interface Inlet {
  readonly config: SourceConfig
  readonly portLimit: BucketPolicy
  readonly source: Source
}

/** The doors that frames come in by; they can be opened and closed one by one while the others go on. */
export class Inlets {
  /** All of them now; the list itself stays the same. */
  readonly sources: readonly Source[]
  readonly #options: InletsOptions
  readonly #all: Source[]
  #inlets: readonly Inlet[]
  #handlers: ((source: Source) => SourceHandlers) | undefined
  /** Doors that are being closed: another one to the same place waits for them. */
  #closing: Promise<unknown> = Promise.resolve()

  constructor(configuration: InletsConfig, options: InletsOptions) {
    this.#options = options
    this.#inlets = configuration.sources.map((config) => this.#inlet(config, configuration))
    this.#all = []
    this.sources = this.#all
    this.#list()
  }

  start(handlers: (source: Source) => SourceHandlers): void {
    this.#handlers = handlers
    for (const source of this.#all) source.start(handlers(source))
  }

  /** Resolves once all of them are closed. */
  async stop(): Promise<void> {
    this.#handlers = undefined
    await this.#closing
    await Promise.all(this.#all.map((source) => source.stop()))
  }

  /** Brings the doors to another configuration; those for which nothing changes are not touched. */
  change(configuration: InletsConfig): InletsChange {
    const kept = new Set<Inlet>()
    const next = configuration.sources.map((config) => {
      const portLimit = portLimitOf(configuration)
      const same = this.#inlets.find(
        (one) =>
          !kept.has(one) && isDeepStrictEqual([one.config, one.portLimit], [config, portLimit]),
      )
      const inlet = same ?? this.#inlet(config, configuration)
      kept.add(inlet)
      return inlet
    })
    const gone = this.#inlets.filter((one) => !kept.has(one))
    const fresh = next.filter((one) => !this.#inlets.includes(one))
    this.#inlets = next
    this.#list()
    this.#swap(gone, fresh)
    const [before, after] = [idsOf(gone), idsOf(fresh)]
    return {
      opened: after.filter((id) => !before.includes(id)),
      closed: before.filter((id) => !after.includes(id)),
      changed: after.filter((id) => before.includes(id)),
    }
  }

  /**
   * A topic is taken over at once: it stays subscribed, and no message is missed or taken twice. A port has to be closed
   * before it can be opened again.
   */
  #swap(gone: readonly Inlet[], fresh: readonly Inlet[]): void {
    for (const { config, source } of fresh) if (config.kind === 'mqtt') this.#open(source)
    const closed = Promise.all(gone.map(({ source }) => source.stop()))
    this.#closing = Promise.all([this.#closing, closed]).then(() => {
      for (const { config, source } of fresh) if (config.kind === 'serial') this.#open(source)
    })
  }

  /** Not where it has gone again meanwhile. */
  #open(source: Source): void {
    if (this.#handlers && this.#all.includes(source)) source.start(this.#handlers(source))
  }

  #inlet(config: SourceConfig, configuration: InletsConfig): Inlet {
    const { links, clock, random } = this.#options
    const portLimit = portLimitOf(configuration)
    const { baseTopic } = configuration
    const source =
      config.kind === 'serial'
        ? createLineSource(config, { clock, random, portLimit })
        : new MqttSource({
            config,
            baseTopic,
            uplink: links.input,
            downlink: links.output,
            clock,
            portLimit,
          })
    return { config, portLimit, source }
  }

  #list(): void {
    const { sources = [] } = this.#options
    this.#all.splice(0, this.#all.length, ...this.#inlets.map(({ source }) => source), ...sources)
  }
}

const portLimitOf = ({ limits }: InletsConfig): BucketPolicy => ({
  perSecond: limits.portFramesPerSecond,
  burst: limits.portBurst,
})

const idsOf = (inlets: readonly Inlet[]): string[] => inlets.map(({ source }) => source.id)
