import { describe, expect, it } from 'vitest'
import {
  Framer,
  formatProblems,
  LineFormatError,
  longestFrame,
  wrapFrame,
} from '../../src/framing/index.js'
import { AuditedLine, everyFormat, hexOf, lineFormat, textBytes } from './line.js'

const frame = textBytes('123456789')
const plain = '313233343536373839'

describe('wrapFrame', () => {
  it.each([
    [lineFormat('cobs'), `0e${plain}cbf4392600`],
    [lineFormat('cobs', { crc: 'crc16' }), `0c${plain}29b100`],
    [lineFormat('cobs', { crc: 'none' }), `0a${plain}00`],
    [lineFormat('slip'), `c0${plain}cbf43926c0`],
    [lineFormat('length'), `000d${plain}cbf43926`],
    [lineFormat('length', { crc: 'crc16' }), `000b${plain}29b1`],
    [lineFormat('hex'), hexOf(textBytes(`${plain}CBF43926\n`))],
  ])('lays a frame out as the wire wants it: $framing, $crc', (format, wire) => {
    expect(hexOf(wrapFrame(format, frame))).toBe(wire)
  })

  it('puts the address before the frame and under the CRC', () => {
    const format = lineFormat('length', { address: 'byte' })
    // '1' as the address of '23456789': the same bytes to the CRC.
    expect(hexOf(wrapFrame(format, frame.subarray(1), 0x31))).toBe(`000d${plain}cbf43926`)
  })

  it.each([
    [lineFormat('cobs'), 0],
    [lineFormat('cobs', { address: 'byte' }), -1],
    [lineFormat('cobs', { address: 'byte' }), 256],
    [lineFormat('cobs', { address: 'byte' }), 1.5],
  ])('refuses an address that does not fit the line', (format, address) => {
    expect(() => wrapFrame(format, frame, address)).toThrow(RangeError)
  })

  it.each(everyFormat(20))(
    'takes what the framer takes, no byte more ($framing, $crc, $address)',
    (format) => {
      const address = format.address === 'byte' ? 3 : -1
      const longest = new Uint8Array(longestFrame(format)).fill(0xc0)
      const line = new AuditedLine(format)
      line.push(wrapFrame(format, longest, address)).push(wrapFrame(format, longest, address))
      expect(line.frames.at(-1)).toBe(hexOf(longest))
      expect(() => wrapFrame(format, new Uint8Array(longest.length + 1), address)).toThrow(
        RangeError,
      )
      expect(() => wrapFrame(format, new Uint8Array(0), address)).toThrow(RangeError)
    },
  )
})

describe('a frame one byte too long', () => {
  it.each(everyFormat(21))('is dropped as such ($framing, $crc, $address)', (wide) => {
    const format = { ...wide, maxFrame: 20 }
    const address = wide.address === 'byte' ? 3 : -1
    const tooLong = wrapFrame(wide, new Uint8Array(longestFrame(wide)).fill(0x20), address)
    const good = wrapFrame(format, frame, address)
    const line = new AuditedLine(format).push(good).push(good)
    const before = line.frames.length
    line.push(tooLong, 5).push(good).flush('idle')
    expect(line.frames.slice(before)).toEqual([hexOf(frame)])
    expect(line.discarded().frames).toEqual({ 'too-long': 1 })
  })
})

describe('a line format', () => {
  it('has no problems in any framing with a CRC', () => {
    for (const format of everyFormat()) expect(formatProblems(format)).toEqual([])
  })

  it('of length prefixes without a CRC is refused', () => {
    const format = lineFormat('length', { crc: 'none' })
    expect(formatProblems(format)).toHaveLength(1)
    expect(() => new Framer(format, () => {})).toThrow(LineFormatError)
    expect(() => wrapFrame(format, frame)).toThrow(LineFormatError)
  })

  it.each([0, -1, 5, 12.5, 65_536, Number.NaN])('with maxFrame %d is refused', (maxFrame) => {
    const problems = formatProblems(lineFormat('cobs', { address: 'byte', maxFrame }))
    expect(problems).toEqual([`maxFrame must be a whole number from 6 to 65535, not ${maxFrame}`])
  })

  it('is told every problem at once', () => {
    const format = lineFormat('length', { crc: 'none', maxFrame: 0 })
    expect(formatProblems(format)).toHaveLength(2)
  })
})
