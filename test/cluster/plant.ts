import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.js'
import { RedisStore } from '../../src/cluster/redis-store.js'
import { BridgeProcess } from '../faults/bridge-process.js'
import { liesOf, MeasuredNode, NODE_MODEL, type SeenReading } from '../faults/measured-node.js'
import type { MutualTls } from '../support/certificates.js'
import type { Redis } from '../support/redis.js'
import { Observer } from '../transport/observer.js'

export interface PlantOptions {
  /** Where devices send, bridges publish and consumers subscribe. */
  readonly mqttUrl: string
  /** How bridges get the frames, as it stands in the configuration. */
  readonly frames: { readonly amqp: string } | { readonly mqtt: 'broker' }
  readonly redis: Redis
  readonly group: string
  readonly devices: number
  /** Frames a second of all devices together. */
  readonly rate: number
  readonly partitions?: number
  readonly prefetch?: number
  /** Whether Home Assistant is told of the devices. */
  readonly announces?: boolean
  /** Who bridges are, and whom they trust, at their queues and their store. */
  readonly tls?: MutualTls
}

/** What a consumer that drops what it has has against the bridges. */
export interface PlantComplaints {
  readonly lost: readonly string[]
  readonly wrong: readonly string[]
  /** One key with two contents, but for when the bridge heard it. */
  readonly twoFaced: readonly string[]
  readonly readings: number
  /** Readings of a key that had come already. */
  readonly repeated: number
  /** Readings that came after a later one of their device, and were not there already. */
  readonly disordered: readonly string[]
  readonly uncertain: number
}

const TICK_MS = 20
const MOST_ROUNDS = 100
/**
 * A keyframe is good by itself; after so many good frames in a row every recovery is over, and nothing is asked for on
 * account of how the device was first heard.
 */
const GOOD_ROUNDS = 41
/** Frames that every device has sent before anybody listened. */
const UNHEARD = 1000
/** What was asked for comes within so much time of what was asked for before it. */
const QUIET_MS = 1000

/** Devices that send to RabbitMQ over MQTT, bridges that share them, and a consumer of all readings. */
export class Plant {
  readonly nodes: readonly MeasuredNode[]
  readonly observer: Observer
  readonly #options: PlantOptions
  readonly #sender: Observer
  readonly #status: Observer
  readonly #directory: string
  readonly #bridges = new Map<string, BridgeProcess>()
  #timer: NodeJS.Timeout | undefined
  #unconfirmed = 0
  /** From this frame of each device on its readings are good. */
  #proven = UNHEARD
  #asked = 0
  /** When each reading came, as it stands in `observer.seen`. */
  readonly arrivals: number[] = []
  /** Device → when it sent each frame, from its first one on. */
  readonly #sentAt = new Map<string, number[]>()

  static async build(options: PlantOptions): Promise<Plant> {
    const { mqttUrl, group } = options
    const observer = await Observer.of(mqttUrl, `${group}/+/readings`)
    const sender = await Observer.of(mqttUrl, `${group}/+/command`)
    const status = await Observer.of(
      mqttUrl,
      `${group}/+/status`,
      `${group}/bridge/+/status`,
      `${group}-discovery/device/+/config`,
    )
    return new Plant(options, observer, sender, status)
  }

  private constructor(
    options: PlantOptions,
    observer: Observer,
    sender: Observer,
    status: Observer,
  ) {
    this.#status = status
    this.#options = options
    this.observer = observer
    this.#sender = sender
    this.#directory = mkdtempSync(join(tmpdir(), 'alec-plant-'))
    this.nodes = Array.from({ length: options.devices }, (_, n) => {
      const node = new MeasuredNode(`node-${n}`, 31 * n)
      // So old that no pause of a loaded machine could hide a restart.
      for (let sent = 0; sent < UNHEARD; sent++) node.next()
      return node
    })
    const byTopic = new Map(this.nodes.map((node) => [`${options.group}/${node.id}/command`, node]))
    sender.client.on('message', (topic, payload) => byTopic.get(topic)?.hear(payload))
    observer.client.on('message', () => this.arrivals.push(performance.now()))
  }

  /** Keyframes that bridges have asked for since all was well. */
  get requests(): number {
    return this.#sender.seen.length - this.#asked
  }

  /** Resolves once every device has a reading of a frame that it sends from now on. */
  async flowing(limitMs = 30_000): Promise<void> {
    const waiting = new Map(this.nodes.map(({ id, measured }) => [id, measured.length]))
    let from = this.observer.seen.length
    await this.observer.until((seen) => {
      for (; from < seen.length; from++) {
        const { topic = '', payload = '' } = seen[from] ?? {}
        const id = topic.split('/')[1] ?? ''
        const { seq } = JSON.parse(payload) as SeenReading
        if (seq >= (waiting.get(id) ?? 0)) waiting.delete(id)
      }
      return waiting.size === 0
    }, limitMs)
  }

