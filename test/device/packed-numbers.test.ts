import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PackedNumbers } from '../../src/device/packed-numbers.js'

const special = [
  0,
  -0,
  1,
  246,
  247,
  255,
  256,
  65_535,
  65_536,
  -1,
  -2,
  -32_768,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  0.1,
  -0.5,
  5e-324,
  Number.MAX_VALUE,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]

/** What is put: a number, or words. */
const pieces = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...special) },
    { weight: 3, arbitrary: fc.double() },
    { weight: 3, arbitrary: fc.integer() },
    { weight: 1, arbitrary: fc.uint32Array({ maxLength: 20 }) },
  ),
  { maxLength: 400 },
)
type Pieces = readonly (number | Uint32Array)[]

function put(row: PackedNumbers, all: Pieces): void {
  row.clear()
  for (const piece of all)
    if (typeof piece === 'number') row.put(piece)
    else row.putWords(piece)
}

function taken(row: PackedNumbers, like: Pieces): Pieces {
  return like.map((piece) => {
    if (typeof piece === 'number') return row.take()
    const words = new Uint32Array(piece.length)
    row.takeWords(words)
    return words
  })
}

describe('packed numbers', () => {
  it('are taken up as they were put, to the bit, whatever was there before', () => {
    const row = new PackedNumbers()
    fc.assert(
      fc.property(pieces, pieces, (before, all) => {
        put(row, before)
        taken(row, before.slice(0, 3))
        put(row, all)
        expect(taken(row, all)).toEqual(all)
      }),
      { numRuns: 300 },
    )
  })

  it('are the same for who fills a row with their words', () => {
    const row = new PackedNumbers()
    const other = new PackedNumbers()
    fc.assert(
      fc.property(pieces, (all) => {
        put(row, all)
        other.put(0.1)
        other.fill(row.words)
        expect(taken(other, all)).toEqual(all)
      }),
      { numRuns: 100 },
    )
  })

  it('take one byte where they are small, or the double that came before', () => {
    const row = new PackedNumbers()
    for (const number of [0, 246, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      row.put(number)
    expect(row.length).toBe(5)
    row.put(0.1)
    row.put(7)
    row.put(0.1)
    expect(row.length).toBe(16)
  })

  it('are put anew from where they were cut', () => {
    const row = new PackedNumbers()
    row.put(0.5)
    const at = row.length
    row.put(1)
    row.cut(at)
    row.put(2)
    expect([row.take(), row.take()]).toEqual([0.5, 2])
  })
})
