import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExact, printExact } from '../../src/journal/exact-json.js'

const roundTrip = (value: unknown): unknown => parseExact(printExact(value))

const like = { withNullPrototype: true, depthSize: 'medium' } as const
const numbers = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    Number.NaN,
    Infinity,
    -Infinity,
    -0,
    0,
    5e-324,
    -5e-324,
    Number.MAX_VALUE,
    2 ** -1022,
    0.1 + 0.2,
  ),
)
const words = fc
  .tuple(fc.nat(3), fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0', '+0', '0', '', 'nan'))
  .map(([tildes, word]) => '~'.repeat(tildes) + word)
const leaves = fc.oneof(
  numbers,
  words,
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.constant(null),
)
const values = fc.anything({
  ...like,
  values: [leaves],
  key: fc.oneof(fc.string(), words, fc.constantFrom('__proto__', 'constructor', '0')),
})

/** As the values are compared: `Object.is` on every number, and a null prototype counts for nothing. */
const bits = (value: unknown): unknown => {
  if (typeof value === 'number') {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value)
    return `f64 ${view.getBigUint64(0).toString(16)}`
  }
  if (typeof value === 'string') return `text ${value}`
  if (Array.isArray(value)) return value.map(bits)
  if (typeof value !== 'object' || value === null) return value
  return Object.keys(value).map((key) => [key, bits((value as Record<string, unknown>)[key])])
}

describe('exact JSON', () => {
  it('gives back every number bit for bit', () => {
    fc.assert(
      fc.property(fc.array(numbers), (list) => {
        expect(bits(roundTrip(list))).toEqual(bits(list))
      }),
      { numRuns: 2000 },
    )
  })

  it('gives back every JSON-like value with the same numbers, texts and keys', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(bits(roundTrip(value))).toEqual(bits(value))
      }),
      { numRuns: 2000 },
    )
  })

  it('is plain JSON where plain JSON can say it', () => {
    const value = { a: [1, 2.5, 1e21, 'x'], b: null, c: true }
    expect(printExact(value)).toBe(JSON.stringify(value))
  })

  it.each<[unknown, string]>([
    [Number.NaN, '"NaN"'],
    [Number.POSITIVE_INFINITY, '"Infinity"'],
    [Number.NEGATIVE_INFINITY, '"-Infinity"'],
    [-0, '"-0"'],
    ['NaN', '"~NaN"'],
    ['~NaN', '"~~NaN"'],
    ['-0', '"~-0"'],
    ['~', '"~"'],
    ['NaN ', '"NaN "'],
  ])('writes %j as %s', (value, text) => {
    expect(printExact(value)).toBe(text)
    expect(roundTrip(value)).toEqual(value)
  })

  it('leaves a property out that is undefined', () => {
    expect(roundTrip({ a: undefined, b: 1 })).toEqual({ b: 1 })
  })

  it('does not let a key reach the prototype', () => {
    const value: unknown = JSON.parse('{"__proto__":{"polluted":"NaN"}}')
    const back = roundTrip(value) as object
    expect(Object.keys(back)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
  })

  const cycle: unknown[] = []
  cycle.push(cycle)
  it.each<[string, unknown]>([
    ['a map', { a: new Map() }],
    ['typed numbers', [new Float64Array(2)]],
    ['a function', { a: () => 1 }],
    ['a symbol', [Symbol('a')]],
    ['a big integer', { a: 1n }],
    ['nothing', undefined],
    ['a hole in a list', [1, undefined]],
    ['a cycle', cycle],
  ])('refuses %s', (_what, value) => {
    expect(() => printExact(value)).toThrow(TypeError)
  })
})
