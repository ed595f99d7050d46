import type { Frame, Integrity } from '../framing/index.js'
import { fromHex, toHex } from './hex.js'
import type { Parcel } from './parcel.js'
import { SEQUENCES } from './stream-position.js'
import { modulo } from './version-track.js'

/** A frame is held for so many intervals at most. */
const HOLD_INTERVALS = 2

/** A held frame as JSON; its bytes in hexadecimal. */
export interface HeldMemory {
  readonly bytes: string
  readonly sequence: number
  readonly mono: number
  readonly wall: number
  readonly integrity: Integrity
  readonly source: string
  readonly ordinal: number | null
}

/** What a stream says of a frame that has not been decoded yet. */
export interface Outlook {
  /** Of the frame; undefined where it has no place in the order (it is broken, or carries no data). */
  readonly sequence: number | undefined
  /** It came before, so that it is never held. */
  readonly repeated: boolean
  /** It may be the first of an encoder that has started anew: what is held comes before it. */
  readonly restarts: boolean
}

/** What the window needs of the stream that it is put before. */
export interface OrderedStream {
  /** The sequence that comes next; undefined where none is expected. */
  readonly expected: number | undefined
  /** Milliseconds between two frames; 0 where unknown, and then nothing is held. */
  readonly intervalMs: number
  look(frame: Frame): Outlook
}

/** Takes a frame whose turn it is, or (`repeated`) that came once more while it is held. */
export type GoOn = (frame: Frame, repeated: boolean) => void

interface Held {
  readonly frame: Frame
  readonly sequence: number
}

/**
 * Puts a device's frames back in their order: one that comes too early is held until the missing ones have come, until
 * more are held than its door's window allows, or for two intervals. What goes on, and in which order, follows from the
 * frames and their times alone; it makes no difference when it is looked at.
 */
export class ReorderWindow {
  readonly #stream: OrderedStream
  /** In the order in which they go on. */
  readonly #held: Held[] = []

  constructor(stream: OrderedStream) {
    this.#stream = stream
  }

  get size(): number {
    return this.#held.length
  }

  /** Takes a frame from a door with a window of so many frames. */
  take(frame: Frame, window: number, go: GoOn): void {
    this.release(frame.mono, go)
    const { sequence, repeated, restarts } = this.#stream.look(frame)
    const { expected } = this.#stream
    if (expected === undefined || restarts) this.#releaseAll(go)
    if (sequence === undefined || expected === undefined || repeated || restarts) {
      go(frame, false)
      return
    }
    if (modulo(sequence - expected, SEQUENCES) < SEQUENCES / 2) {
      this.#enter({ frame, sequence }, expected, window, go)
      return
    }
    // Late, a duplicate, or of another encoder: then what is held is not of the stream that goes on.
    go(frame, false)
    if (this.#stream.expected !== expected) this.#releaseAll(go)
  }

  /** Lets go what has been held for its time by `now`; every frame that came before must have been taken. */
  release(now: number, go: GoOn): void {
    for (;;) {
      const due = now - HOLD_INTERVALS * this.#stream.intervalMs
      const oldest = leastMono(this.#held, Number.POSITIVE_INFINITY)
      if (oldest > due || this.#held.length === 0) return
      this.#releaseTo(
        this.#held.findIndex(({ frame }) => frame.mono === oldest),
        go,
      )
    }
  }

  pack(parcel: Parcel): void {
    parcel.putAside(this.#held.length > 0 ? this.#held.slice() : undefined)
  }

  unpack(parcel: Parcel): void {
    if (this.#held.length > 0) this.#held.length = 0
    for (const held of parcel.takeAside<Held[]>() ?? []) this.#held.push(held)
  }

  save(): HeldMemory[] {
    return this.#held.map(({ frame, sequence }) => {
      const { bytes, mono, wall, integrity, source, ordinal = null } = frame
      return { bytes: toHex(bytes), sequence, mono, wall, integrity, source, ordinal }
    })
  }

  restore(device: string, saved: readonly HeldMemory[]): void {
    this.#held.length = 0
    for (const { bytes, sequence, ordinal, ...rest } of saved) {
      const numbered = ordinal === null ? {} : { ordinal }
      this.#held.push({ sequence, frame: { ...rest, ...numbered, device, bytes: fromHex(bytes) } })
    }
  }

  /** Puts a frame among those that are held, and lets go whose turn it is then. */
  #enter(entering: Held, expected: number, window: number, go: GoOn): void {
    const distance = modulo(entering.sequence - expected, SEQUENCES)
    const at = this.#held.findIndex(
      ({ sequence }) => modulo(sequence - expected, SEQUENCES) >= distance,
    )
    const there = this.#held[at]
    if (there?.sequence === entering.sequence) {
      if (isSame(there.frame.bytes, entering.frame.bytes)) {
        go(entering.frame, true)
        return
      }
      // Two frames of one number: the stream shall see both and say so.
      this.#releaseAll(go)
      go(entering.frame, false)
      return
    }
    this.#held.splice(at < 0 ? this.#held.length : at, 0, entering)
    this.#releaseContiguous(go)
    while (this.#held.length > window) this.#releaseTo(0, go)
    this.release(entering.frame.mono, go)
  }

  #releaseContiguous(go: GoOn): void {
    while (this.#held[0] !== undefined && this.#held[0].sequence === this.#stream.expected)
      this.#releaseFirst(go)
  }

  /** Gives up what is missing before the frame at this place. */
  #releaseTo(index: number, go: GoOn): void {
    for (let i = 0; i <= index; i++) this.#releaseFirst(go)
    this.#releaseContiguous(go)
  }

  #releaseAll(go: GoOn): void {
    while (this.#held.length > 0) this.#releaseFirst(go)
  }

  #releaseFirst(go: GoOn): void {
    const first = this.#held.shift()
    if (!first) return
    // It was sent before those behind it, so not later than the first of them came.
    const { frame } = first
    const mono = leastMono(this.#held, frame.mono)
    go(mono === frame.mono ? frame : { ...frame, mono }, false)
  }
}

const leastMono = (held: readonly Held[], start: number): number =>
  held.reduce((least, { frame }) => Math.min(least, frame.mono), start)

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, i) => byte === other[i])
