import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from './token-bucket.js'

export interface ConnectionLimits {
  readonly total: number
  /** From one address; this machine's own programs share theirs and are exempt. */
  readonly perAddress: number
  /** New connections; the burst lets a fleet come back together. */
  readonly rate: BucketPolicy
  /** The same within moments, for who can let them wait: what so many say first is not dealt with in one go. */
  readonly pace?: BucketPolicy
}

export const defaultConnectionLimits: ConnectionLimits = Object.freeze({
  total: 200,
  perAddress: 20,
  rate: Object.freeze({ perSecond: 10, burst: 100 }),
  pace: Object.freeze({ perSecond: 100, burst: 3 }),
})

export type CapFault = 'too-many-connections' | 'too-many-from-address' | 'too-fast'

/** Decides whether one more socket may be held. */
export class ConnectionCaps {
  readonly #limits: ConnectionLimits
  readonly #byAddress = new Map<string, number>()
  #total = 0
  #bucket = FULL_BUCKET
  #moment = FULL_BUCKET

  constructor(limits: ConnectionLimits = defaultConnectionLimits) {
    this.#limits = limits
  }

  /** Counts the connection in, or says why not; `now` in monotonic milliseconds. */
  admit(address: string, now: number): CapFault | undefined {
    const { total, perAddress, rate, pace } = this.#limits
    const same = this.#byAddress.get(address) ?? 0
    if (this.#total >= total) return 'too-many-connections'
    if (same >= perAddress && !isLoopback(address)) return 'too-many-from-address'
    if (!hasToken(this.#bucket, now, rate)) return 'too-fast'
    if (pace && !hasToken(this.#moment, now, pace)) return 'too-fast'
    this.#bucket = takeToken(this.#bucket, now, rate)
    if (pace) this.#moment = takeToken(this.#moment, now, pace)
    this.#byAddress.set(address, same + 1)
    this.#total++
    return undefined
  }

  /** An admitted connection is closed. */
  release(address: string): void {
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left > 0) this.#byAddress.set(address, left)
    else this.#byAddress.delete(address)
    this.#total--
  }
}

/** Whether an address reaches this machine only. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address)
}
