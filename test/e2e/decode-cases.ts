import { expect } from 'vitest'
import { vectors } from '../support/vectors.js'

/** What a line of `decode` says of a channel; JSON has no word for numbers that are not finite. */
interface PrintedValue {
  readonly value: number | string
  readonly bound: number | null
  readonly quality: 'good' | 'uncertain' | 'bad'
}

/** One channel of one frame: what was measured, and what the reference decoder made of it. */
interface Expected {
  readonly truth: number
  /** Undefined where there is nothing to compare with. */
  readonly reference: number | undefined
  /** The declared resolution tells the true value. */
  readonly told: boolean
}

/** A device of the configuration, its frames, and what has to be printed of them. */
export interface DecodeCase {
  readonly device: string
  readonly model: object
  readonly frames: readonly string[]
  /** By frame and channel; the channels are called `c0`, `c1`, …. */
  readonly expected: readonly (readonly Expected[])[]
}

/** Only what deltas in hundredths can tell is declared: everything else decodes as the reference does. */
const resolutions: Readonly<Record<string, number>> = {
  'room-temperature': 0.1,
  'relative-humidity': 1,
  barometer: 0.01,
  co2: 1,
  counter: 1,
  step: 1,
  constant: 1,
}

const channel = (signal: string, name: string) => ({
  name,
  ...(signal in resolutions && { resolution: resolutions[signal] }),
})

export const compactCases = (): DecodeCase[] =>
  vectors.compact().map(({ signals, keyframeInterval, rows }, n) => {
    // The reference decoder fails on a first value of 0, and goes its own way afterwards.
    const comparable = rows.findIndex(({ referenceDecoded }) => referenceDecoded === null)
    return {
      device: `compact-${n}`,
      model: {
        frames: 'compact',
        interval: '1s',
        keyframe_interval: keyframeInterval,
        channels: signals.map((signal, i) => channel(signal, `c${i}`)),
      },
      frames: rows.map(({ frame }) => frame),
      expected: rows.map(({ values, referenceDecoded }, row) =>
        values.map((truth, i) => ({
          truth,
          reference: comparable < 0 || row < comparable ? referenceDecoded?.[i] : undefined,
          told: signals[i]! in resolutions,
        })),
      ),
    }
  })

export const singleCases = (): DecodeCase[] =>
  vectors.standardSingle().map(({ signal, sourceId, checksum, rows }, n) => ({
    device: `single-${n}`,
    model: {
      frames: 'standard',
      interval: '1s',
      checksum,
      channels: [{ ...channel(signal, 'c0'), source: sourceId }],
    },
    frames: rows.map(([, , , , frame]) => frame),
    expected: rows.map(([truth, , , , , reference]) => [
      { truth, reference, told: signal in resolutions },
    ]),
  }))

/** One configuration for all of them. */
export const configOf = (cases: readonly DecodeCase[]) => ({
  version: 1,
  models: Object.fromEntries(cases.map(({ device, model }) => [device, model])),
  devices: Object.fromEntries(cases.map(({ device }) => [device, { model: device }])),
})

/** Compares what `decode` printed, bit for bit. */
export function expectDecoded({ frames, expected }: DecodeCase, printed: string): void {
  const lines = printed.trimEnd().split('\n')
  expect(lines).toHaveLength(frames.length)
  for (const [n, line] of lines.entries()) {
    const { frame, verdict, values } = JSON.parse(line)
    expect([frame, verdict], line).toEqual([n + 1, 'readings'])
    const channels = expected[n]!
    expect(Object.keys(values), line).toEqual(channels.map((_, i) => `c${i}`))
    for (const [i, wanted] of channels.entries()) {
      expectValue(values[`c${i}`], wanted, `frame ${frame}, channel ${i}: ${line}`)
    }
  }
}

function expectValue(printed: PrintedValue, { truth, reference, told }: Expected, where: string) {
  const value = Number(printed.value)
  if (told && Number.isFinite(truth)) {
    // A sensor's decimal 0 has no sign.
    expect(Object.is(value, truth === 0 ? 0 : truth), `${where}: it was ${truth}`).toBe(true)
    expect([printed.quality, printed.bound], where).toEqual(['good', 0])
    return
  }
  if (!told && reference !== undefined) {
    expect(Object.is(value, reference), `${where}: reference ${reference}`).toBe(true)
  }
  if (!Number.isFinite(truth)) expect(printed.quality, where).toBe('bad')
  else if (printed.bound !== null) {
    expect(Math.abs(value - truth), where).toBeLessThanOrEqual(printed.bound)
  }
}
