import { describe, expect, it } from 'vitest'
import { Framer, wrapFrame } from '../../src/framing/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import {
  distinctFrames,
  everyFormat,
  hexOf,
  joined,
  leadingDelimiter,
  lineFormat,
  wrapAll,
} from './line.js'

const frames = distinctFrames(40, mulberry(testSeed))

describe('a frame that is refused before it is made', () => {
  it.each(everyFormat())(
    'F-19: is counted, and costs no other ($framing, $crc, $address)',
    (format) => {
      const asked: (readonly [number, number, number])[] = []
      const came: string[] = []
      const isRefused = (length: number) => length % 2 === 0
      const framer = new Framer(
        format,
        (bytes) => {
          came.push(hexOf(bytes))
        },
        (marker, length, address) => {
          asked.push([marker, length, address])
          return isRefused(length)
        },
      )
      const wire = joined(leadingDelimiter(format), wrapAll(format, frames))
      framer.push(wire)
      const { counters, pending } = framer
      expect(counters).toMatchObject({ framesOut: frames.length, bytesIn: wire.length })
      const discarded = Object.values(counters.discardedBytes).reduce(
        (sum, bytes) => sum + bytes,
        0,
      )
      expect(counters.bytesInFrames + discarded + pending).toBe(wire.length)
      if (format.framing === 'length') {
        // Only the CRC tells where a frame begins: there is no other way than to look at each.
        expect([asked.length, came.length]).toEqual([0, frames.length])
        return
      }
      const address = format.address === 'byte' ? 7 : -1
      expect(asked).toEqual(frames.map((frame) => [frame[0], frame.length, address]))
      expect(came).toEqual(frames.filter(({ length }) => !isRefused(length)).map(hexOf))
    },
  )

  it('is looked at where nothing but its CRC says that it begins there', () => {
    const format = lineFormat('cobs')
    let asked = 0
    const came: string[] = []
    const framer = new Framer(
      format,
      (bytes) => {
        came.push(hexOf(bytes))
      },
      () => ++asked > 0,
    )
    const [first, second] = frames as [Uint8Array, Uint8Array]
    framer.push(wrapFrame(format, first))
    expect([came, asked]).toEqual([[hexOf(first)], 0])
    framer.push(wrapFrame(format, second))
    expect([came.length, asked]).toEqual([1, 1])
  })
})
