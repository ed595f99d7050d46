/** Why a connection's bytes are not let through. */
export type GuardFault = 'packet-too-large' | 'malformed-length' | 'not-connect'

export interface GuardLimits {
  /** Longest packet before the CONNECT has been accepted, in bytes after the fixed header. */
  readonly beforeConnect: number
  /** Longest packet afterwards. */
  readonly afterConnect: number
}

export const defaultGuardLimits: GuardLimits = Object.freeze({
  beforeConnect: 4 * 1024,
  afterConnect: 256 * 1024,
})

const CONNECT = 0x10

/**
 * Watches the lengths that a client declares, before anything collects what it promises: the broker alone
 * would hold 211 MB for a stranger's first packet. Keeps no bytes.
 */
export class PacketGuard {
  readonly #limits: GuardLimits
  #limit: number
  #started = false
  /** Bytes of the current packet still to come; the header is read where it is 0. */
  #left = 0
  /** Weight of the next length byte; 0 while the packet's first byte is awaited. */
  #weight = 0
  #length = 0

  constructor(limits: GuardLimits = defaultGuardLimits) {
    this.#limits = limits
    this.#limit = limits.beforeConnect
  }

  /** The broker has accepted the CONNECT: longer packets are allowed from here on, up to what this client may send. */
  accepted(longest = Number.POSITIVE_INFINITY): void {
    this.#limit = Math.min(this.#limits.afterConnect, longest)
  }

  /** Looks at the next bytes; after a fault the connection is not worth reading on. */
  check(chunk: Uint8Array): GuardFault | undefined {
    let offset = 0
    while (offset < chunk.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - offset)
        this.#left -= skipped
        offset += skipped
        continue
      }
      const fault = this.#header(chunk[offset++] ?? 0)
      if (fault) return fault
    }
    return undefined
  }

  /** One byte of a fixed header: the type, then up to four bytes of length, seven bits each. */
  #header(byte: number): GuardFault | undefined {
    if (this.#weight === 0) {
      if (!this.#started && (byte & 0xf0) !== CONNECT) return 'not-connect'
      this.#started = true
      this.#weight = 1
      this.#length = 0
      return undefined
    }
    this.#length += (byte & 0x7f) * this.#weight
    if (this.#length > this.#limit) return 'packet-too-large'
    if (byte & 0x80) {
      this.#weight *= 128
      return this.#weight > 128 ** 3 ? 'malformed-length' : undefined
    }
    this.#left = this.#length
    this.#weight = 0
    return undefined
  }
}
