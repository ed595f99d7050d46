import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stuffSlip } from '../../src/framing/slip.js'
import { AuditedLine, bytesOf, hexOf, lineFormat } from './line.js'
import { naiveUnstuffSlip, packetsBetween } from './naive.js'

const bare = (maxFrame = 4096) => lineFormat('slip', { crc: 'none', maxFrame })

const examples: [unstuffed: string, stuffed: string][] = [
  ['01', 'c001c0'],
  ['c0', 'c0dbdcc0'],
  ['db', 'c0dbddc0'],
  ['dbdc', 'c0dbdddcc0'],
  ['01c002db03', 'c001dbdc02dbdd03c0'],
]

describe('SLIP', () => {
  it.each(examples)('stuffs %s to %s and back', (unstuffed, stuffed) => {
    expect(hexOf(stuffSlip(bytesOf(unstuffed)))).toBe(stuffed)
    expect(new AuditedLine(bare()).push(bytesOf(stuffed), 1).frames).toEqual([unstuffed])
  })

  it('takes frames that share the END between them', () => {
    expect(new AuditedLine(bare()).push(bytesOf('c0aac0bbc0')).frames).toEqual(['aa', 'bb'])
  })

  it('counts the second END between two frames to the first frame', () => {
    const line = new AuditedLine(bare()).push(bytesOf('c0aac0' + 'c0bbc0'))
    expect(line.framer.counters.bytesInFrames).toBe(5)
    expect(line.discarded()).toEqual({ bytes: { filler: 1 }, frames: {} })
  })

  it('lets ENDs without a frame between them cost no frame', () => {
    const line = new AuditedLine(bare()).push(bytesOf('c0c0c0c0aac0c0c0c0'))
    expect(line.frames).toEqual(['aa'])
    expect(line.discarded()).toEqual({ bytes: { filler: 6 }, frames: {} })
  })

  it('drops a frame with a wrong escape up to the next END', () => {
    const line = new AuditedLine(bare()).push(bytesOf('c0aadb01bbc0' + 'ccc0'))
    expect(line.frames).toEqual(['cc'])
    expect(line.discarded().frames).toEqual({ 'bad-stuffing': 1 })
    expect(line.discarded().bytes['bad-stuffing']).toBe(5)
  })

  it('drops a frame that ends inside an escape', () => {
    const line = new AuditedLine(bare()).push(bytesOf('c0aadbc0' + 'ccc0'))
    expect(line.frames).toEqual(['cc'])
    expect(line.discarded().frames).toEqual({ 'bad-stuffing': 1 })
  })

  it('cuts any bytes like its naive twin', () => {
    const special = fc.constantFrom(0xc0, 0xc0, 0xdb, 0xdc, 0xdd)
    const stream = fc.array(fc.oneof(special, fc.nat(255)), { maxLength: 400 })
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 9 }), (bytes, chunkSize) => {
        const line = new AuditedLine(bare(20)).push(Uint8Array.from(bytes), chunkSize)
        const expected = packetsBetween(Uint8Array.from(bytes), [0xc0])
          .map(naiveUnstuffSlip)
          .filter((frame) => frame !== undefined && frame.length > 0 && frame.length <= 20)
        expect(line.frames).toEqual(expected.map((frame) => hexOf(Uint8Array.from(frame!))))
      }),
      { numRuns: 500 },
    )
  })
})
