import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BridgeProcess } from './bridge-process.js'
import type { Ledger } from './ledger.js'
import { LineFarm } from './line-farm.js'
import { MeasuredNode, NODE_MODEL } from './measured-node.js'
import { warmUp } from './warm-up.js'

/** Nobody is limited: what is measured is what the bridge can stand. */
export const NO_LIMITS = {
  frames_per_second: 100_000,
  burst: 1_000_000,
  port_frames_per_second: 100_000,
  port_burst: 1_000_000,
} as const

/** Whoever needs a keyframe may ask for it. */
export const NO_BUDGET = { min_interval: '50ms', bridge_per_second: 50 } as const

export interface SiteSections {
  readonly sources: readonly object[]
  readonly devices: Readonly<Record<string, object>>
}

export interface LineSiteOptions {
  readonly devices: number
  readonly perLine?: number
  readonly brokerUrl: string
  /** Replaces sections of the configuration, given those that it would have. */
  readonly sections?: (own: SiteSections) => object
}

/** A bridge process whose devices hang on serial lines over TCP. */
export class LineSite {
  readonly nodes: readonly MeasuredNode[]
  readonly farm: LineFarm
  readonly bridge: BridgeProcess
  readonly directory: string
  #requestsBefore = 0

  private constructor(
    directory: string,
    nodes: readonly MeasuredNode[],
    farm: LineFarm,
    bridge: BridgeProcess,
  ) {
    this.directory = directory
    this.nodes = nodes
    this.farm = farm
    this.bridge = bridge
  }

  /** Prepares it all, and starts no bridge. */
  static async prepare(options: LineSiteOptions): Promise<LineSite> {
    const { devices, perLine = 5, brokerUrl, sections } = options
    const directory = mkdtempSync(join(tmpdir(), 'alec-site-'))
    const nodes = Array.from({ length: devices }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
    const farm = await LineFarm.start(nodes, perLine)
    const own = {
      sources: farm.sources,
      devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
    }
    const bridge = new BridgeProcess(directory, {
      version: 1,
      bridge: { id: 'gw-site' },
      broker: { url: brokerUrl },
      limits: NO_LIMITS,
      resync: NO_BUDGET,
      models: { node: NODE_MODEL },
      ...own,
      ...sections?.(own),
    })
    return new LineSite(directory, nodes, farm, bridge)
  }

  /** Starts the bridge; resolves once all nodes are known well to it, and what comes now is judged. */
  async start(ledger: Ledger): Promise<void> {
    await this.bridge.start()
    await this.farm.connected()
    await warmUp(this.nodes, ledger, (node) => this.farm.send(node))
    this.#requestsBefore = this.farm.requests
  }

  /** Keyframes that the bridge has asked for since. */
  get requests(): number {
    return this.farm.requests - this.#requestsBefore
  }

  get frames(): number {
    return this.nodes.reduce((sum, { measured }) => sum + measured.length, 0)
  }

  /** One frame of a node that chance picks. */
  send(random: () => number): void {
    const node = this.nodes[Math.floor(random() * this.nodes.length)]
    if (node) this.farm.send(node)
  }

  async close(): Promise<void> {
    await this.bridge.end('SIGKILL')
    await this.farm.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}
