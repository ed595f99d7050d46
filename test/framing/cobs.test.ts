import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stuffCobs } from '../../src/framing/cobs.js'
import { AuditedLine, bytesOf, hexOf, lineFormat } from './line.js'
import { naiveStuffCobs, naiveUnstuffCobs, packetsBetween } from './naive.js'

const bare = (maxFrame = 4096) => lineFormat('cobs', { crc: 'none', maxFrame })
const delimiter = Uint8Array.of(0)
const run = (from: number, to: number) =>
  Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)

// The examples that every description of the algorithm repeats, after the paper by Cheshire and Baker.
const examples: [unstuffed: string, stuffed: string][] = [
  ['00', '010100'],
  ['0000', '01010100'],
  ['001100', '0102110100'],
  ['11220033', '031122023300'],
  ['11223344', '051122334400'],
  ['11000000', '021101010100'],
  ['450000', '0245010100'],
  [hexOf(run(1, 254)), `ff${hexOf(run(1, 254))}00`],
  [`00${hexOf(run(1, 254))}`, `01ff${hexOf(run(1, 254))}00`],
  [hexOf(run(1, 255)), `ff${hexOf(run(1, 254))}02ff00`],
  [`${hexOf(run(2, 255))}00`, `ff${hexOf(run(2, 255))}010100`],
  [`${hexOf(run(3, 255))}0001`, `fe${hexOf(run(3, 255))}020100`],
]

describe('COBS', () => {
  it.each(examples)('stuffs %s to %s and back', (unstuffed, stuffed) => {
    expect(hexOf(stuffCobs(bytesOf(unstuffed)))).toBe(stuffed)
    expect(new AuditedLine(bare()).push(delimiter).push(bytesOf(stuffed), 1).frames).toEqual([
      unstuffed,
    ])
  })

  it('accepts a full block that a needless empty block follows', () => {
    const line = new AuditedLine(bare()).push(delimiter)
    line.push(bytesOf(`ff${hexOf(run(1, 254))}0100`))
    expect(line.frames).toEqual([hexOf(run(1, 254))])
  })

  it('drops a frame whose block is shorter than its code says', () => {
    const line = new AuditedLine(bare()).push(delimiter).push(bytesOf('05aabb00' + '02cc00'))
    expect(line.frames).toEqual(['cc'])
    expect(line.discarded().frames).toEqual({ 'bad-stuffing': 1 })
    expect(line.discarded().bytes).toEqual({ 'bad-stuffing': 4, filler: 1 })
  })

  it('stuffs like its naive twin', () => {
    const bytes = fc.uint8Array({ maxLength: 600 })
    const withoutZeros = fc.uint8Array({ min: 1, minLength: 250, maxLength: 515 })
    fc.assert(
      fc.property(fc.oneof(bytes, withoutZeros), (frame) => {
        expect([...stuffCobs(frame)]).toEqual(naiveStuffCobs([...frame]))
      }),
    )
  })

  it('cuts any bytes like its naive twin', () => {
    const code = fc.constantFrom(0, 0, 1, 2, 3, 5, 17, 255)
    const stream = fc.array(fc.oneof(code, fc.nat(255)), { maxLength: 400 })
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 9 }), (bytes, chunkSize) => {
        const line = new AuditedLine(bare(40)).push(Uint8Array.from(bytes), chunkSize)
        const expected = packetsBetween(Uint8Array.from(bytes), [0])
          .map(naiveUnstuffCobs)
          .filter((frame) => frame !== undefined && frame.length > 0 && frame.length <= 40)
        expect(line.frames).toEqual(expected.map((frame) => hexOf(Uint8Array.from(frame!))))
      }),
      { numRuns: 500 },
    )
  })
})
