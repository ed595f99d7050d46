import { describe, expect, it } from 'vitest'
import { CompactEncoder, exportAlcs, ReferenceDecoder } from '../../src/alec/index.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'

describe('compact frames of the device library', () => {
  for (const vector of vectors.compact()) {
    const { channels, keyframeInterval, historySize, rows } = vector
    const title = `${channels} channels, keyframe every ${keyframeInterval}`

    it(`are encoded byte for byte, with their keyframes: ${title}`, () => {
      const encoder = new CompactEncoder({ channels, keyframeInterval, historySize })
      for (const { values, downlink, frame, sequence } of rows) {
        if (downlink !== null) expect(encoder.handleDownlink(fromHex(downlink))).toBe(true)
        expect(encoder.sequence).toBe(sequence)
        expect(toHex(encoder.encode(values))).toBe(frame)
      }
    })

    it(`decode as the library decodes them, to the same state: ${title}`, () => {
      const decoder = new ReferenceDecoder({
        shape: { family: 'compact', channels },
        historySize,
        sensorType: 'vector',
      })
      for (const { frame, sequence, keyframe, referenceDecoded } of rows) {
        const result = decoder.decode(fromHex(frame))
        const values = result.ok ? result.value.map(({ value }) => value) : null
        expect(values).toStrictEqual(referenceDecoded)
        expect(decoder.frame.sequence).toBe(sequence)
        expect(decoder.frame.keyframe).toBe(keyframe)
      }
      expect(toHex(exportAlcs(decoder.context))).toBe(vector.decoderStateAlcs)
    })
  }
})

describe('CompactEncoder', () => {
  it('sends a first value of 0 as repeated, as the library does', () => {
    const encoder = new CompactEncoder({ channels: 2 })
    expect(toHex(encoder.encode([0, 1]))).toBe('a1000000000c3f800000')
  })

  it('sends a keyframe when its interval is over or when it is asked for', () => {
    const encoder = new CompactEncoder({ channels: 1, keyframeInterval: 3 })
    const markers: number[] = []
    for (let i = 0; i < 12; i++) {
      if (i === 7) expect(encoder.handleDownlink(fromHex('ff'))).toBe(true)
      markers.push(encoder.encode([i])[0]!)
    }
    expect(markers.flatMap((marker, i) => (marker === 0xa2 ? [i] : []))).toEqual([3, 6, 7, 10])
  })

  it('ignores requests where smart resync is off', () => {
    const encoder = new CompactEncoder({ channels: 1, smartResync: false })
    expect(encoder.handleDownlink(fromHex('ff'))).toBe(true)
    expect(encoder.encode([1])[0]).toBe(0xa1)
  })

  it.each(['', '00', 'fe', '00ff'])('refuses the downlink "%s"', (hex) => {
    const encoder = new CompactEncoder({ channels: 1 })
    expect(encoder.handleDownlink(fromHex(hex))).toBe(false)
    expect(encoder.encode([1])[0]).toBe(0xa1)
  })

  it('wraps its sequence after 65535 frames and goes on counting versions', () => {
    const encoder = new CompactEncoder({ channels: 1, keyframeInterval: 0 })
    for (let i = 0; i < 65_536; i++) encoder.encode([1])
    expect(encoder.context.version).toBe(66_191)
    // 66191 is 0x1028f: only the low 16 bits go out.
    expect(toHex(encoder.encode([1]))).toBe('a10000028f00')
  })

  it.each([0, 65, 1.5, Number.NaN])('cannot have %d channels', (channels) => {
    expect(() => new CompactEncoder({ channels })).toThrow(RangeError)
  })

  it('refuses values for another number of channels, and stays as it was', () => {
    const encoder = new CompactEncoder({ channels: 2 })
    expect(() => encoder.encode([1])).toThrow('1 values for 2 channels')
    expect(encoder.context.version).toBe(0)
  })
})