  /** What a bridge has said of itself last, every few seconds. */
  statusOf(id: string): string {
    return this.#status.seen.findLast(({ topic }) => topic.split('/')[2] === id)?.payload ?? ''
  }

  /** How many partitions, or topics, a bridge has by its status. */
  owned(id: string): number {
    const said = /"message":"(\d+) (?:of \d+ partitions|topics)/.exec(this.statusOf(id))
    return Number(said?.[1] ?? 0)
  }

  /** The bridge that spoke of a device last. */
  speakerOf(device: string): string | undefined {
    const said = this.#status.seen.findLast(({ topic }) => topic.split('/')[1] === device)
    return said && (JSON.parse(said.payload) as { readonly bridge: string }).bridge
  }

  /** The bridge by which a device was announced last. */
  announcerOf(device: string): string | undefined {
    const { group } = this.#options
    const topic = `${group}-discovery/device/${group}_${device}/config`
    const said = this.#status.seen.findLast((one) => one.topic === topic)
    return said && JSON.parse(said.payload).device.via_device.replace('alec-bridge/', '')
  }

  /** What Redis keeps of a device, in bytes, on average. */
  async stateBytes(): Promise<number> {
    const { redis, group, partitions = 8 } = this.#options
    const store = new RedisStore({ url: redis.url, group, run: 'witness', clock: systemClock })
    await new Promise<void>((resolve) => store.start(() => resolve()))
    let bytes = 0
    for (let n = 0; n < partitions; n++)
      for (const [, state] of await store.load(n)) bytes += Buffer.byteLength(state)
    await store.stop()
    return Math.round(bytes / this.nodes.length)
  }

  /** How long each reading took from its device to the consumer, and when it came; in milliseconds. */
  latencies(): { readonly at: number; readonly ms: number }[] {
    return this.observer.seen.flatMap(({ topic, payload }, index) => {
      const { seq } = JSON.parse(payload) as SeenReading
      const sent = this.#sentAt.get(topic.split('/')[1] ?? '')?.[seq - UNHEARD]
      const at = this.arrivals[index]
      return sent === undefined || at === undefined ? [] : [{ at, ms: at - sent }]
    })
  }

  /** A bridge of the group, not started. */
  bridge(id: string, nodeArgs: readonly string[] = []): BridgeProcess {
    const known = this.#bridges.get(id)
    if (known) return known
    const {
      mqttUrl,
      frames,
      redis,
      group,
      partitions = 8,
      prefetch,
      tls,
      announces,
    } = this.#options
    const directory = join(this.#directory, id)
    mkdirSync(directory)
    const pems = Object.entries(tls ?? {}).map(([name, pem]) => {
      writeFileSync(join(directory, `${name}.pem`), pem, { mode: 0o600 })
      return [name, `${name}.pem`] as const
    })
    const names = Object.fromEntries(pems)
    const bridge = new BridgeProcess(
      directory,
      {
        version: 1,
        base_topic: group,
        bridge: { id },
        broker: { url: mqttUrl },
        cluster: {
          ...frames,
          group,
          ...('amqp' in frames && { partitions }),
          ...(tls && { tls: names }),
          state: tls ? { url: redis.url, ...names } : redis.url,
          ...(prefetch !== undefined && { prefetch }),
        },
        ...(announces && { homeassistant: { discovery_prefix: `${group}-discovery` } }),
        limits: { frames_per_second: 1000, burst: 5000 },
        resync: { min_interval: '50ms', bridge_per_second: 100_000 },
        models: { node: NODE_MODEL },
        sources: [{ mqtt: { topic: `${group}/{device}/frame` } }],
        devices: Object.fromEntries(this.nodes.map((node) => [node.id, { model: 'node' }])),
      },
      [],
      nodeArgs,
    )
    this.#bridges.set(id, bridge)
    return bridge
  }

  /** Starts a bridge; resolves once it stands in line for the queues. */
  async start(id: string, nodeArgs: readonly string[] = []): Promise<BridgeProcess> {
    const bridge = this.bridge(id, nodeArgs)
    const from = bridge.log.length
    await bridge.start()
    await until(() => bridge.log.slice(from).some(({ source, kind }) => source && kind === 'open'))
    return bridge
  }

  /** All devices send until the last reading of each is good. */
  async warmUp(): Promise<void> {
    let good = 0
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const before = this.observer.seen.length
      await this.send(1)
      await this.observer.until((seen) => seen.length >= before + this.nodes.length, 30_000)
      const last = this.observer.seen.slice(-this.nodes.length)
      good = last.every(({ payload }) => payload.includes('"quality":"good"')) ? good + 1 : 0
      if (good === GOOD_ROUNDS) {
        await this.#unasked()
        this.#proven = this.nodes[0]?.measured.length ?? 0
        this.#asked = this.#sender.seen.length
        return
      }
    }
    throw new Error(`not all is good after ${MOST_ROUNDS} rounds`)
  }

