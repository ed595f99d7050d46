import type { DroppedEntry } from '../../src/journal/index.js'
import type { OutgoingMessage } from '../../src/transport/broker-port.js'
import type { ReadingsDocument } from './truth.js'

/** What a limit dropped, as the journal and those who listen hear of it; keys are empty where frames were refused. */
export type Dropped = Pick<DroppedEntry, 'device' | 'wall' | 'fromKey' | 'toKey' | 'count'>

/** A frame's readings as they were delivered. */
export interface DeliveredReadings {
  readonly device: string
  readonly document: ReadingsDocument
  readonly payload: string
}

type Key = readonly [epoch: number, seq: number]

interface DroppedKeys extends Dropped {
  readonly keys: readonly [from: Key, to: Key] | undefined
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
  /** What was said to be dropped, by device and by the words of it: they may come again. */
  readonly #dropped = new Map<string, Map<string, DroppedKeys>>()
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

  takeDropped(dropped: Dropped): void {
    const said = this.#dropped.get(dropped.device) ?? new Map<string, DroppedKeys>()
    this.#dropped.set(dropped.device, said)
    const { fromKey, toKey } = dropped
    const keys = fromKey === '' ? undefined : ([keyOf(fromKey), keyOf(toKey)] as const)
    said.set(JSON.stringify(dropped), { ...dropped, keys })
  }

  /** What was said to be dropped of a device. */
  droppedOf(device: string): readonly Dropped[] {
    return [...(this.#dropped.get(device)?.values() ?? [])]
  }

  saidDropped(device: string, key: Key): boolean {
    for (const { keys } of this.#dropped.get(device)?.values() ?? [])
      if (keys && compareKeys(keys[0], key) <= 0 && compareKeys(key, keys[1]) <= 0) return true
    return false
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
    // What a loss of power takes back may have been dropped before, and is not now.
    if (isNew && compareKeys(key, highest) < 0 && !this.saidDropped(device, key))
      return `I4: ${name} comes for the first time after ${highest.join('/')}`
    if (sameConnection && compareKeys(key, lastKey) <= 0)
      return `I4: ${name} follows ${lastKey.join('/')} on one connection`
    return undefined
  }
}

export const compareKeys = (a: Key, b: Key): number => a[0] - b[0] || a[1] - b[1]

export const keyOf = (text: string): Key => {
  const [epoch = 0, seq = 0] = text.split('/').map(Number)
  return [epoch, seq]
}

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

/** A publication that is a record of readings that a limit dropped. */
export function droppedIn(message: OutgoingMessage): Dropped | undefined {
  const match = /^alec\/([^/]+)\/event$/.exec(message.topic)
  if (!match?.[1]) return undefined
  const { ts, type, from_key, to_key, count } = JSON.parse(String(message.payload))
  if (type !== 'readings_dropped') return undefined
  return { wall: Date.parse(ts), device: match[1], fromKey: from_key, toKey: to_key, count }
}
