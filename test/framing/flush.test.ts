import { describe, expect, it } from 'vitest'
import { idleGapMs, wrapFrame } from '../../src/framing/index.js'
import { AuditedLine, framings, hexOf, joined, lineFormat, textBytes, wrapAll } from './line.js'

const frame = (n: number) => Uint8Array.from({ length: 12 }, (_, i) => 16 * n + i)

describe.each(framings)('%s: a line that goes quiet in the middle of a frame', (framing) => {
  const format = lineFormat(framing)
  const wrapped = [0, 1, 2].map((n) => wrapFrame(format, frame(n)))
  const half = wrapped[1]!.subarray(0, 9)

  it('costs that frame alone', () => {
    const line = new AuditedLine(format).push(wrapped[0]!).push(half)
    expect(line.framer.pending).toBeGreaterThanOrEqual(8)
    line.flush('idle').push(wrapped[2]!)
    expect(line.frames).toEqual([hexOf(frame(0)), hexOf(frame(2))])
    expect(line.discarded().frames).toEqual({ incomplete: 1 })
  })

  it('does not count a second frame when the rest comes later', () => {
    const line = new AuditedLine(format).push(wrapped[0]!).push(half).flush('idle')
    line.push(wrapped[1]!.subarray(9)).push(wrapped[2]!).flush('idle')
    expect(line.frames).toEqual([hexOf(frame(0)), hexOf(frame(2))])
    expect(line.discarded().frames.incomplete).toBe(1)
  })

  it('changes nothing when no frame was under way', () => {
    const line = new AuditedLine(format).push(wrapped[0]!)
    const before = line.framer.counters
    line.flush('idle').flush('idle')
    expect(line.framer.counters).toEqual(before)
    expect(line.framer.syncing).toBe(false)
  })
})

describe.each(framings)('%s: the first bytes after opening', (framing) => {
  const format = lineFormat(framing)
  const tail = wrapFrame(format, frame(0)).subarray(5)

  it('F-03: may be the rest of a frame, which is no error', () => {
    const line = new AuditedLine(format)
    expect(line.framer.syncing).toBe(true)
    line
      .push(tail)
      .push(wrapAll(format, [frame(1), frame(2)]))
      .flush('idle')
    expect(line.frames).toEqual([hexOf(frame(1)), hexOf(frame(2))])
    expect(line.discarded().frames).toEqual({})
    expect(line.discarded().bytes.syncing).toBe(tail.length)
    expect(line.framer.syncing).toBe(false)
  })

  it('may be a whole frame, which its CRC vouches for', () => {
    const line = new AuditedLine(format).push(wrapFrame(format, frame(0)))
    expect(line.frames).toEqual([hexOf(frame(0))])
  })

  it('are doubted again after the line was closed', () => {
    const line = new AuditedLine(format).push(wrapFrame(format, frame(0))).flush('closed')
    expect(line.framer.syncing).toBe(true)
    line
      .push(tail)
      .push(wrapFrame(format, frame(1)))
      .flush('idle')
    expect(line.frames).toEqual([hexOf(frame(0)), hexOf(frame(1))])
    expect(line.discarded().frames).toEqual({})
  })
})

describe('a line without a CRC', () => {
  const format = lineFormat('cobs', { crc: 'none' })
  const wire = (n: number) => wrapFrame(format, frame(n))

  it('trusts nothing before the first delimiter', () => {
    const line = new AuditedLine(format).push(wire(0)).push(wire(1))
    expect(line.frames).toEqual([hexOf(frame(1))])
    expect(line.discarded()).toEqual({ bytes: { syncing: wire(0).length }, frames: {} })
  })

  it('trusts nothing between an idle gap inside a frame and the next delimiter', () => {
    const line = new AuditedLine(format).push(Uint8Array.of(0)).push(wire(0).subarray(0, 5))
    line.flush('idle').push(wire(0).subarray(5)).push(wire(1))
    expect(line.frames).toEqual([hexOf(frame(1))])
    expect(line.discarded().frames).toEqual({ incomplete: 1 })
  })

  it('keeps trusting after an idle gap between frames', () => {
    const line = new AuditedLine(format).push(Uint8Array.of(0)).flush('idle').push(wire(0))
    expect(line.frames).toEqual([hexOf(frame(0))])
  })
})

