import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LineFormat } from '../../src/framing/index.js'
import { LineNode } from '../support/line-node.js'
import { Mosquitto } from '../support/mosquitto.js'
import { openPseudoTerminal } from '../support/pseudo-terminal.js'
import { Observer } from '../transport/observer.js'
import { BridgeProcess } from './bridge-process.js'
import { Stopwatch } from './latency.js'
import { NO_LIMITS } from './line-site.js'
import { MeasuredNode, NODE_MODEL } from './measured-node.js'
import { Pace, pause, within } from './pace.js'

export interface LatencyOptions {
  readonly door: 'uart' | 'mqtt'
  readonly durability: string | { readonly batched: string }
  /** Frames a second of all devices together. */
  readonly rate: number
  readonly devices: number
  readonly seconds: number
}

export interface LatencyOutcome {
  /** From frame to reading, in milliseconds. */
  readonly times: readonly number[]
  readonly lost: number
}

const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }
const WARM_UP_MS = 2000

/** Measures how long frames take from a device to a consumer on a real Mosquitto, by pseudo-terminals or by MQTT. */
export async function latencyCourse(options: LatencyOptions): Promise<LatencyOutcome> {
  const { door, durability, rate, devices, seconds } = options
  const directory = mkdtempSync(join(tmpdir(), 'alec-latency-'))
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 1000'],
  })
  const nodes = Array.from({ length: devices }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
  const consumer = await Observer.of(broker.url, 'alec/+/readings')
  const sender = await Observer.of(broker.url)
  const lines = nodes.map(() => (door === 'uart' ? openPseudoTerminal() : undefined))
  const wires = lines.map((line) => line && new LineNode(FORMAT, (bytes) => line.write(bytes)))
  const bridge = new BridgeProcess(directory, {
    version: 1,
    bridge: { id: 'gw-latency' },
    broker: { url: broker.url },
    limits: NO_LIMITS,
    journal: { durability },
    models: { node: NODE_MODEL },
    sources:
      door === 'mqtt'
        ? [{ mqtt: { topic: 'alec/{device}/frame' } }]
        : lines.map((line, n) => ({ serial: { path: line?.path, device: nodes[n]?.id } })),
    devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
  })
  const watch = new Stopwatch(nodes, consumer)
  consumer.client.on('message', () => {
    consumer.seen.length = 0
  })
  let turn = 0
  const pace = new Pace(
    rate,
    () => {
      const n = turn++ % nodes.length
      const node = nodes[n]
      if (!node) return
      watch.leaving(node)
      const frame = node.next()
      const wire = wires[n]
      if (wire) wire.send(frame)
      else sender.client.publish(`alec/${node.id}/frame`, Buffer.from(frame), { qos: 1 })
    },
    2,
  )
  try {
    await bridge.start()
    await pause(1000)
    pace.start()
    await pause(WARM_UP_MS)
    watch.take()
    await pause(seconds * 1000)
    pace.stop()
    await within(5000, () => watch.waiting === 0)
    return { times: watch.take(), lost: watch.waiting }
  } finally {
    pace.stop()
    await bridge.end('SIGKILL')
    for (const line of lines) line?.close()
    await sender.close()
    await consumer.close()
    await broker.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