  /** Resolves once nothing is on its way any more of what devices were asked for. */
  async #unasked(): Promise<void> {
    for (let heard = -1; heard < this.#sender.seen.length; ) {
      heard = this.#sender.seen.length
      await pause(QUIET_MS)
    }
  }

  /** Every device sends so many frames; resolves once the broker has them. */
  async send(frames: number): Promise<void> {
    for (let n = 0; n < frames; n++) {
      await Promise.all(this.nodes.map((node) => this.#publish(node)))
    }
  }

  /** From now on all devices send, each in its turn. */
  run(): void {
    let due = 0
    let turn = 0
    let last = performance.now()
    clearInterval(this.#timer)
    this.#timer = setInterval(() => {
      const now = performance.now()
      due += ((now - last) / 1000) * this.#options.rate
      last = now
      for (; due >= 1; due--) void this.#publish(this.nodes[turn++ % this.nodes.length]!)
    }, TICK_MS)
  }

  /** No device sends any more; resolves once every frame has its reading, or none has come for `patienceMs`. */
  async settle(patienceMs = 8000): Promise<void> {
    clearInterval(this.#timer)
    for (;;) {
      const seen = this.observer.seen.length
      for (let waited = 0; waited < patienceMs; waited += 200) {
        if (this.#unconfirmed === 0 && this.complaints().lost.length === 0) return
        await pause(200)
        if (this.observer.seen.length > seen) break
      }
      if (this.observer.seen.length === seen) return
    }
  }

  /** How far everything is, in words. */
  get progress(): string {
    const { frames, observer } = this
    return `${frames} frames sent, ${this.#unconfirmed} of them not confirmed, ${observer.seen.length} readings`
  }

  get frames(): number {
    return this.nodes.reduce((sum, { measured }) => sum + measured.length - UNHEARD, 0)
  }

  complaints(): PlantComplaints {
    const byTopic = new Map(
      this.nodes.map((node) => [`${this.#options.group}/${node.id}/readings`, node]),
    )
    const bodies = new Map<string, string>()
    const newest = new Map<string, number>()
    const [lost, wrong, twoFaced, disordered]: string[][] = [[], [], [], []]
    let [readings, repeated, uncertain] = [0, 0, 0]
    for (const { topic, payload } of this.observer.seen) {
      const node = byTopic.get(topic)
      if (!node) continue
      const reading = JSON.parse(payload) as SeenReading
      readings++
      if (reading.quality !== 'good' && reading.seq >= this.#proven) uncertain++
      wrong!.push(...liesOf(node, reading))
      const key = `${node.id} ${reading.epoch} ${reading.seq}`
      const said = payload.replace(/^\{"ts":"[^"]*",/, '{')
      const before = bodies.get(key)
      if (before === undefined) {
        bodies.set(key, said)
        if (reading.seq < (newest.get(node.id) ?? -1)) disordered!.push(key)
        newest.set(node.id, Math.max(reading.seq, newest.get(node.id) ?? -1))
        continue
      }
      repeated++
      if (before !== said) twoFaced!.push(`${key}: ${before} ${said}`)
    }
    const published = new Set([...bodies.keys()].map((key) => key.replace(/ \d+ /, ' ')))
    for (const { id, measured } of this.nodes)
      for (let seq = UNHEARD; seq < measured.length; seq++)
        if (!published.has(`${id} ${seq}`)) lost!.push(`${id} ${seq}`)
    return {
      lost: lost!,
      wrong: wrong!,
      twoFaced: twoFaced!,
      disordered: disordered!,
      readings,
      repeated,
      uncertain,
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const bridge of this.#bridges.values()) {
      // A paused one would not hear anything else either.
      await bridge.end('SIGKILL')
    }
    await this.#sender.close()
    await this.#status.close()
    await this.observer.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  async #publish(node: MeasuredNode): Promise<void> {
    this.#unconfirmed++
    const sentAt = this.#sentAt.get(node.id)
    if (sentAt) sentAt.push(performance.now())
    else this.#sentAt.set(node.id, [performance.now()])
    await this.#sender.publish(`${this.#options.group}/${node.id}/frame`, node.next())
    this.#unconfirmed--
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))

/** Resolves once the condition holds; rejects after `limitMs`. */
export async function until(condition: () => boolean, limitMs = 30_000): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > limitMs) throw new Error(`not so in ${limitMs} ms: ${condition}`)
    await pause(20)
  }
}