describe('a frame that is too long', () => {
  it('stops being dropped when the line goes quiet', () => {
    const format = lineFormat('cobs', { maxFrame: 32 })
    const line = new AuditedLine(format).push(Uint8Array.of(0)).push(new Uint8Array(99).fill(9))
    expect(line.framer.pending).toBe(0)
    line.flush('idle').push(wrapFrame(format, frame(1)))
    expect(line.frames).toEqual([hexOf(frame(1))])
    expect(line.discarded()).toEqual({
      bytes: { 'too-long': 99, filler: 1 },
      frames: { 'too-long': 1 },
    })
  })
})

describe('a frame that is being dropped when the line goes quiet', () => {
  it('does not lend its rest to a line without a CRC', () => {
    const format = lineFormat('cobs', { crc: 'none', maxFrame: 32 })
    const line = new AuditedLine(format).push(Uint8Array.of(0)).push(new Uint8Array(99).fill(9))
    line
      .flush('idle')
      .push(Uint8Array.of(2, 0xaa, 0))
      .push(wrapFrame(format, frame(1)))
    expect(line.frames).toEqual([hexOf(frame(1))])
  })
})

describe('two ENDs around each frame', () => {
  it('all count to the frames, also with idle gaps between them', () => {
    const format = lineFormat('slip')
    const line = new AuditedLine(format)
    for (let n = 0; n < 5; n++) line.push(wrapFrame(format, frame(n))).flush('idle')
    expect(line.frames).toHaveLength(5)
    expect(line.discarded()).toEqual({ bytes: { filler: 1 }, frames: {} })
  })
})

describe('a length that promises more than comes', () => {
  it('gives the frames behind it back when the line goes quiet', () => {
    const format = lineFormat('length')
    const line = new AuditedLine(format).push(wrapAll(format, [frame(0)]))
    line.push(joined(Uint8Array.of(0x0f, 0xff), wrapAll(format, [frame(1), frame(2)])))
    expect(line.frames).toHaveLength(1)
    line.flush('idle')
    expect(line.frames).toEqual([0, 1, 2].map((n) => hexOf(frame(n))))
    expect(line.discarded()).toEqual({ bytes: { incomplete: 2 }, frames: { incomplete: 1 } })
  })
})

describe('damage on both sides of an idle gap', () => {
  it('counts twice on a line with length prefixes', () => {
    const format = lineFormat('length')
    const line = new AuditedLine(format).push(wrapAll(format, [frame(0)]))
    for (let n = 0; n < 2; n++) line.push(Uint8Array.of(0xff, 0xff, 0xff)).flush('idle')
    expect(line.discarded()).toEqual({ bytes: { 'too-long': 6 }, frames: { 'too-long': 2 } })
  })
})

describe('the idle gap', () => {
  it.each([
    [921_600, 50],
    [115_200, 50],
    [4800, 50],
    [2400, 100],
    [300, 800],
  ])('at %d baud is %d ms', (baudRate, ms) => {
    expect(idleGapMs(baudRate)).toBe(ms)
  })
})

describe('a line that is held at 0 V', () => {
  it('yields zeros, which count as thrown away', () => {
    const line = new AuditedLine(lineFormat('cobs')).push(new Uint8Array(500), 3)
    expect(line.discarded()).toEqual({ bytes: { filler: 500 }, frames: {} })
  })
})

describe('text on a binary line', () => {
  it('is counted as one damaged frame up to the next delimiter', () => {
    const format = lineFormat('cobs')
    const line = new AuditedLine(format).push(wrapFrame(format, frame(0)))
    line.push(textBytes('watchdog reset\r\n\0')).push(wrapFrame(format, frame(1)))
    expect(line.frames).toEqual([hexOf(frame(0)), hexOf(frame(1))])
    expect(line.discarded().frames).toEqual({ 'bad-stuffing': 1 })
  })
})
