import { describe, expect, it } from 'vitest'
import { CompactEncoder, StandardEncoder } from '../../src/alec/index.js'
import { wrapFrame } from '../../src/framing/index.js'
import { LineSurvey, type Sighting, surveyDevice } from '../../src/survey/index.js'
import { mulberry } from '../support/mulberry.js'

const seen = (frames: readonly Uint8Array[], everyMs = 1000): Sighting[] =>
  frames.map((bytes, i) => ({ bytes, mono: i * everyMs, integrity: 'crc32' }))

/** What a compact device sends of these readings, and what is found out of it. */
function compact(
  readings: readonly (readonly number[])[],
  options: { readonly keyframeInterval?: number; readonly asked?: readonly number[] } = {},
) {
  const { keyframeInterval = 50, asked = [] } = options
  const encoder = new CompactEncoder({ channels: readings[0]?.length ?? 1, keyframeInterval })
  const frames = readings.map((values, i) => {
    if (asked.includes(i)) encoder.handleDownlink(Uint8Array.of(0xff))
    return encoder.encode(values)
  })
  return { frames, survey: surveyDevice(seen(frames)) ?? expect.fail('nothing was found') }
}

/** A wave of so many values, multiples of a step. */
const wave = (length: number, step: number, size = 30): number[] =>
  Array.from({ length }, (_, i) =>
    Number((Math.round(200 + size * Math.sin(i / 4)) * step).toFixed(6)),
  )

describe('a survey of a compact device', () => {
  it('counts channels that never change by the version, which each of them moves', () => {
    // Four channels fit the same bitmap; the fourth would always be repeated.
    const readings = wave(40, 0.1).map((value) => [value, 5, 5])
    const { survey } = compact(readings, { keyframeInterval: 0 })
    expect(survey.shape.value).toEqual({ family: 'compact', channels: 3 })
    expect(survey.shape.confidence).toBe('certain')
  })

  it('takes no keyframe that was asked for to be the schedule', () => {
    const readings = wave(140, 0.1).map((value) => [value])
    const { survey } = compact(readings, { asked: [5, 9, 13] })
    expect(survey.keyframeInterval).toMatchObject({ value: 50, confidence: 'certain' })
  })

  it('says how long no keyframe has come, where none has', () => {
    const { survey } = compact(wave(40, 0.1).map((value) => [value]))
    expect(survey.keyframeInterval).toMatchObject({ value: undefined, confidence: 'unknown' })
    expect(survey.keyframeInterval?.evidence).toContain('no keyframe in 39 frames in a row')
  })

  it('sees the schedule where keyframes are missing', () => {
    const { frames } = compact(
      wave(140, 0.1).map((value) => [value]),
      { keyframeInterval: 10 },
    )
    const some = frames.filter((_, i) => i % 7 !== 3)
    expect(surveyDevice(seen(some))?.keyframeInterval?.value).toBe(10)
  })

  it.each(['0.1', '0.5', '0.25', '0.0625', '1', '5'])('finds steps of %s', (step) => {
    const { survey } = compact(wave(120, Number(step)).map((value) => [value]))
    expect(survey.channels[0]?.resolution).toMatchObject({ value: step, confidence: 'certain' })
  })

  it('claims no step of values that have none', () => {
    const random = mulberry(5)
    const { survey } = compact(Array.from({ length: 120 }, () => [20 + random()]))
    expect(survey.channels[0]?.resolution.confidence).not.toMatch(/certain|likely/)
  })

  it('guesses a fine step where next to nothing changed, for it is true in any case', () => {
    const { survey } = compact(Array.from({ length: 60 }, (_, i) => [i < 30 ? 21 : 22]))
    expect(survey.channels[0]?.resolution).toMatchObject({ value: '0.01', confidence: 'guess' })
  })

  it('names what was seen, and leaves room around it', () => {
    const { survey } = compact(wave(120, 0.1).map((value) => [value]))
    const [channel] = survey.channels
    expect(channel?.seen).toEqual({ min: 17, max: 23 })
    expect(channel?.range.value).toEqual({ min: -10_000, max: 10_000 })
    expect(channel?.maxStep.value).toBeGreaterThan(0.8)
    expect([survey.good, survey.readings]).toEqual([120, 120])
  })

  it('takes whole numbers that only grow for a count, of 32 bits', () => {
    const { survey } = compact(Array.from({ length: 60 }, (_, i) => [5000 + 7 * i]))
    expect(survey.channels[0]?.range.value).toEqual({ min: 0, max: 2 ** 32 - 1 })
    const { survey: few } = compact(Array.from({ length: 60 }, (_, i) => [5 + (i % 9)]))
    expect(few.channels[0]?.range.value?.min).toBeLessThan(0)
  })

  it('knows the interval, a round one where that is meant', () => {
    const { frames } = compact(wave(40, 0.1).map((value) => [value]))
    const every = (ms: number) => surveyDevice(seen(frames, ms))?.intervalMs.value
    expect([every(999.4), every(60_050), every(1234.9), every(0)]).toEqual([
      1000,
      60_000,
      1234,
      undefined,
    ])
  })

  it('leaves frames out that are of no kind', () => {
    expect(surveyDevice(seen([Uint8Array.of(0x80, 1, 2), Uint8Array.of(0xa1)]))).toBeUndefined()
    expect(surveyDevice([])).toBeUndefined()
  })
})

