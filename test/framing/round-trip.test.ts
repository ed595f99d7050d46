import { describe, expect, it } from 'vitest'
import { Framer, wrapFrame } from '../../src/framing/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import {
  AuditedLine,
  distinctFrames,
  everyFormat,
  hexOf,
  joined,
  leadingDelimiter,
  nameOf,
  wrapAll,
} from './line.js'

const frames = distinctFrames(60, mulberry(testSeed))
const hexFrames = frames.map(hexOf)

describe.each(everyFormat().map((format) => [nameOf(format), format] as const))(
  '%s',
  (_, format) => {
    const wire = joined(leadingDelimiter(format), wrapAll(format, frames))

    it.each([
      ['1 byte', 1],
      ['2 bytes', 2],
      ['3 bytes', 3],
      ['the whole', wire.length],
    ])('brings every frame back in chunks of %s', (_size, chunkSize) => {
      const line = new AuditedLine(format).push(wire, chunkSize)
      expect(line.frames, `seed ${testSeed}`).toEqual(hexFrames)
      expect(line.framer.pending).toBe(0)
      expect(line.discarded().frames).toEqual({})
      expect(line.framer.syncing).toBe(false)
    })

    it('says which address a frame came from', () => {
      const addresses = format.address === 'byte' ? [0, 1, 127, 255] : [-1]
      const line = new AuditedLine(format).push(leadingDelimiter(format))
      for (const address of addresses) line.push(wrapFrame(format, Uint8Array.of(0xa1), address))
      expect(line.received).toEqual(addresses.map((address) => ({ address, frame: 'a1' })))
    })

    it('carries any single byte, as downlinks are', () => {
      const line = new AuditedLine(format).push(leadingDelimiter(format))
      const everyByte = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
      line.push(wrapAll(format, everyByte))
      expect(line.frames).toEqual(everyByte.map(hexOf))
    })
  },
)

describe('a delivered frame', () => {
  it.each(everyFormat())('is the receiver’s own ($framing, $crc, $address)', (format) => {
    const kept: Uint8Array[] = []
    const framer = new Framer(format, (bytes) => {
      kept.push(bytes)
    })
    const wire = joined(leadingDelimiter(format), wrapAll(format, frames))
    framer.push(wire)
    wire.fill(0)
    framer.push(wrapAll(format, frames.slice(0, 3)))
    expect(kept.slice(0, frames.length).map(hexOf)).toEqual(hexFrames)
    expect(kept.every((frame) => frame.buffer.byteLength === frame.length)).toBe(true)
  })
})
