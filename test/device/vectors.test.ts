import { describe, expect, it } from 'vitest'
import {
  type ChannelReading,
  type ChannelSpec,
  compileProfile,
  DeviceStream,
  type ModelSpec,
} from '../../src/device/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { fromHex, vectors } from '../support/vectors.js'

const resolutions: Readonly<Record<string, string>> = {
  'room-temperature': '0.1',
  'relative-humidity': '1',
  barometer: '0.01',
  co2: '1',
  battery: '0.001',
  counter: '1',
  step: '1',
  constant: '1',
}
/** Deltas count in hundredths: finer values only come whole. */
const isTold = (signal: string) => signal in resolutions && signal !== 'battery'

const base: ModelSpec = {
  ...defaultSpec,
  intervalMs: 1000,
  channels: [],
}

const channelOf = (signal: string, name: string, source?: number): ChannelSpec => ({
  name,
  ...(resolutions[signal] !== undefined && { resolution: resolutions[signal] }),
  ...(source !== undefined && { source }),
})

/** Decodes one frame a second. */
function reader(spec: ModelSpec) {
  const stream = new DeviceStream(compileProfile(spec))
  let mono = 0
  return (hex: string): readonly ChannelReading[] => {
    mono += 1000
    const frame = {
      device: 'd',
      bytes: fromHex(hex),
      mono,
      wall: 0,
      integrity: 'crc32',
      source: 'test',
    } as const
    const outcome = stream.accept(frame, [])
    if (outcome.kind !== 'decoded') throw new Error(`${hex}: ${JSON.stringify(outcome)}`)
    return outcome.channels
  }
}

function expectReading(
  reading: ChannelReading,
  signal: string,
  truth: number,
  reference: number | null,
  where: string,
) {
  if (isTold(signal) && Number.isFinite(truth)) {
    expect(
      Object.is(reading.value, truth === 0 ? 0 : truth),
      `${where}: ${reading.value} was ${truth}`,
    ).toBe(true)
    expect([reading.quality, reading.bound], where).toEqual(['good', 0])
    return
  }
  if (!(signal in resolutions) && reference !== null) {
    expect(
      Object.is(reading.value, reference),
      `${where}: ${reading.value}, reference ${reference}`,
    ).toBe(true)
  }
  if (Number.isFinite(truth)) {
    const off = Math.abs(reading.value - truth)
    expect(
      reading.bound === Number.POSITIVE_INFINITY || off <= reading.bound,
      `${where}: ${off} > ${reading.bound}`,
    ).toBe(true)
  } else expect(reading.quality, where).toBe('bad')
}

describe('the vectors of the device library, decoded exactly', () => {
  for (const [n, vector] of vectors.compact().entries()) {
    it(`compact ${n}: ${vector.channels} channels, a keyframe every ${vector.keyframeInterval}`, () => {
      const read = reader({
        ...base,
        channels: vector.signals.map((signal, i) => channelOf(signal, `c${i}`)),
      })
      // The reference decoder fails on a first value of 0 and goes its own way afterwards.
      let comparable = true
      for (const row of vector.rows) {
        comparable &&= row.referenceDecoded !== null
        const readings = read(row.frame)
        readings.forEach((reading, i) => {
          expectReading(
            reading,
            vector.signals[i]!,
            row.values[i]!,
            comparable ? (row.referenceDecoded?.[i] ?? null) : null,
            `frame ${row.sequence} channel ${i}`,
          )
        })
      }
    })
  }

  for (const vector of vectors.standardSingle()) {
    it(`single ${vector.signal}, source ${vector.sourceId}${vector.checksum ? ', checksum' : ''}`, () => {
      const read = reader({
        ...base,
        frames: 'standard',
        checksum: vector.checksum,
        channels: [channelOf(vector.signal, 'c', vector.sourceId)],
      })
      vector.rows.forEach(([truth, , , , frame, reference], i) => {
        expectReading(read(frame)[0]!, vector.signal, truth, reference, `frame ${i}`)
      })
    })
  }

  for (const [n, vector] of vectors.standardAdaptiveMulti().entries()) {
    it(`adaptive multi ${n}: ${vector.signals.length} channels`, () => {
      const read = reader({
        ...base,
        frames: 'standard',
        channels: vector.signals.map((signal, i) => channelOf(signal, `c${i}`, i)),
      })
      vector.rows.forEach((row, frame) => {
        for (const reading of read(row.frame)) {
          const truth = row.values[Number(reading.name.slice(1))]!
          const where = `frame ${frame} ${reading.name}: ${reading.value} ± ${reading.bound} was ${truth}`
          // What was left out of several frames in a row can leave shifted histories that no delta tells apart.
          expect(Math.abs(reading.value - truth) <= reading.bound, where).toBe(true)
          if (reading.quality === 'good' && reading.bound === 0)
            expect(reading.value, where).toBe(truth)
        }
      })
    })
  }
})
