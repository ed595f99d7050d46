import { describe, expect, it } from 'vitest'
import { PatternDictionary, patternValue } from '../../src/alec/patterns.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'
import { firstFailure } from './random.js'

const pattern = (hex: string, frequency = 1, lastUsed = 0) => ({
  bytes: fromHex(hex),
  frequency,
  lastUsed,
  createdAt: 0,
})

const listed = (dictionary: PatternDictionary) =>
  dictionary.entries().map(([code, { bytes, frequency }]) => `${code}:${toHex(bytes)}×${frequency}`)

describe('PatternDictionary', () => {
  it('has the hash that the device library computes', () => {
    for (const { patterns, hash } of vectors.sync().filter(({ kind }) => kind === 'diffHash')) {
      const dictionary = new PatternDictionary()
      // Backwards: the hash goes by code, not by arrival.
      for (const [code, hex] of [...patterns!].reverse()) dictionary.set(code, pattern(hex))
      expect(dictionary.hash().toString(16)).toBe(hash)
    }
  })

  it('gives bytes one code for good, and counts how often they come', () => {
    const dictionary = new PatternDictionary()
    const codes = ['01', '02', '01'].map((hex) => dictionary.register(fromHex(hex)))
    expect(codes).toEqual([0, 1, 0])
    expect(listed(dictionary)).toEqual(['0:01×2', '1:02×1'])
  })

  it('keeps a copy of what it is given', () => {
    const bytes = fromHex('0102')
    const dictionary = new PatternDictionary()
    dictionary.register(bytes)
    bytes[0] = 9
    expect(listed(dictionary)).toEqual(['0:0102×1'])
  })

  it('refuses patterns of more than 255 bytes', () => {
    const dictionary = new PatternDictionary()
    expect(dictionary.register(new Uint8Array(256))).toBeUndefined()
    expect(dictionary.register(new Uint8Array(255))).toBe(0)
  })

  it('refuses a pattern beyond 65535, but not one that it has', () => {
    const dictionary = new PatternDictionary()
    for (let i = 0; i < 65_535; i++) dictionary.register(Uint8Array.of(i >> 8, i & 255))
    expect(dictionary.register(fromHex('ffffff'))).toBeUndefined()
    expect(dictionary.register(fromHex('0001'))).toBe(1)
  })

  it('gives no code away that a diff has taken', () => {
    const dictionary = new PatternDictionary()
    dictionary.set(0, pattern('aa'))
    expect(dictionary.register(fromHex('bb'))).toBe(1)
  })

  it('forgets the bytes of a code that is set anew or removed', () => {
    const dictionary = new PatternDictionary()
    dictionary.set(0, pattern('aa'))
    dictionary.set(0, pattern('bb'))
    expect(dictionary.codeOf(fromHex('aa'))).toBeUndefined()
    dictionary.remove(0)
    dictionary.remove(0)
    expect([dictionary.size, dictionary.codeOf(fromHex('bb'))]).toEqual([0, undefined])
  })

  it('evolves: drops the seldom and the old, renumbers the useful to the front', () => {
    const dictionary = new PatternDictionary()
    dictionary.set(3, pattern('03', 1, 19_900))
    dictionary.set(4, pattern('04', 2, 19_900))
    dictionary.set(5, pattern('05', 9, 9_999))
    dictionary.set(6, pattern('06', 9, 10_000))
    dictionary.set(7, pattern('07', 9, 19_900))
    dictionary.evolve(20_000)
    expect(listed(dictionary)).toEqual(['0:07×9', '1:04×2', '2:06×9'])
    expect(dictionary.register(fromHex('08'))).toBe(3)
  })

  it('reads a pattern of 8 bytes as an f64 and no other as a number', () => {
    expect(patternValue(pattern('4035800000000000'))).toBe(21.5)
    expect(patternValue(pattern('40358000'))).toBeUndefined()
  })

  it(`agrees with its twin: seed ${testSeed}`, () => {
    let dictionary = new PatternDictionary()
    let twin = new NaiveDictionary()
    const failure = firstFailure(100_000, (random, index) => {
      if (index % 100 === 0) {
        dictionary = new PatternDictionary()
        twin = new NaiveDictionary()
      }
      const hex = toHex(random.bytes(random.below(3)).map((byte) => byte & 3))
      const code = random.below(12)
      const action = random.unit()
      if (action < 0.7) {
        dictionary.register(fromHex(hex))
        twin.register(hex)
      } else if (action < 0.8) {
        dictionary.remove(code)
        twin.remove(code)
      } else if (action < 0.98) {
        // The same bytes under two codes are no dictionary.
        if (twin.has(hex)) return undefined
        const [frequency, lastUsed] = [random.below(5), random.below(11_000)]
        dictionary.set(code, pattern(hex, frequency, lastUsed))
        twin.set(code, hex, frequency, lastUsed)
      } else {
        dictionary.evolve(11_000)
        twin.evolve(11_000)
      }
      const [found, expected] = [listed(dictionary).join(), twin.listed().join()]
      return found === expected ? undefined : `${found}, ${expected} was expected`
    })
    expect(failure).toBeUndefined()
  })
})

/** The dictionary as a plain list that is searched from end to end. */
class NaiveDictionary {
  #entries: { code: number; hex: string; frequency: number; lastUsed: number }[] = []
  #next = 0

  has(hex: string): boolean {
    return this.#entries.some((entry) => entry.hex === hex)
  }

  register(hex: string): void {
    const known = this.#entries.find((entry) => entry.hex === hex)
    if (known) {
      known.frequency++
      return
    }
    while (this.#entries.some((entry) => entry.code === this.#next)) this.#next++
    this.#entries.push({ code: this.#next++, hex, frequency: 1, lastUsed: 0 })
  }

  remove(code: number): void {
    this.#entries = this.#entries.filter((entry) => entry.code !== code)
  }

  set(code: number, hex: string, frequency: number, lastUsed: number): void {
    this.remove(code)
    this.#entries.push({ code, hex, frequency, lastUsed })
  }

  evolve(now: number): void {
    if (this.#entries.length === 0) return
    const score = ({ frequency, lastUsed }: { frequency: number; lastUsed: number }) =>
      Math.log(frequency + 1) / (1 + (now - lastUsed) / 1000)
    this.#entries = this.#entries
      .filter(({ frequency, lastUsed }) => frequency >= 2 && now - lastUsed <= 10_000)
      .sort((a, b) => score(b) - score(a) || a.code - b.code)
      .map((entry, code) => ({ ...entry, code }))
    this.#next = this.#entries.length
  }

  listed(): string[] {
    return [...this.#entries]
      .sort((a, b) => a.code - b.code)
      .map(({ code, hex, frequency }) => `${code}:${hex}×${frequency}`)
  }
}
