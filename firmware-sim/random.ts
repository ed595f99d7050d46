/** Golden ratio · 2³², the step of splitmix32. */
const goldenStep = 0x9e3779b9

/**
 * Seeded random numbers: sfc32 (Doty-Humphrey's small fast counting generator), its state filled by
 * splitmix32. A fork depends on the seed and the names on the way to it alone, never on how much was drawn
 * elsewhere: taking one device away leaves every other device's numbers as they were.
 */
export class Random {
  readonly #seed: number
  #a: number
  #b: number
  #c: number
  #counter = 1
  #spareNormal = Number.NaN

  /** Only the low 32 bits of a numeric seed count. */
  constructor(seed: number | string) {
    this.#seed = typeof seed === 'string' ? hashName(seed, 0) : seed >>> 0
    const fill = splitMix(this.#seed)
    this.#a = fill()
    this.#b = fill()
    this.#c = fill()
    // The state's own numbers show through the first outputs.
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** An independent generator for the part called `name`. */
  fork(name: string): Random {
    return new Random(hashName(name, this.#seed))
  }

  /** A whole number in [0, 2³²). */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A number in [0, 1), a multiple of 2⁻³². */
  next(): number {
    return this.uint32() / 2 ** 32
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** True with the given probability; draws nothing where that is 0. */
  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability
  }

  /** Normally distributed, mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    if (!Number.isNaN(this.#spareNormal)) {
      const spare = this.#spareNormal
      this.#spareNormal = Number.NaN
      return spare
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    const angle = 2 * Math.PI * this.next()
    this.#spareNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  /** Exponentially distributed with the given mean: the wait until the next of unrelated events. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** How many trials fail before the first succeeds; ∞ where the probability is 0. */
  failuresBefore(probability: number): number {
    if (probability <= 0) return Number.POSITIVE_INFINITY
    if (probability >= 1) return 0
    return Math.floor(Math.log(1 - this.next()) / Math.log1p(-probability))
  }

  /** A whole number of at least 1 with the given mean, each length a bit less likely than the one before. */
  runLength(mean: number): number {
    return 1 + (mean > 1 ? this.failuresBefore(1 / mean) : 0)
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.uint32() & 0xff)
  }
}

function splitMix(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + goldenStep) | 0
    return finalize(state)
  }
}

/** Mixes every bit of `x` into every other (the finaliser of MurmurHash3). */
function finalize(x: number): number {
  let mixed = x ^ (x >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** FNV-1a over the UTF-16 code units, begun from a mixed seed. */
function hashName(name: string, seed: number): number {
  let hash = finalize(seed ^ 0x811c9dc5)
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  }
  return finalize(hash)
}
