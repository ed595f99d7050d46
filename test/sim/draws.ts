import type { Random } from '../../firmware-sim/index.js'
import { xxh32 } from '../../src/alec/index.js'

/** Random numbers apart for every name: how much is drawn for one moves none of the others. */
export class Draws {
  readonly #random: Random
  readonly #byName = new Map<string, Random>()

  constructor(random: Random) {
    this.#random = random
  }

  for(name: string): Random {
    const known = this.#byName.get(name)
    if (known) return known
    const own = this.#random.fork(name)
    this.#byName.set(name, own)
    return own
  }
}

/** A number in [0, 2³²) for every moment, and every count of it, that does not depend on what else was asked for. */
export function drawnByTime(random: Random): (time: number, count?: number) => number {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, random.uint32())
  return (time, count = 0) => {
    view.setUint32(4, count)
    view.setFloat64(8, time)
    return xxh32(bytes)
  }
}