describe('a survey of a standard device', () => {
  const values = wave(120, 0.1)
  const encoder = new StandardEncoder()
  const frames = values.map((value, i) =>
    encoder.encode(value, { sourceId: 9, timestampMs: i * 1000, priority: 3 }),
  )

  it('met mid-stream tells the step of the changes, though no value', () => {
    const survey = surveyDevice(seen(frames.slice(20)))
    expect(survey?.channels[0]).toMatchObject({
      source: 9,
      resolution: { value: '0.1' },
      range: { value: undefined },
      seen: undefined,
    })
  })

  it('says so where it keeps values to itself', () => {
    const quiet = new StandardEncoder()
    const sent = values.flatMap((value, i) => {
      if (i % 3 === 1) {
        quiet.context.observe(9, value)
        return []
      }
      return [quiet.encode(value, { sourceId: 9, timestampMs: i * 1000, priority: 3 })]
    })
    expect(surveyDevice(seen(sent))?.suppresses).toMatchObject({ value: true })
    expect(surveyDevice(seen(frames))?.suppresses).toMatchObject({ value: false })
  })

  it('counts the channels of a multi frame that never came', () => {
    const multi = new StandardEncoder()
    const sent = values.map((value, i) =>
      multi.encodeAdaptiveMulti(
        [
          { nameId: 1, value },
          { nameId: 2, value: 50 },
        ],
        { timestampMs: i * 1000 },
      ),
    )
    expect(surveyDevice(seen(sent))?.hiddenChannels).toBe(0)
    expect(surveyDevice(seen(sent.slice(1)))?.hiddenChannels).toBe(1)
  })
})

describe('a survey of a line', () => {
  it('finds nothing in noise', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = mulberry(seed)
      const survey = new LineSurvey()
      for (let i = 0; i < 100; i++) {
        const noise = Uint8Array.from({ length: 200 }, () => Math.floor(random() * 256))
        survey.push(noise, i)
        survey.rest()
      }
      expect(survey.makesSense, `seed ${seed}`).toBe(false)
    }
  })

  it('needs more frames to believe in a line without CRC than in one with', () => {
    const encoder = new CompactEncoder({ channels: 1 })
    const frames = wave(8, 0.1).map((value) => encoder.encode([value]))
    const believedAfter = (crc: 'crc32' | 'none') => {
      const survey = new LineSurvey()
      const format = { framing: 'cobs', crc, address: 'none', maxFrame: 4096 } as const
      return frames.findIndex((frame) => {
        survey.push(wrapFrame(format, frame), 0)
        return survey.makesSense
      })
    }
    expect(believedAfter('crc32')).toBe(1)
    expect(believedAfter('none')).toBeGreaterThan(3)
  })
})
