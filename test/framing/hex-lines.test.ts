import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printHexLine } from '../../src/framing/hex-lines.js'
import { AuditedLine, bytesOf, hexOf, lineFormat, textBytes } from './line.js'
import { naiveUnstuffHex, packetsBetween } from './naive.js'

const bare = (maxFrame = 4096) => lineFormat('hex', { crc: 'none', maxFrame })
const listening = (maxFrame?: number) => new AuditedLine(bare(maxFrame)).push(textBytes('\n'))

describe('hex lines', () => {
  it('are printed in upper case with a line feed', () => {
    expect(printHexLine(bytesOf('a20fff'))).toEqual(textBytes('A20FFF\n'))
  })

  it.each([
    ['upper case', 'A20F\n'],
    ['lower case', 'a20f\n'],
    ['CR LF', 'A20F\r\n'],
    ['CR alone', 'A20F\r'],
    ['blanks between the bytes', '  A2 \t 0F \n'],
  ])('are read with %s', (_, text) => {
    const line = listening().push(textBytes(text), 1)
    expect(line.frames).toEqual(['a20f'])
    expect(line.framer.counters.bytesInFrames).toBe(text.length)
  })

  it.each([
    ['words', 'boot ok, 3 sensors\r\n'],
    ['an odd number of digits', 'A20\n'],
    ['bytes printed without leading zeros', 'A2 0 1 FF\n'],
  ])('skip and count %s', (_, text) => {
    const line = listening().push(textBytes(`${text}A20F\n`), 3)
    expect(line.frames).toEqual(['a20f'])
    expect(line.discarded().frames).toEqual({ 'not-hex': 1 })
  })

  it('pass over empty lines without counting a frame', () => {
    const line = listening().push(textBytes('\r\n\r\n  \nA20F\n'))
    expect(line.frames).toEqual(['a20f'])
    expect(line.discarded()).toEqual({ bytes: { filler: 8 }, frames: {} })
  })

  it('give up a line of nothing but blanks', () => {
    const line = listening(8).push(textBytes(`${' '.repeat(1000)}\nA20F\n`), 7)
    expect(line.frames).toEqual(['a20f'])
    expect(line.discarded().frames).toEqual({ 'too-long': 1 })
  })

  it('may have their blanks on every line', () => {
    const line = listening(8)
    for (let n = 0; n < 50; n++) line.push(textBytes('  A2 0F  \n'))
    expect(line.frames).toEqual(Array.from({ length: 50 }, () => 'a20f'))
  })

  it('are cut like their naive twin does it', () => {
    const character = fc.constantFrom(...'0123456789abcdefABCDEF0123456789 \t\n\n\r\r\nGx.')
    const text = fc.array(character, { maxLength: 300 }).map((all) => textBytes(all.join('')))
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (bytes, chunkSize) => {
        const line = new AuditedLine(bare()).push(bytes, chunkSize)
        const expected = packetsBetween(bytes, [0x0a, 0x0d])
          .map(naiveUnstuffHex)
          .filter((frame) => frame !== undefined && frame.length > 0)
        expect(line.frames).toEqual(expected.map((frame) => hexOf(Uint8Array.from(frame!))))
      }),
      { numRuns: 500 },
    )
  })
})
