import type { OutgoingMessage } from '../../src/transport/broker-port.js'
import type { ReadingsDocument } from './truth.js'

/** A frame's readings as they were delivered. */
export interface DeliveredReadings {
  readonly device: string
  readonly document: ReadingsDocument
  readonly payload: string
}

interface Progress {
  /** The connection that the last ones came by. */
  connection: unknown
  lastKey: readonly [number, number]
  /** The highest that has come at all. */
  highest: readonly [number, number]
}

/** Who listens to the bridge: keeps everything that was delivered, and watches order and keys. */
export class Subscriber {
  readonly #byKey = new Map<string, string>()
  readonly #progress = new Map<string, Progress>()
  readonly #readings = new Map<string, string[]>()
  /** What was refused before may come behind others. */
  readonly #wasRefused: (name: string) => boolean
  deliveries = 0
  repeats = 0

  constructor(wasRefused: (name: string) => boolean) {
    this.#wasRefused = wasRefused
  }

  /** `<device>/<epoch>/<seq>` of everything that came. */
  keys(): IterableIterator<string> {
    return this.#byKey.keys()
  }

  payloadOf(name: string): string | undefined {
    return this.#byKey.get(name)
  }

  /** What came for the first time, by device, in its order. */
  get readings(): ReadonlyMap<string, readonly string[]> {
    return this.#readings
  }

  /** Takes a publication; returns what is wrong with its order or its key (I4, I5), or undefined. */
  take(readings: DeliveredReadings, connection: unknown): string | undefined {
    const { device, document, payload } = readings
    const key: [number, number] = [document.epoch, document.seq]
    const name = `${device}/${key.join('/')}`
    this.deliveries++
    const before = this.#byKey.get(name)
    if (before !== undefined && before !== payload)
      return `I5: ${name} said ${before}, then ${payload}`
    const isNew = before === undefined
    if (isNew) this.#remember(device, name, payload)
    else this.repeats++
    return this.#orderFault(name, device, key, isNew, connection)
  }

  #remember(device: string, name: string, payload: string): void {
    this.#byKey.set(name, payload)
    const before = this.#readings.get(device)
    if (before) before.push(payload)
    else this.#readings.set(device, [payload])
  }

  #orderFault(
    name: string,
    device: string,
    key: readonly [number, number],
    isNew: boolean,
    connection: unknown,
  ): string | undefined {
    const progress = this.#progress.get(device)
    if (!progress) {
      this.#progress.set(device, { connection, lastKey: key, highest: key })
      return undefined
    }
    const { lastKey, highest } = progress
    const sameConnection = progress.connection === connection
    progress.connection = connection
    progress.lastKey = key
    if (compareKeys(key, highest) > 0) progress.highest = key
    if (this.#wasRefused(name)) return undefined
    if (isNew && compareKeys(key, highest) < 0)
      return `I4: ${name} comes for the first time after ${highest.join('/')}`
    if (sameConnection && compareKeys(key, lastKey) <= 0)
      return `I4: ${name} follows ${lastKey.join('/')} on one connection`
    return undefined
  }
}

export const compareKeys = (a: readonly [number, number], b: readonly [number, number]): number =>
  a[0] - b[0] || a[1] - b[1]

/** A publication that is a frame's readings. */
export function readingsIn(message: OutgoingMessage): DeliveredReadings | undefined {
  const match = /^alec\/([^/]+)\/readings$/.exec(message.topic)
  if (!match?.[1]) return undefined
  const payload =
    typeof message.payload === 'string'
      ? message.payload
      : new TextDecoder().decode(message.payload)
  return { device: match[1], payload, document: JSON.parse(payload) as ReadingsDocument }
}
