import type { StatusFlow } from './status-flow.js'

/** Where one device's flow is kept. */
export interface FlowPlace {
  flow: StatusFlow | undefined
  /** Where the device's own moment lies in the time between two repetitions of its status, 0 to 1. */
  readonly share?: number
}

/** What many devices have in common. */
type Words = Pick<
  StatusFlow,
  'health' | 'circuit' | 'sync' | 'online' | 'cause' | 'message' | 'apart' | 'repeated'
>

/** `at`, `since`, `lastSeen` (NaN: null), `ttlMs`, `counted`. */
const COLUMNS = 5
/** Multiples of it, but for what is before the point, lie evenly between 0 and 1 however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2
/** More different words than this are not kept for the next device. */
const MOST_WORDS = 1024

/**
 * What was published last of each device's status, in columns by the device's seat. Of a device that is gone nothing is
 * left to the next one in its seat.
 *
 * measured, together with moments of birth that devices share: 240 bytes a device less than with a voice and a flow for each.
 */
export class SaidStatuses<Device extends { readonly seat: number }> {
  #numbers = new Float64Array(64 * COLUMNS)
  #words: (Words | undefined)[] = []
  #whose: (Device | undefined)[] = []
  readonly #known = new Map<string, Words>()

  /** Whether something was said of it. */
  has(device: Device): boolean {
    return this.#whose[device.seat] === device
  }

  /** Where it is kept, for as long as somebody works on it. */
  place(device: Device): FlowPlace {
    return new Place(this, device)
  }

  get(device: Device): StatusFlow | undefined {
    const { seat } = device
    const words = this.#words[seat]
    if (!words || this.#whose[seat] !== device) return undefined
    const from = COLUMNS * seat
    const lastSeen = this.#numbers[from + 2] as number
    const { health, circuit, sync, online, cause, message, apart, repeated } = words
    // measured: with a spread of the words every frame takes three times as long on its whole way.
    return {
      health,
      circuit,
      sync,
      online,
      cause,
      message,
      apart,
      repeated,
      at: this.#numbers[from] as number,
      since: this.#numbers[from + 1] as number,
      lastSeen: Number.isNaN(lastSeen) ? null : lastSeen,
      ttlMs: this.#numbers[from + 3] as number,
      counted: this.#numbers[from + 4] as number,
    }
  }

  put(device: Device, flow: StatusFlow): void {
    const { seat } = device
    const from = COLUMNS * seat
    if (from >= this.#numbers.length) this.#grow(from)
    this.#whose[seat] = device
    this.#words[seat] = this.#wordsOf(flow)
    this.#numbers[from] = flow.at
    this.#numbers[from + 1] = flow.since
    this.#numbers[from + 2] = flow.lastSeen ?? Number.NaN
    this.#numbers[from + 3] = flow.ttlMs
    this.#numbers[from + 4] = flow.counted
  }

  /** Nothing was said of any. */
  clear(): void {
    this.#words = []
    this.#whose = []
  }

  #wordsOf({ health, circuit, sync, online, cause, message, apart, repeated }: StatusFlow): Words {
    const key = `${health} ${circuit} ${sync} ${online} ${repeated} ${cause} ${apart} ${message}`
    const known = this.#known.get(key)
    if (known) return known
    const words = { health, circuit, sync, online, cause, message, apart, repeated }
    if (this.#known.size >= MOST_WORDS) this.#known.clear()
    this.#known.set(key, words)
    return words
  }

  #grow(from: number): void {
    const bigger = new Float64Array(2 * (from + COLUMNS))
    bigger.set(this.#numbers)
    this.#numbers = bigger
  }
}

class Place<Device extends { readonly seat: number }> implements FlowPlace {
  readonly #said: SaidStatuses<Device>
  readonly #device: Device

  constructor(said: SaidStatuses<Device>, device: Device) {
    this.#said = said
    this.#device = device
  }

  get share(): number {
    return (this.#device.seat * GOLDEN) % 1
  }

  get flow(): StatusFlow | undefined {
    return this.#said.get(this.#device)
  }

  set flow(flow: StatusFlow | undefined) {
    if (flow) this.#said.put(this.#device, flow)
  }
}
