import { CompactEncoder } from '../../src/alec/index.js'

const TURN = 1000
/** Measured beforehand, so that it does not have to be while time is taken. */
const MEASURED = Array.from({ length: TURN }, (_, n) => [
  Number((21 + 3 * Math.sin((2 * Math.PI * n) / 50)).toFixed(1)),
  Math.round(50 + 10 * Math.sin((2 * Math.PI * n) / 125)),
])

/** A device of `NODE_MODEL` that costs next to nothing. */
export class BenchNode {
  readonly id: string
  readonly topic: string
  readonly #encoder = new CompactEncoder({ channels: 2 })
  #turn: number

  constructor(number: number) {
    this.id = `node-${number}`
    this.topic = `alec/${this.id}/frame`
    this.#turn = 31 * number
  }

  next(): Uint8Array {
    return this.#encoder.encode(MEASURED[this.#turn++ % TURN] ?? [])
  }
}
