import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuMs } from '../../bench/process-cost.js'
import type { LineFormat } from '../../src/framing/index.js'
import { LineNode } from '../support/line-node.js'
import { Mosquitto } from '../support/mosquitto.js'
import { openPseudoTerminal, type PseudoTerminal } from '../support/pseudo-terminal.js'
import { Observer } from '../transport/observer.js'
import { BridgeProcess } from './bridge-process.js'
import { Stopwatch } from './latency.js'
import { Ledger } from './ledger.js'
import { LineFarm } from './line-farm.js'
import { NO_BUDGET, NO_LIMITS } from './line-site.js'
import { MeasuredNode, NODE_MODEL } from './measured-node.js'
import { Pace, pause, within } from './pace.js'
import { warmUp } from './warm-up.js'

export interface LatencyOptions {
  /** `tcp`: the same line without a terminal, which a thread of the kernel would hand on when it gets its turn. */
  readonly door: 'uart' | 'tcp' | 'mqtt'
  readonly durability: string | { readonly batched: string }
  /** Frames a second of all devices together. */
  readonly rate: number
  readonly devices: number
  readonly seconds: number
}

export interface LatencyOutcome {
  /** From frame to reading, in milliseconds. */
  readonly times: readonly number[]
  /** Processor time of the bridge for each reading, in microseconds. */
  readonly cpuUs: number
  readonly lost: number
  /** Frames that a terminal had no room for, as the bridge had not read what was in it: they are among the lost. */
  readonly overrun: number
}

const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }
const WARM_UP_MS = 2000

/** Measures how long frames take from a device to a consumer on a real Mosquitto, by line or by MQTT. */
export async function latencyCourse(options: LatencyOptions): Promise<LatencyOutcome> {
  const { door, durability, rate, devices, seconds } = options
  const directory = mkdtempSync(join(tmpdir(), 'alec-latency-'))
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 1000'],
  })
  const nodes = Array.from({ length: devices }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
  const consumer = await Observer.of(broker.url, 'alec/+/readings', 'alec/+/command')
  const sender = await Observer.of(broker.url)
  const lines = nodes.map(() => (door === 'uart' ? openPseudoTerminal() : undefined))
  const farm = door === 'tcp' ? await LineFarm.start(nodes, 1) : undefined
  let overrun = 0
  const write = (line: PseudoTerminal, bytes: Uint8Array) => {
    try {
      line.write(bytes)
    } catch {
      overrun++
    }
  }
  const wires = lines.map((line) => line && new LineNode(FORMAT, (bytes) => write(line, bytes)))
  for (const [n, line] of lines.entries()) {
    line?.onData((chunk) => {
      wires[n]?.hear(chunk)
      for (const { bytes } of wires[n]?.downlinks.splice(0) ?? []) nodes[n]?.hear(bytes)
    })
  }
  const bridge = new BridgeProcess(directory, {
    version: 1,
    bridge: { id: 'gw-latency' },
    broker: { url: broker.url },
    limits: NO_LIMITS,
    resync: NO_BUDGET,
    journal: { durability },
    models: { node: NODE_MODEL },
    sources:
      farm?.sources ??
      (door === 'mqtt'
        ? [{ mqtt: { topic: 'alec/{device}/frame' } }]
        : lines.map((line, n) => ({ serial: { path: line?.path, device: nodes[n]?.id } }))),
    devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
  })
  const watch = new Stopwatch(nodes, consumer)
  const ledger = new Ledger(nodes)
  consumer.client.on('message', (topic, payload) => {
    if (!ledger.take(topic, payload.toString())) {
      nodes.find(({ id }) => topic === `alec/${id}/command`)?.hear(payload)
    }
    consumer.seen.length = 0
  })
  const send = (node: MeasuredNode) => {
    watch.leaving(node)
    if (farm) {
      farm.send(node)
      return
    }
    const frame = node.next()
    const wire = wires[nodes.indexOf(node)]
    if (wire) wire.send(frame)
    else sender.client.publish(`alec/${node.id}/frame`, Buffer.from(frame), { qos: 1 })
  }
  let turn = 0
  const next = () => {
    const node = nodes[turn++ % nodes.length]
    if (node) send(node)
  }
  const pace = new Pace(rate, next, 2)
  try {
    await bridge.start()
    await farm?.connected()
    await pause(1000)
    await warmUp(nodes, ledger, send)
    pace.start()
    await pause(WARM_UP_MS)
    watch.take()
    const cpu = cpuMs(bridge.pid ?? 0)
    await pause(seconds * 1000)
    pace.stop()
    await within(5000, () => ledger.missingCount === 0)
    const times = watch.take()
    const cpuUs = (1000 * (cpuMs(bridge.pid ?? 0) - cpu)) / times.length
    return { times, cpuUs, lost: ledger.missingCount, overrun }
  } finally {
    pace.stop()
    await bridge.end('SIGKILL')
    for (const line of lines) line?.close()
    await farm?.close()
    await sender.close()
    await consumer.close()
    await broker.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
