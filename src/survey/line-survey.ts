import { type Crc, Framer, type Framing, type LineFormat } from '../framing/index.js'
import { FrameTrail } from './frame-trail.js'
import type { Sighting } from './sighting.js'

/** A frame on a line, with the address before it, -1 where it has none. */
export interface LineSighting extends Sighting {
  readonly address: number
}

/** A format by which a line's bytes make sense. */
export interface LineMatch {
  readonly format: LineFormat
  /** What could be cut by this framing, whether the CRC agrees or not. */
  readonly cut: number
  /** Those whose CRC agrees, that are frames, and that count on from each other. */
  readonly agreed: number
  readonly parsed: number
  readonly followed: number
  readonly sightings: readonly LineSighting[]
}

/** What a source accepts by default. */
const MAX_FRAME = 4096
/** Kept of each way to cut the bytes; a minute of the fastest line. */
const MOST_KEPT = 50_000

const framings: readonly Framing[] = ['cobs', 'slip', 'length', 'hex']
const crcs: readonly Crc[] = ['crc32', 'crc16', 'none']

/** What one agreeing frame is worth: by chance a CRC agrees once in 2³², once in 65 536, always. */
const WORTH: Readonly<Record<Crc, number>> = { crc32: 1, crc16: 0.5, none: 0.01 }
/** What it is worth that a frame counts on from the one before. */
const FOLLOWED = 1
/** Of that, a format needs so much to be believed. */
const ENOUGH: Readonly<Record<Crc, number>> = { crc32: 2, crc16: 3, none: 4 }

/** Cuts one byte stream in every way that lines know, and says which of them finds frames. */
export class LineSurvey {
  bytes = 0
  readonly #cuts: readonly Cut[] = framings.flatMap((framing) =>
    crcs.flatMap((crc) => (framing === 'length' && crc === 'none' ? [] : [new Cut(framing, crc)])),
  )

  push(chunk: Uint8Array, mono: number): void {
    this.bytes += chunk.length
    for (const cut of this.#cuts) cut.push(chunk, mono)
  }

  /** The line was quiet for a while. */
  rest(): void {
    for (const cut of this.#cuts) cut.rest()
  }

  /** The format that explains most; undefined where none does. */
  get match(): LineMatch | undefined {
    return this.#best?.match()
  }

  /** Whether some format explains what came. */
  get makesSense(): boolean {
    return this.#best !== undefined
  }

  /** Whether anything at all that came looked like a frame. */
  get mayMakeSense(): boolean {
    return this.#cuts.some((cut) => cut.hasFrames)
  }

  get #best(): Candidate | undefined {
    let best: Candidate | undefined
    for (const cut of this.#cuts) {
      for (const candidate of cut.candidates()) {
        if (candidate.worth > (best?.worth ?? 0)) best = candidate
      }
    }
    return best
  }
}

interface Candidate {
  readonly worth: number
  match(): LineMatch
}

/** One framing with one CRC. */
class Cut {
  readonly #framing: Framing
  readonly #crc: Crc
  readonly #framer: Framer
  readonly #kept: { readonly bytes: Uint8Array; readonly mono: number }[] = []
  readonly #bare = new FrameTrail()
  readonly #addressed = new Map<number, FrameTrail>()
  #now = 0

  constructor(framing: Framing, crc: Crc) {
    this.#framing = framing
    this.#crc = crc
    this.#framer = new Framer(this.#format('none'), (bytes) => this.#take(bytes))
  }

  push(chunk: Uint8Array, mono: number): void {
    this.#now = mono
    this.#framer.push(chunk)
  }

  rest(): void {
    this.#framer.flush('idle')
  }

  get hasFrames(): boolean {
    if (this.#bare.parsed > 0) return true
    for (const trail of this.#addressed.values()) if (trail.parsed > 0) return true
    return false
  }

  /** As one device's frames, and as those of several that an address byte tells apart. */
  *candidates(): Generator<Candidate> {
    const { discardedFrames, framesOut } = this.#framer.counters
    const cut = framesOut + discardedFrames.crc
    const addressed = [...this.#addressed.values()]
    for (const [address, trails] of [
      ['none', [this.#bare]],
      ['byte', addressed],
    ] as const) {
      const parsed = sum(trails, (trail) => trail.parsed)
      const followed = sum(trails, (trail) => trail.followed)
      const worth = parsed * WORTH[this.#crc] + followed * FOLLOWED
      // Noise now and then looks like a frame; a line of frames is mostly frames.
      if (worth < ENOUGH[this.#crc] || 2 * parsed < framesOut) continue
      const counts = { cut, agreed: framesOut, parsed, followed }
      yield {
        worth,
        match: () => ({
          format: this.#format(address),
          ...counts,
          sightings: this.#kept.flatMap(({ bytes, mono }) => this.#sighting(bytes, mono, address)),
        }),
      }
    }
  }

  #format(address: LineFormat['address']): LineFormat {
    return { framing: this.#framing, crc: this.#crc, address, maxFrame: MAX_FRAME }
  }

  #take(bytes: Uint8Array): void {
    if (this.#kept.length < MOST_KEPT) this.#kept.push({ bytes, mono: this.#now })
    this.#bare.take(bytes)
    const address = bytes[0]
    if (address === undefined || bytes.length < 2) return
    const trail = this.#addressed.get(address) ?? new FrameTrail()
    this.#addressed.set(address, trail)
    trail.take(bytes.subarray(1))
  }

  #sighting(bytes: Uint8Array, mono: number, by: LineFormat['address']): LineSighting[] {
    const integrity = this.#crc
    if (by === 'none') return [{ bytes, mono, integrity, address: -1 }]
    const address = bytes[0]
    if (address === undefined || bytes.length < 2) return []
    return [{ bytes: bytes.subarray(1), mono, integrity, address }]
  }
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0)
