import type { MqttClient } from 'mqtt'
import { expect, onTestFinished } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import type { LineFormat } from '../../src/framing/index.js'
import { LineNode } from '../support/line-node.js'
import type { Observer } from '../transport/observer.js'

const PERIOD_MS = 50

/** A device with a temperature and a humidity sensor, that knows what it really measured. */
export class SensorNode {
  readonly id: string
  /** What it measured, by sequence number: temperature and humidity. */
  readonly measured = new Map<number, readonly [number, number]>()
  /** Downlinks as hex. */
  readonly downlinks: string[] = []
  readonly #encoder = new CompactEncoder({ channels: 2 })
  readonly #transmit: (frame: Uint8Array) => void
  #count = 0

  constructor(id: string, transmit: (frame: Uint8Array) => void) {
    this.id = id
    this.#transmit = transmit
  }

  /** Measures and sends one frame; returns its sequence number. */
  send(): number {
    const [sequence, frame] = this.#measure()
    this.#transmit(frame)
    return sequence
  }

  /** Measures and encodes as ever, with nobody there to hear it. */
  runUnheard(frames: number): void {
    for (let i = 0; i < frames; i++) this.#measure()
  }

  /** Sends a frame every 50 ms until the test ends. */
  run(): void {
    const timer = setInterval(() => this.send(), PERIOD_MS)
    onTestFinished(() => clearInterval(timer))
  }

  hear(downlink: Uint8Array): void {
    this.downlinks.push(Buffer.from(downlink).toString('hex'))
    this.#encoder.handleDownlink(downlink)
  }

  #measure(): [sequence: number, frame: Uint8Array] {
    const n = this.#count++
    // Written as decimals, so that they are the very numbers that a reader of the JSON gets.
    const temperature = Number((21 + 3 * Math.sin(n / 9)).toFixed(1))
    const humidity = Math.round(50 + 10 * Math.sin(n / 23))
    const { sequence } = this.#encoder
    this.measured.set(sequence, [temperature, humidity])
    return [sequence, this.#encoder.encode([temperature, humidity])]
  }
}

const COBS: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }

/** Puts a node at the far end of a serial line. */
export function onLine(
  id: string,
  line: {
    write(bytes: Uint8Array): void
    onData(listener: (chunk: Uint8Array) => void): void
  },
): SensorNode {
  const wire = new LineNode(COBS, (bytes) => line.write(bytes))
  const node = new SensorNode(id, (frame) => wire.send(frame))
  line.onData((chunk) => {
    wire.hear(chunk)
    for (const { bytes } of wire.downlinks.splice(0)) node.hear(bytes)
  })
  return node
}

/** Puts a node on the broker that `client` is connected to; it hears its commands from then on. */
export async function onBroker(id: string, client: MqttClient): Promise<SensorNode> {
  const node = new SensorNode(id, (frame) => {
    client.publish(`alec/${id}/frame`, Buffer.from(frame), { qos: 1 })
  })
  client.on('message', (topic, payload) => {
    if (topic === `alec/${id}/command`) node.hear(payload)
  })
  await client.subscribeAsync(`alec/${id}/command`, { qos: 1 })
  return node
}

/** A reading as a consumer gets it. */
export interface Reading {
  readonly ts: string
  readonly epoch: number
  readonly seq: number
  readonly quality: string
  readonly temperature?: number
  readonly humidity?: number
}

/** The readings of a device that an observer has seen. */
export const readingsOf = (observer: Observer, id: string): Reading[] =>
  observer.seen
    .filter(({ topic }) => topic === `alec/${id}/readings`)
    .map(({ payload }) => JSON.parse(payload) as Reading)

/** The readings that are called good, each of which is what the node measured, bit for bit. */
export function goodOnes(node: SensorNode, readings: readonly Reading[]): readonly Reading[] {
  const good = readings.filter(({ quality }) => quality === 'good')
  for (const { seq, temperature, humidity } of good) {
    expect([temperature, humidity], `${node.id}, sequence ${seq}`).toEqual(node.measured.get(seq))
  }
  return good
}
