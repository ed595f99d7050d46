import { type FaultRates, LineFaults, type Random } from '../../firmware-sim/index.js'
import { Framer, type LineFormat, wrapFrame } from '../../src/framing/index.js'

const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }

/** The serial line between a node and the bridge, where the course has faults on it; else nothing at all. */
export class Wire {
  readonly #faults: LineFaults | undefined
  readonly #framer: Framer
  #arrived: Uint8Array[] = []

  constructor(rates: FaultRates, random: Random) {
    const faulty =
      rates.bitErrors +
        rates.byteLoss +
        rates.byteDuplicates +
        rates.byteInserts +
        rates.noiseRuns >
      0
    this.#faults = faulty ? new LineFaults(rates, random.fork('wire')) : undefined
    this.#framer = new Framer(FORMAT, (bytes) => this.#arrived.push(bytes))
  }

  /** The frames that come out when this one is put in. */
  carry(bytes: Uint8Array): readonly Uint8Array[] {
    if (!this.#faults) return [bytes]
    this.#arrived = []
    this.#framer.push(this.#faults.apply(wrapFrame(FORMAT, bytes)))
    return this.#arrived
  }
}
