import { mulberry, testSeed } from '../support/mulberry.js'

/** Seeded chance, with a liking for the values that break things. */
export class Random {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = mulberry(seed)
  }

  /** In [0, 1). */
  unit(): number {
    return this.#next()
  }

  /** 0 to n − 1. */
  below(n: number): number {
    return Math.floor(this.#next() * n)
  }

  chance(p: number): boolean {
    return this.#next() < p
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  /** Any number of bits up to 32, so that small numbers and borders are common. */
  u32(): number {
    const border = 2 ** this.below(33)
    const value = this.chance(0.3) ? border - this.below(3) : Math.floor(this.#next() * border)
    return Math.min(Math.max(value, 0), 0xffff_ffff)
  }

  /** A safe integer of any size. */
  count(): number {
    return this.chance(0.5) ? this.u32() : this.u32() * 2 ** 21 + this.below(2 ** 21)
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.below(256)
    return bytes
  }

  text(maxLength: number): string {
    const letters = ['a', 'Z', '7', ' ', 'é', '€', '😀', '\ufeff', '\0']
    return Array.from({ length: this.below(maxLength) }, () => this.pick(letters)).join('')
  }

  /** Anything that an f64 can be. */
  f64(): number {
    if (this.chance(0.1)) {
      return this.pick([0, -0, Number.NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 0.1])
    }
    const size = 10 ** (this.below(40) - 15)
    return (this.#next() - 0.5) * size
  }

  /** What a sensor might do next: mostly little, sometimes a jump, seldom something impossible. */
  step(value: number): number {
    if (!Number.isFinite(value)) return this.chance(0.7) ? 20 : value
    const kind = this.#next()
    if (kind < 0.25) return value
    if (kind < 0.6) return value + (this.below(11) - 5) / this.pick([10, 100, 1000, 200])
    if (kind < 0.8) return value + (this.#next() - 0.5) * this.pick([1, 10, 1000])
    if (kind < 0.9) return this.pick([0, -0, 20, value * 1.2, value * 1.4, -value])
    return kind < 0.96 ? this.f64() : Math.round(value)
  }
}

/**
 * Tries `check` on so many random cases. It returns what is wrong with a case, if anything; the result says so
 * with the seed and the number of the case, or is undefined.
 */
export function firstFailure(
  cases: number,
  check: (random: Random, index: number) => string | undefined,
): string | undefined {
  const random = new Random(testSeed)
  for (let index = 0; index < cases; index++) {
    const wrong = check(random, index)
    if (wrong !== undefined) return `SEED=${testSeed}, case ${index}: ${wrong}`
  }
  return undefined
}

/** The same number, bit for bit as far as JavaScript can tell. */
export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false
  return true
}

/** Bytes that mean something wherever they land: markers, encodings, the ends of a varint. */
const telling = [0x00, 0x01, 0x10, 0x20, 0x21, 0x30, 0x31, 0x40, 0x7f, 0x80, 0xa1, 0xa2, 0xff]

/** Damages a copy: flips bits, cuts, lengthens, overwrites. */
export function damaged(random: Random, bytes: Uint8Array): Uint8Array {
  const length = random.chance(0.3) ? random.below(bytes.length + 4) : bytes.length
  const copy = new Uint8Array(length)
  copy.set(bytes.subarray(0, length))
  const hits = random.below(4)
  for (let i = 0; i < hits && length > 0; i++) {
    const at = random.below(length)
    copy[at] = random.pick([
      copy[at]! ^ (1 << random.below(8)),
      random.below(256),
      random.pick(telling),
    ])
  }
  return copy
}
