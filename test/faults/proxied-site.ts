import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FaultProxy } from '../support/fault-proxy.js'
import { Mosquitto } from '../support/mosquitto.js'
import { Observer } from '../transport/observer.js'
import { BridgeProcess } from './bridge-process.js'
import { liesOf, MeasuredNode, NODE_MODEL, type SeenReading } from './measured-node.js'
import { Pace, within } from './pace.js'

/** What a consumer has against a bridge behind a bad network. */
export interface Judgement {
  /** `device seq` of frames of which no reading came. */
  readonly lost: readonly string[]
  readonly wrong: readonly string[]
  /** A reading that is new, behind a later one of its device; what is repeated is none. */
  readonly overtaken: readonly string[]
  /** One key with two contents. */
  readonly twoFaced: readonly string[]
}

export interface ProxiedSiteOptions {
  readonly devices: number
  /** Sections of the configuration beside the usual ones. */
  readonly sections?: object
}

/**
 * Devices and a consumer that reach a real Mosquitto directly, and a bridge that reaches it through a fault proxy only, with
 * its journal on disk. The proxy harms what is between bridge and broker, so nobody else can be to blame.
 */
export class ProxiedSite {
  readonly broker: Mosquitto
  readonly proxy: FaultProxy
  readonly bridge: BridgeProcess
  readonly nodes: readonly MeasuredNode[]
  readonly #directory: string
  readonly #consumer: Observer
  readonly #sender: Observer

  private constructor(
    parts: Pick<ProxiedSite, 'broker' | 'proxy' | 'bridge' | 'nodes'>,
    directory: string,
    [consumer, sender]: readonly [Observer, Observer],
  ) {
    this.broker = parts.broker
    this.proxy = parts.proxy
    this.bridge = parts.bridge
    this.nodes = parts.nodes
    this.#directory = directory
    this.#consumer = consumer
    this.#sender = sender
  }

  /** Resolves once the bridge is there and the broker knows its subscription. */
  static async start({ devices, sections = {} }: ProxiedSiteOptions): Promise<ProxiedSite> {
    const broker = await Mosquitto.start({
      config: ['allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 1000'],
    })
    const proxy = await FaultProxy.before(broker.port)
    const directory = mkdtempSync(join(tmpdir(), 'alec-proxied-'))
    const nodes = Array.from({ length: devices }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
    const bridge = new BridgeProcess(directory, {
      version: 1,
      bridge: { id: 'gw-proxied' },
      broker: { url: proxy.url },
      journal: { durability: 'strict' },
      models: { node: NODE_MODEL },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
      ...sections,
    })
    const observers = [
      await Observer.of(broker.url, 'alec/+/readings', 'alec/bridge/state'),
      await Observer.connect(broker.url),
    ] as const
    const site = new ProxiedSite({ broker, proxy, bridge, nodes }, directory, observers)
    await bridge.start()
    await site.opened()
    return site
  }

  /** Resolves once the bridge has subscribed and said that it is there. */
  async opened(): Promise<void> {
    const seen = () => this.#consumer.seen.findLast(({ topic }) => topic === 'alec/bridge/state')
    if (!(await within(10_000, () => seen()?.payload === 'online')))
      throw new Error(`the bridge does not come: ${this.bridge.stderr}`)
  }

  /** One frame of a node, to the broker. */
  async send(node: MeasuredNode): Promise<void> {
    await this.#sender.publish(`alec/${node.id}/frame`, node.next())
  }

  /** Lets the nodes send in turn at this rate while `work` goes on. */
  async under(perSecond: number, work: () => Promise<void>): Promise<void> {
    let turn = 0
    const pace = new Pace(perSecond, () => {
      const node = this.nodes[turn++ % this.nodes.length]
      if (node) void this.send(node)
    })
    pace.start()
    try {
      await work()
    } finally {
      pace.stop()
    }
  }

  get frames(): number {
    return this.nodes.reduce((sum, { measured }) => sum + measured.length, 0)
  }

  /** Waits until there is a reading of every frame, at most so long, and judges all that came. */
  async judged(limitMs: number): Promise<Judgement> {
    await within(limitMs, () => this.#judge().lost.length === 0)
    return this.#judge()
  }

  async close(): Promise<void> {
    await this.bridge.end('SIGKILL')
    await this.#consumer.close()
    await this.#sender.close()
    await this.proxy.close()
    await this.broker.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #readings(): readonly (readonly [device: string, payload: string])[] {
    return this.#consumer.seen.flatMap(({ topic, payload }) =>
      topic.endsWith('/readings') ? [[topic.split('/')[1] ?? '', payload] as const] : [],
    )
  }

  #judge(): Judgement {
    const byId = new Map(this.nodes.map((node) => [node.id, node]))
    const bodies = new Map<string, string>()
    const newest = new Map<string, number>()
    const wrong: string[] = []
    const overtaken: string[] = []
    const twoFaced: string[] = []
    for (const [device, payload] of this.#readings()) {
      const node = byId.get(device)
      if (!node) continue
      const reading = JSON.parse(payload) as SeenReading
      const key = `${device} ${reading.seq}`
      wrong.push(...liesOf(node, reading))
      const before = bodies.get(key)
      if (before !== undefined) {
        if (before !== payload) twoFaced.push(key)
        continue
      }
      bodies.set(key, payload)
      if (reading.seq < (newest.get(device) ?? -1)) overtaken.push(key)
      newest.set(device, Math.max(reading.seq, newest.get(device) ?? -1))
    }
    const lost = this.nodes.flatMap(({ id, measured }) =>
      measured.flatMap((_, seq) => (bodies.has(`${id} ${seq}`) ? [] : [`${id} ${seq}`])),
    )
    return { lost, wrong, overtaken, twoFaced }
  }
}
