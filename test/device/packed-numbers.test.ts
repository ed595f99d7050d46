import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { COPIED, type Packed, PackedNumbers, packedIn } from '../../src/device/packed-numbers.js'

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

/** What is put: a number, a number as it is, a flag, or words. */
type Piece = { readonly number: number } | { readonly real: number } | boolean | Uint32Array
const numbers = fc.oneof(fc.constantFrom(...special), fc.double(), fc.integer())
const pieces: fc.Arbitrary<readonly Piece[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ number: numbers }) },
    { weight: 2, arbitrary: fc.record({ real: numbers }) },
    { weight: 6, arbitrary: fc.boolean() },
    { weight: 1, arbitrary: fc.uint32Array({ maxLength: 20 }) },
  ),
  { maxLength: 600 },
)

function put(row: PackedNumbers, all: readonly Piece[]): void {
  row.clear()
  for (const piece of all)
    if (typeof piece === 'boolean') row.putFlag(piece)
    else if (piece instanceof Uint32Array) row.putWords(piece)
    else if ('real' in piece) row.putReal(piece.real)
    else row.put(piece.number)
}

function taken(row: PackedNumbers, like: readonly Piece[]): Piece[] {
  return like.map((piece) => {
    if (typeof piece === 'boolean') return row.takeFlag()
    if ('real' in piece) return { real: row.takeReal() }
    if ('number' in piece) return { number: row.take() }
    const words = new Uint32Array(piece.length)
    row.takeWords(words)
    return words
  })
}

/** As it lies in the midst of others. */
function laid(row: PackedNumbers, at: number): Packed {
  const size = Math.ceil(row.pack() / COPIED) * (COPIED / 4)
  const words = new Int32Array(size + 2 * at).fill(-1)
  row.copyTo(words, at)
  return packedIn(words)
}

describe('packed numbers', () => {
  it('are taken up as they were put, to the bit, whatever was there before', () => {
    const row = new PackedNumbers()
    fc.assert(
      fc.property(pieces, pieces, fc.nat(40), (before, all, at) => {
        put(row, before)
        row.unpack(laid(row, 0), 0)
        taken(row, before.slice(0, 3))
        put(row, all)
        row.unpack(laid(row, at), 4 * at)
        expect(taken(row, all)).toEqual(all)
      }),
      { numRuns: 300 },
    )
  })

  it('are the same for who has a copy of them', () => {
    const row = new PackedNumbers()
    const other = new PackedNumbers()
    fc.assert(
      fc.property(pieces, (all) => {
        put(row, all)
        row.pack()
        const copy = packedIn(row.copy())
        put(row, [{ number: 1 }])
        row.pack()
        other.unpack(copy, 0)
        expect(taken(other, all)).toEqual(all)
      }),
      { numRuns: 100 },
    )
  })

  it('take one byte where they are small, or the double that came before', () => {
    const row = new PackedNumbers()
    const empty = row.pack()
    for (const number of [0, 246, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      row.put(number)
    expect(row.pack() - empty).toBe(5)
    row.put(0.1)
    row.put(7)
    row.put(0.1)
    expect(row.pack() - empty).toBe(16)
  })

  it('take a byte for seven flags', () => {
    const row = new PackedNumbers()
    const empty = row.pack()
    for (let i = 0; i < 14; i++) row.putFlag(true)
    expect(row.pack() - empty).toBe(2)
  })

  it('leave room for one that is known later', () => {
    const row = new PackedNumbers()
    const at = row.reserve()
    row.put(0.5)
    row.set(at, 300)
    row.unpack(laid(row, 0), 0)
    expect([row.take(), row.take()]).toEqual([300, 0.5])
  })
})
