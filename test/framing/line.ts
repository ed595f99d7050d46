import { expect } from 'vitest'
import {
  type FlushReason,
  Framer,
  type Framing,
  type LineFormat,
  wrapFrame,
} from '../../src/framing/index.js'

export const framings: readonly Framing[] = ['cobs', 'slip', 'length', 'hex']

export const lineFormat = (framing: Framing, changes: Partial<LineFormat> = {}): LineFormat => ({
  framing,
  crc: 'crc32',
  address: 'none',
  maxFrame: 4096,
  ...changes,
})

/** Every format there is, with this `maxFrame`. */
export function everyFormat(maxFrame = 4096): LineFormat[] {
  return framings.flatMap((framing) =>
    (['crc32', 'crc16', 'none'] as const).flatMap((crc) =>
      framing === 'length' && crc === 'none'
        ? []
        : (['none', 'byte'] as const).map((address) => ({ framing, crc, address, maxFrame })),
    ),
  )
}

export const nameOf = ({ framing, crc, address }: LineFormat): string =>
  `${framing}, crc ${crc}, address ${address}`

export interface Received {
  readonly address: number
  readonly frame: string
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
export const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** A framer with a memory, whose books are audited after every push and flush. */
export class AuditedLine {
  readonly received: Received[] = []
  readonly framer: Framer
  readonly #mostPending: number

  constructor(format: LineFormat) {
    this.#mostPending = mostPending(format)
    this.framer = new Framer(format, (bytes, address) => {
      this.received.push({ address, frame: hexOf(bytes) })
    })
  }

  get frames(): string[] {
    return this.received.map(({ frame }) => frame)
  }

  push(bytes: Uint8Array, chunkSize = bytes.length): this {
    // The chunk is overwritten afterwards, as a driver does with its buffer.
    const chunk = new Uint8Array(Math.max(1, chunkSize))
    for (let at = 0; at < bytes.length; at += chunk.length) {
      const part = bytes.subarray(at, at + chunk.length)
      chunk.set(part)
      this.framer.push(chunk.subarray(0, part.length))
      chunk.fill(0xee)
      this.#audit()
    }
    return this
  }

  flush(reason: FlushReason): this {
    this.framer.flush(reason)
    expect(this.framer.pending).toBe(0)
    this.#audit()
    return this
  }

  discarded(): { bytes: Record<string, number>; frames: Record<string, number> } {
    const { discardedBytes, discardedFrames } = this.framer.counters
    return { bytes: withoutZeros(discardedBytes), frames: withoutZeros(discardedFrames) }
  }

  #audit(): void {
    const { bytesIn, bytesInFrames, discardedBytes, framesOut } = this.framer.counters
    const discarded = Object.values(discardedBytes).reduce((sum, bytes) => sum + bytes, 0)
    const { pending } = this.framer
    // Plain comparisons: the matchers take most of the time of a test at chunk size 1.
    if (bytesIn !== bytesInFrames + discarded + pending) {
      expect({ bytesIn, bytesInFrames, discarded, pending }).toBe('balanced')
    }
    if (pending < 0 || pending > this.#mostPending) expect(pending).toBe('within its limit')
    if (framesOut !== this.received.length) expect(framesOut).toBe(this.received.length)
  }
}

/** The most that stuffing makes of the longest frame, without its last delimiter. */
function mostPending({ framing, maxFrame }: LineFormat): number {
  if (framing === 'cobs') return maxFrame + Math.ceil(maxFrame / 254) + 1
  if (framing === 'slip') return 2 * maxFrame + 1
  return framing === 'length' ? maxFrame + 1 : 4 * maxFrame + 1
}

const withoutZeros = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0))

/** `count` different frames of 2 to 60 bytes, each naming itself in its first two. */
export function distinctFrames(count: number, random: () => number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => {
    const frame = new Uint8Array(2 + Math.floor(58 * random()))
    for (let i = 2; i < frame.length; i++) frame[i] = awkwardByte(random)
    frame[0] = n >> 8
    frame[1] = n
    return frame
  })
}

/** Zeros, ENDs and ESCs far more often than chance would have them. */
function awkwardByte(random: () => number): number {
  const byte = Math.floor(256 * random())
  return random() < 0.3 ? [0, 0xc0, 0xdb, 0xff][byte & 3]! : byte
}

export const randomBytes = (size: number, random: () => number): Uint8Array =>
  new Uint8Array(size).map(() => Math.floor(256 * random()))

/** The delimiter that lets a line without a checksum trust what follows. */
export const leadingDelimiter = ({ framing }: LineFormat): Uint8Array =>
  Uint8Array.of({ cobs: 0, slip: 0xc0, length: 0, hex: 0x0a }[framing])

export const wrapAll = (format: LineFormat, frames: readonly Uint8Array[]): Uint8Array =>
  joined(...frames.map((frame) => wrapFrame(format, frame, format.address === 'byte' ? 7 : -1)))
