import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mosquitto } from '../support/mosquitto.js'
import { mulberry } from '../support/mulberry.js'
import { Observer } from '../transport/observer.js'
import { BridgeProcess } from './bridge-process.js'
import { type Complaints, complaintsOf } from './consumer.js'
import { HELD_UP, MeasuredNode, NODE_MODEL } from './measured-node.js'

export interface KillsOptions {
  readonly cycles: number
  readonly seed: number
  readonly devices: number
  /** Frames a second of all devices together. */
  readonly rate: number
  readonly durability?: string
  /** Every so many times it is told to stop instead; default: never. */
  readonly orderlyEvery?: number
}

export interface KillsOutcome extends Complaints {
  readonly frames: number
  /** Keyframes that the bridge asked for. */
  readonly requests: number
  /** What the bridge logged of its devices, by type. */
  readonly events: Readonly<Record<string, number>>
  /** From the start of the process until it took frames, in milliseconds. */
  readonly startsMs: readonly number[]
}

/** How often the nodes send, in milliseconds. */
const TICK_MS = 20
const PATIENCE_MS = 5000
const LOOK_MS = 250

/**
 * Kills a bridge again and again while devices go on sending over MQTT, and sees what a consumer gets. The broker lives:
 * what the bridge has not acknowledged comes again, so that every frame must become a reading in the end.
 */
export async function killCourse(options: KillsOptions): Promise<KillsOutcome> {
  const {
    cycles,
    seed,
    devices,
    rate,
    durability = 'strict',
    orderlyEvery = Number.POSITIVE_INFINITY,
  } = options
  const random = mulberry(seed)
  const directory = mkdtempSync(join(tmpdir(), 'alec-kills-'))
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 1000'],
  })
  const observer = await Observer.of(broker.url, 'alec/+/readings')
  const sender = await Observer.of(broker.url, 'alec/+/command')
  const nodes = Array.from({ length: devices }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
  const bridge = new BridgeProcess(directory, {
    version: 1,
    bridge: { id: 'gw-kills' },
    broker: { url: broker.url },
    // What the broker kept for us comes at once.
    limits: {
      frames_per_second: 100_000,
      burst: 1_000_000,
      port_frames_per_second: 100_000,
      port_burst: 1_000_000,
    },
    resync: { min_interval: '50ms', bridge_per_second: 50 },
    journal: { durability },
    models: { node: NODE_MODEL },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
  })
  sender.client.on('message', (topic, payload) => {
    nodes.find(({ id }) => topic === `alec/${id}/command`)?.hear(payload)
  })
  let due = 0
  let timer: NodeJS.Timeout | undefined
  const publish = (node: MeasuredNode) =>
    sender.client.publish(`alec/${node.id}/frame`, Buffer.from(node.next()), { qos: 1 })
  const send = () => {
    for (due += (rate * TICK_MS) / 1000; due >= 1; due--) {
      const node = nodes[Math.floor(random() * nodes.length)]
      if (node) publish(node)
    }
  }
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const startsMs: number[] = []
  const start = async () => {
    const from = performance.now()
    await bridge.start()
    startsMs.push(performance.now() - from)
  }
  const incidents: number[] = []
  try {
    await start()
    // Its subscription is kept from the first connection on: what comes before that is nobody's.
    await pause(500)
    // Until all are good.
    for (let n = 0; n < HELD_UP; n++) {
      for (const node of nodes) publish(node)
      await pause(TICK_MS)
    }
    await pause(500)
    const asked = sender.seen.length
    timer = setInterval(send, TICK_MS)
    for (let cycle = 0; cycle < cycles; cycle++) {
      await pause(100 + random() * 500)
      await bridge.end((cycle + 1) % orderlyEvery === 0 ? 'SIGTERM' : 'SIGKILL')
      // What had left has arrived: the observer gets it before anything that the next run says.
      await pause(20)
      incidents.push(observer.seen.length)
      await start()
    }
    clearInterval(timer)
    const all = () => complaintsOf(observer, nodes, incidents)
    // Until nothing is missing, or nothing has come for a while.
    for (let quietMs = 0; quietMs < PATIENCE_MS && all().lost.length > 0; quietMs += LOOK_MS) {
      const seen = observer.seen.length
      await pause(LOOK_MS)
      if (observer.seen.length > seen) quietMs = 0
    }
    const frames = nodes.reduce((sum, { measured }) => sum + measured.length, 0)
    const events: Record<string, number> = {}
    for (const { device, msg } of bridge.log) {
      if (device !== undefined) events[String(msg)] = (events[String(msg)] ?? 0) + 1
    }
    return { ...all(), frames, requests: sender.seen.length - asked, events, startsMs }
  } finally {
    clearInterval(timer)
    await bridge.end('SIGKILL')
    await sender.close()
    await observer.close()
    await broker.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
