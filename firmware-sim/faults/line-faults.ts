import type { Random } from '../random.js'
import type { LineFaultRates } from './rates.js'

/** What was done to a line that nothing has been done to yet. */
export const noLineFaults = {
  bytesIn: 0,
  bytesOut: 0,
  bitErrors: 0,
  lost: 0,
  duplicated: 0,
  inserted: 0,
  noiseRuns: 0,
  noiseBytes: 0,
  errorBursts: 0,
  /** Bytes that a disturbance hit, also where it happened to make the same of them. */
  disturbed: 0,
  overruns: 0,
  /** Bytes that the receiver had no room for. */
  overrun: 0,
}

/** Always exact: `bytesOut` = `bytesIn` − `lost` − `overrun` + `duplicated` + `inserted` + `noiseBytes`. */
export type LineFaultCounters = Readonly<typeof noLineFaults>

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

/** Begins on some trials and then lasts for some more. */
class Spells {
  readonly #begins: Occurrences
  readonly #meanLength: number
  #left = 0

  constructor(rate: number, meanLength: number, random: Random) {
    this.#begins = new Occurrences(rate, random)
    this.#meanLength = meanLength
  }

  get random(): Random {
    return this.#begins.random
  }

  /** Whether it is on at this trial, and whether it began just now. */
  next(): 'begins' | 'on' | 'off' {
    const begins = this.#begins.next() && this.#left === 0
    if (begins) this.#left = this.random.runLength(this.#meanLength)
    if (this.#left === 0) return 'off'
    this.#left--
    return begins ? 'begins' : 'on'
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
  readonly #bursts: Spells
  readonly #overruns: Spells
  readonly #counters = { ...noLineFaults }

  constructor(rates: LineFaultRates, random: Random) {
    this.#rates = rates
    this.#bitErrors = new Occurrences(rates.bitErrors, random.fork('bit error'))
    this.#losses = new Occurrences(rates.byteLoss, random.fork('byte loss'))
    this.#duplicates = new Occurrences(rates.byteDuplicates, random.fork('byte duplicate'))
    this.#inserts = new Occurrences(rates.byteInserts, random.fork('byte insert'))
    this.#noise = new Occurrences(rates.noiseRuns, random.fork('noise'))
    const { errorBursts, errorBurstLength, overruns, overrunLength } = rates
    this.#bursts = new Spells(errorBursts, errorBurstLength, random.fork('error burst'))
    this.#overruns = new Spells(overruns, overrunLength, random.fork('overrun'))
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
    const received = this.#disturbed(this.#flipped(byte))
    const lost = this.#losses.next()
    const twice = this.#duplicates.next()
    if (this.#hasNoRoom()) return
    if (lost) {
      this.#counters.lost++
      return
    }
    out.push(received)
    if (!twice) return
    this.#counters.duplicated++
    out.push(received)
  }

  #disturbed(byte: number): number {
    const spell = this.#bursts.next()
    if (spell === 'off') return byte
    if (spell === 'begins') this.#counters.errorBursts++
    this.#counters.disturbed++
    return this.#bursts.random.below(256)
  }

  #hasNoRoom(): boolean {
    const spell = this.#overruns.next()
    if (spell === 'off') return false
    if (spell === 'begins') this.#counters.overruns++
    this.#counters.overrun++
    return true
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
