import type { Contradiction, ExactDecoder } from '../alec/index.js'
import type { Cause, DeviceEvent } from './event.js'
import type { Parcel } from './parcel.js'
import type { DeviceProfile } from './profile.js'
import type { SyncMonitor } from './sync.js'
import type { ChannelReading, Quality } from './verdict.js'

/** A declaration found false: permanent until the configuration changes. */
export interface FalseDeclaration {
  readonly cause: Cause
  readonly message: string
}

const WRONG: Readonly<Record<Contradiction, { readonly cause: Cause; readonly what: string }>> = {
  resolution: { cause: 'wrong-resolution', what: 'resolution' },
  range: { cause: 'wrong-range', what: 'range (min, max)' },
  'max-step': { cause: 'wrong-max-step', what: 'max_step' },
}

/** Turns what the decoder left of a frame into readings, and says what it found out about the sensors. */
export class FrameReader {
  /** The latest one. */
  falseDeclaration: FalseDeclaration | undefined
  readonly #profile: DeviceProfile
  readonly #decoder: ExactDecoder
  readonly #sync: SyncMonitor
  /** Contradictions told so far, by channel. */
  readonly #told: Uint8Array
  readonly #poisoned: Uint8Array

  constructor(profile: DeviceProfile, decoder: ExactDecoder, sync: SyncMonitor) {
    this.#profile = profile
    this.#decoder = decoder
    this.#sync = sync
    this.#told = new Uint8Array(profile.names.length)
    this.#poisoned = new Uint8Array(profile.names.length)
  }

  /** A channel has sent NaN or ±∞ and its deltas say nothing. */
  get poisoned(): boolean {
    return this.#poisoned.includes(1)
  }

  /** The readings of the frame that was decoded last, in wire order. */
  read(wall: number, events: DeviceEvent[]): ChannelReading[] {
    const { count } = this.#decoder
    const readings: ChannelReading[] = new Array(count)
    for (let i = 0; i < count; i++) readings[i] = this.#readOne(i, wall, events)
    return readings
  }

  /** The estimates were restored: what they know is not news. */
  resume(falseDeclaration: FalseDeclaration | undefined): void {
    this.falseDeclaration = falseDeclaration
    this.#decoder.estimates.forEach((estimate, channel) => {
      this.#told[channel] = estimate.contradictions.length
      this.#poisoned[channel] = estimate.poisoned ? 1 : 0
    })
  }

  pack(parcel: Parcel): void {
    const isPlain = this.falseDeclaration === undefined && !this.#isStained
    parcel.putFlag(isPlain)
    if (isPlain) return
    parcel.putAside(this.falseDeclaration)
    for (let channel = 0; channel < this.#told.length; channel++)
      parcel.put(2 * this.#told[channel]! + this.#poisoned[channel]!)
  }

  unpack(parcel: Parcel): void {
    if (parcel.takeFlag()) {
      if (this.#isStained) {
        this.#told.fill(0)
        this.#poisoned.fill(0)
      }
      this.falseDeclaration = undefined
      return
    }
    this.falseDeclaration = parcel.takeAside()
    for (let channel = 0; channel < this.#told.length; channel++) {
      const both = parcel.take()
      this.#told[channel] = both >> 1
      this.#poisoned[channel] = both & 1
    }
  }

  /** Something was found false, or no number, on one of the channels. */
  get #isStained(): boolean {
    for (let channel = 0; channel < this.#told.length; channel++)
      if (this.#told[channel] !== 0 || this.#poisoned[channel] !== 0) return true
    return false
  }

  #readOne(i: number, wall: number, events: DeviceEvent[]): ChannelReading {
    const channel = this.#decoder.channels[i] ?? 0
    const value = this.#decoder.values[i] ?? Number.NaN
    const bound = this.#decoder.bounds[i] ?? Number.POSITIVE_INFINITY
    const bad = this.#decoder.nonFinite[i] === 1
    const name = this.#profile.names[channel] ?? ''
    const good = bound <= (this.#profile.tolerances[channel] ?? 0)
    const quality: Quality = bad ? 'bad' : good ? 'good' : 'uncertain'
    this.#sync.read(channel, good)
    this.#tellContradictions(channel, name, wall, events)
    // Said once per channel until it has recovered: a dead sensor sends NaN for days.
    if (bad && this.#poisoned[channel] === 0) {
      const facts = { channel: name, value: String(value) }
      events.push({ wall, severity: 'warning', type: 'not_finite', ...facts })
    }
    this.#poisoned[channel] = this.#decoder.estimates[channel]?.poisoned ? 1 : 0
    return { name, value, bound, quality }
  }

  #tellContradictions(channel: number, name: string, wall: number, events: DeviceEvent[]): void {
    const contradictions = this.#decoder.estimates[channel]!.contradictions
    if (contradictions.length === this.#told[channel]) return
    for (const contradiction of contradictions.slice(this.#told[channel])) {
      const { cause, what } = WRONG[contradiction]
      const message = `channel ${name}: a value contradicts the declared ${what}, which is not used any more`
      this.falseDeclaration = { cause, message }
      this.#sync.doubt(channel)
      events.push({
        wall,
        severity: 'error',
        type: 'wrong_declaration',
        channel: name,
        cause,
        message,
      })
    }
    this.#told[channel] = contradictions.length
  }
}
