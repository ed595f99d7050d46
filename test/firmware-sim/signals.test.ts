import { describe, expect, it } from 'vitest'
import {
  Random,
  type SensorKind,
  type SensorKindName,
  Signal,
  sensorKindNames,
  sensorKinds,
} from '../../firmware-sim/index.js'

const start = Date.UTC(2026, 0, 1)
const seeds = 60
const samples = 1500
/** From every half second to every hour. */
const intervals = [500, 2_000, 60_000, 3_600_000]

/** Readings of one sensor; the seed says which interval too. */
function readings(kind: SensorKind, seed: number): number[] {
  const signal = new Signal(kind, new Random(seed))
  const interval = intervals[seed % intervals.length]!
  return Array.from({ length: samples }, (_, i) => signal.sample(start + i * interval))
}

describe.each(sensorKindNames)('the %s signal', (name: SensorKindName) => {
  const kind = sensorKinds[name]
  const digits = (kind.resolution.split('.')[1] ?? '').length
  const mantissa = Number(kind.resolution.replace('.', ''))
  const runs = Array.from({ length: seeds }, (_, seed) => ({ seed, values: readings(kind, seed) }))

  /** Readings that break the rule, each with the seed that finds it. */
  const breaking = (breaks: (value: number, before: number) => boolean): string[] =>
    runs.flatMap(({ seed, values }) =>
      values
        .filter((value, i) => breaks(value, values[i - 1] ?? value))
        .map((value) => `seed ${seed}: ${value}`),
    )

  it('reads exactly the number that its decimal parses to', () => {
    const inexact = breaking((value) => {
      const text = value.toFixed(digits)
      // With the decimal point away these are whole numbers, so the remainder is exact.
      return !Object.is(Number(text), value) || Number(text.replace('.', '')) % mantissa !== 0
    })
    expect(inexact).toEqual([])
  })

  it('never leaves its declared range', () => {
    expect(breaking((value) => !(value >= kind.min && value <= kind.max))).toEqual([])
  })

  it('never moves further at once than declared', () => {
    expect(breaking((value, before) => !(Math.abs(value - before) <= kind.maxStep))).toEqual([])
  })

  it('moves, and differs from device to device', () => {
    const moving = runs.filter(({ values }) => new Set(values).size > 3)
    expect(moving.length).toBeGreaterThan(seeds / 2)
    // All but those that stood still for the whole quarter of an hour.
    const different = new Set(runs.map(({ values }) => values.join())).size
    expect(different).toBeGreaterThan(0.8 * seeds)
  })

  it('is the same again for the same seed', () => {
    expect(readings(kind, 3)).toEqual(runs[3]!.values)
  })
})

describe('a signal', () => {
  const step: SensorKind = {
    quantity: 'temperature',
    unit: '°C',
    resolution: '0.05',
    min: -10,
    max: 10,
    maxStep: 1,
    process: () => ({ at: (now) => (now < 5 ? 0 : 1000) }),
  }

  it('follows a jump as fast as is declared, and stops at the end of its range', () => {
    const signal = new Signal(step, new Random(1))
    const values = Array.from({ length: 30 }, (_, now) => signal.sample(now))
    expect(values.slice(4, 7)).toEqual([0, 0.95, 1.9])
    expect(values.at(-1)).toBe(10)
  })

  it('never reads −0', () => {
    const frozen = new Signal({ ...step, process: () => ({ at: () => -0.001 }) }, new Random(1))
    expect(Object.is(frozen.sample(0), 0)).toBe(true)
  })

  it('refuses a resolution that is no decimal', () => {
    expect(() => new Signal({ ...step, resolution: 'fine' }, new Random(1))).toThrow(RangeError)
  })
})

describe('the world of the sensors', () => {
  const means = (name: SensorKindName, hours: readonly number[]) =>
    hours.map((hour) => {
      let sum = 0
      for (let seed = 0; seed < 200; seed++) {
        const signal = new Signal(sensorKinds[name], new Random(seed))
        sum += signal.sample(start + hour * 3_600_000)
      }
      return sum / 200
    })

  it('is warmer and drier in the afternoon than before dawn', () => {
    const [coldest, warmest] = means('temperature', [2, 14])
    expect(warmest! - coldest!).toBeGreaterThan(1)
    const [dampest, driest] = means('humidity', [2, 14])
    expect(dampest! - driest!).toBeGreaterThan(4)
  })

  it('has places that are warm, frozen, and about to freeze', () => {
    expect(means('temperature', [12])[0]).toBeCloseTo(21, -1)
    expect(means('freezer_temperature', [12])[0]).toBeCloseTo(-18, -1)
    const outdoors = readings(sensorKinds.outdoor_temperature, 3)
    expect(Math.min(...outdoors)).toBeLessThan(0)
    expect(Math.max(...outdoors)).toBeGreaterThan(0)
  })

  it('empties batteries', () => {
    const signal = new Signal(sensorKinds.battery, new Random(5))
    const first = signal.sample(start)
    let last = first
    for (let day = 1; day < 300; day++) last = signal.sample(start + day * 86_400_000)
    expect(last).toBeLessThan(first - 0.1)
  })

  it('turns meters forwards only', () => {
    for (let seed = 0; seed < seeds; seed++) {
      const values = readings(sensorKinds.counter, seed)
      expect(values, `seed ${seed}`).toEqual([...values].sort((a, b) => a - b))
    }
  })
})
