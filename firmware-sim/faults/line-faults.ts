import type { Random } from '../random.js'
import type { LineFaultRates } from './rates.js'

/** Always exact: `bytesOut` = `bytesIn` − `lost` + `duplicated` + `inserted` + `noiseBytes`. */
export interface LineFaultCounters {
  readonly bytesIn: number
  readonly bytesOut: number
  readonly bitErrors: number
  readonly lost: number
  readonly duplicated: number
  readonly inserted: number
  readonly noiseRuns: number
  readonly noiseBytes: number
}

/** Says on which trials something happens: it draws once per event, not once per trial. */
class Occurrences {
  readonly #rate: number
  readonly random: Random
  #left: number

  constructor(rate: number, random: Random) {
    this.#rate = rate
    this.random = random
    this.#left = random.failuresBefore(rate)
  }

  /** Whether it happens on this trial. */
  next(): boolean {
    if (this.#left > 0) {
      this.#left--
      return false
    }
    this.#left = this.random.failuresBefore(this.#rate)
    return true
  }
}

/**
 * What a wire does to a stream of bytes. What happens where does not depend on how the stream is cut into
 * chunks, and one fault more leaves the others where they were.
 */
export class LineFaults {
  readonly #rates: LineFaultRates
  readonly #bitErrors: Occurrences
  readonly #losses: Occurrences
  readonly #duplicates: Occurrences
  readonly #inserts: Occurrences
  readonly #noise: Occurrences
  readonly #counters = {
    bytesIn: 0,
    bytesOut: 0,
    bitErrors: 0,
    lost: 0,
    duplicated: 0,
    inserted: 0,
    noiseRuns: 0,
    noiseBytes: 0,
  }

  constructor(rates: LineFaultRates, random: Random) {
    this.#rates = rates
    this.#bitErrors = new Occurrences(rates.bitErrors, random.fork('bit error'))
    this.#losses = new Occurrences(rates.byteLoss, random.fork('byte loss'))
    this.#duplicates = new Occurrences(rates.byteDuplicates, random.fork('byte duplicate'))
    this.#inserts = new Occurrences(rates.byteInserts, random.fork('byte insert'))
    this.#noise = new Occurrences(rates.noiseRuns, random.fork('noise'))
  }

  /** A copy. */
  get counters(): LineFaultCounters {
    return { ...this.#counters }
  }

  /** What comes out at the other end. */
  apply(bytes: Uint8Array): Uint8Array {
    const out: number[] = []
    for (const byte of bytes) this.#pass(byte, out)
    this.#counters.bytesIn += bytes.length
    this.#counters.bytesOut += out.length
    return Uint8Array.from(out)
  }

  #pass(byte: number, out: number[]): void {
    if (this.#noise.next()) this.#makeNoise(out)
    if (this.#inserts.next()) {
      this.#counters.inserted++
      out.push(this.#inserts.random.below(256))
    }
    const received = this.#flipped(byte)
    const lost = this.#losses.next()
    const twice = this.#duplicates.next()
    if (lost) {
      this.#counters.lost++
      return
    }
    out.push(received)
    if (!twice) return
    this.#counters.duplicated++
    out.push(received)
  }

  #flipped(byte: number): number {
    let received = byte
    for (let bit = 0; bit < 8; bit++) {
      if (!this.#bitErrors.next()) continue
      this.#counters.bitErrors++
      received ^= 1 << bit
    }
    return received
  }

  #makeNoise(out: number[]): void {
    const { random } = this.#noise
    const length = random.runLength(this.#rates.noiseLength)
    this.#counters.noiseRuns++
    this.#counters.noiseBytes += length
    out.push(...random.bytes(length))
  }
}
