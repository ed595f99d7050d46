import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wrapFrame } from '../../src/framing/index.js'
import { AuditedLine, hexOf, joined, lineFormat } from './line.js'
import { naiveCutByLength } from './naive.js'

describe('length prefixes', () => {
  it.each(['crc32', 'crc16'] as const)('with %s cut any bytes like their naive twin', (crc) => {
    const format = lineFormat('length', { crc, maxFrame: 40 })
    const piece = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 20 }).map((frame) => wrapFrame(format, frame)),
      fc.uint8Array({ maxLength: 10 }),
      // Lengths from too short to too long, with nothing true behind them.
      fc.nat(50).map((length) => Uint8Array.of(0, length)),
      fc.constant(wrapFrame(format, wrapFrame(format, Uint8Array.of(1, 2, 3))).subarray(0, -1)),
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.integer({ min: 1, max: 99 }),
        (all, size) => {
          const bytes = joined(...all)
          const line = new AuditedLine(format).push(bytes, size).flush('closed')
          const expected = naiveCutByLength(bytes, crc, 40)
          expect(line.frames).toEqual(expected.map((frame) => hexOf(Uint8Array.from(frame))))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('find the frame inside a damaged one', () => {
    const format = lineFormat('length', { maxFrame: 255 })
    const inner = wrapFrame(format, Uint8Array.of(1, 2, 3))
    const outer = wrapFrame(format, inner)
    outer[outer.length - 1]! ^= 1
    expect(new AuditedLine(format).push(outer).frames).toEqual(['010203'])
  })
})
