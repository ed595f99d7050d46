import type { ExactDecoder } from '../alec/index.js'
import type { Cause } from './event.js'
import type { Parcel } from './parcel.js'
import type { SyncState } from './status.js'

/** So many frames in a row that are good on every channel end a recovery, whatever the next delta may bring. */
const STEADY = 40

/** What a restart must not forget. */
export interface SyncMemory {
  readonly cause: Cause | null
  readonly message: string
  /** By channel: 1 where its last reading was outside its tolerance, or nothing is known. */
  readonly outside: readonly number[]
  readonly unknown: readonly number[]
  readonly framesInRecovery: number
  readonly goodInARow: number
}

/**
 * How well a device's stream is followed: which channels are outside their tolerance, since when, and why.
 * A break (gap, unknown state) opens a recovery; it ends when the readings are good again and stay so.
 */
export class SyncMonitor {
  readonly #decoder: ExactDecoder
  /** A channel whose predictions lie closer than this reads its next delta well; by channel. */
  readonly #closeEnough: Float64Array
  readonly #outside: Uint8Array
  readonly #unknown: Uint8Array
  #cause: Cause | null = null
  #message = ''
  #framesInRecovery = 0
  #goodInARow = 0

  constructor(decoder: ExactDecoder, closeEnough: Float64Array) {
    this.#decoder = decoder
    this.#closeEnough = closeEnough
    this.#outside = new Uint8Array(decoder.estimates.length)
    this.#unknown = new Uint8Array(decoder.estimates.length).fill(1)
  }

  /** Why it recovers; null where it does not. */
  get cause(): Cause | null {
    return this.#cause
  }

  get message(): string {
    return this.#message
  }

  get recovering(): boolean {
    return this.#cause !== null
  }

  /** How many channels are not good. */
  get channelsOutside(): number {
    let count = 0
    this.#outside.forEach((outside, channel) => {
      if (outside === 1 || this.#unknown[channel] === 1) count++
    })
    return count
  }

  get state(): SyncState {
    if (this.#unknown.includes(1)) return 'unknown'
    if (this.#outside.includes(1)) return 'recovering'
    return this.#decoder.exact ? 'exact' : 'bounded'
  }

  /** A new encoder: all is known. */
  begin(): void {
    this.#unknown.fill(0)
    this.#outside.fill(0)
    this.#cause = null
    this.#message = ''
  }

  /** Something broke the stream: frames were lost, or nothing is known any more. */
  break(cause: Cause, message: string, unknown: boolean): void {
    if (unknown) this.#unknown.fill(1)
    // Lost frames do not hide that the state was unknown before.
    if (unknown || this.#cause === null) {
      this.#cause = cause
      this.#message = message
    }
    this.#framesInRecovery = 0
    this.#goodInARow = 0
  }

  /** One channel of the frame was read, within its tolerance or not. */
  read(channel: number, good: boolean): void {
    this.#outside[channel] = good ? 0 : 1
    if (good) this.#unknown[channel] = 0
  }

  /** A declaration of this channel was found false: nothing is known of it. */
  doubt(channel: number): void {
    this.#unknown[channel] = 1
  }

  /**
   * Whether the next delta of every channel will be good, as far as one can say; a channel that NaN has
   * poisoned does not count, no keyframe heals it.
   */
  get ready(): boolean {
    return this.#decoder.estimates.every(
      (estimate, i) => estimate.poisoned || estimate.spread <= (this.#closeEnough[i] ?? 0),
    )
  }

  /** Ends a frame; the number of frames that the recovery took, where it ended just now. */
  endFrame(good: boolean): number | undefined {
    if (this.#cause === null) return undefined
    this.#framesInRecovery++
    this.#goodInARow = good && !this.#outside.includes(1) ? this.#goodInARow + 1 : 0
    if (this.#goodInARow === 0 || (this.#goodInARow < STEADY && !this.ready)) return undefined
    if (this.#unknown.includes(1)) return undefined
    this.#cause = null
    this.#message = ''
    return this.#framesInRecovery
  }

  /** Every channel is followed, and nothing was wrong lately. */
  get #isWell(): boolean {
    for (let channel = 0; channel < this.#outside.length; channel++)
      if (this.#outside[channel] !== 0 || this.#unknown[channel] !== 0) return false
    return this.#cause === null && this.#message === ''
  }

  pack(parcel: Parcel): void {
    const isWell = this.#isWell
    parcel.putFlag(isWell)
    if (!isWell) {
      parcel.putText(this.#cause ?? '')
      parcel.putText(this.#message)
      parcel.putBits(this.#outside)
      parcel.putBits(this.#unknown)
    }
    parcel.putUsual(this.#framesInRecovery, 0)
    parcel.putUsual(this.#goodInARow, 0)
  }

  unpack(parcel: Parcel): void {
    if (parcel.takeFlag()) {
      if (!this.#isWell) this.begin()
    } else {
      const cause = parcel.takeText()
      this.#cause = cause === '' ? null : (cause as Cause)
      this.#message = parcel.takeText()
      parcel.takeBits(this.#outside)
      parcel.takeBits(this.#unknown)
    }
    this.#framesInRecovery = parcel.takeUsual(0)
    this.#goodInARow = parcel.takeUsual(0)
  }

  save(): SyncMemory {
    return {
      cause: this.#cause,
      message: this.#message,
      outside: [...this.#outside],
      unknown: [...this.#unknown],
      framesInRecovery: this.#framesInRecovery,
      goodInARow: this.#goodInARow,
    }
  }

  restore(memory: SyncMemory): void {
    const { cause, message, outside, unknown } = memory
    this.#cause = cause
    this.#message = message
    this.#outside.set(outside)
    this.#unknown.set(unknown)
    this.#framesInRecovery = memory.framesInRecovery
    this.#goodInARow = memory.goodInARow
  }
}
