import { describe, expect, it } from 'vitest'
import { type FaultRates, LineFaults, noFaults, Random } from '../../firmware-sim/index.js'

const seed = Number(process.env.SEED ?? 20_261_124)
const bytes = new Random(seed).fork('payload').bytes(50_000)

function pass(rates: Partial<FaultRates>, chunks: readonly Uint8Array[] = [bytes]) {
  const faults = new LineFaults({ ...noFaults, ...rates }, new Random(seed))
  const out = chunks.flatMap((chunk) => [...faults.apply(chunk)])
  const { counters } = faults
  expect(counters.bytesIn).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  expect(counters.bytesOut).toBe(out.length)
  expect(out.length, `seed ${seed}`).toBe(
    counters.bytesIn -
      counters.lost -
      counters.overrun +
      counters.duplicated +
      counters.inserted +
      counters.noiseBytes,
  )
  return { out: Uint8Array.from(out), counters }
}

function expectRate(happened: number, trials: number, rate: number): void {
  const deviation = Math.sqrt(trials * rate * (1 - rate))
  expect(Math.abs(happened - trials * rate), `seed ${seed}`).toBeLessThan(5 * deviation)
  expect(happened, `seed ${seed}`).toBeGreaterThan(0)
}

describe('LineFaults', () => {
  it('passes bytes unchanged where nothing goes wrong', () => {
    expect(pass({}).out).toEqual(bytes)
  })

  it('flips bits at its rate, in every place of a byte', () => {
    const { out, counters } = pass({ bitErrors: 0.002 })
    expectRate(counters.bitErrors, 8 * bytes.length, 0.002)
    const flipped = new Array<number>(8).fill(0)
    out.forEach((byte, i) => {
      for (let bit = 0; bit < 8; bit++) flipped[bit]! += ((byte ^ bytes[i]!) >> bit) & 1
    })
    expect(flipped.reduce((sum, n) => sum + n)).toBe(counters.bitErrors)
    for (const n of flipped) expectRate(n, bytes.length, 0.002)
  })

  it('loses, doubles and invents bytes at their rates', () => {
    expectRate(pass({ byteLoss: 0.01 }).counters.lost, bytes.length, 0.01)
    expectRate(pass({ byteDuplicates: 0.01 }).counters.duplicated, bytes.length, 0.01)
    expectRate(pass({ byteInserts: 0.01 }).counters.inserted, bytes.length, 0.01)
  })

  it('keeps what it does not lose in order', () => {
    const { out } = pass({ byteLoss: 0.05 })
    let at = 0
    for (const byte of out) {
      while (at < bytes.length && bytes[at] !== byte) at++
      at++
    }
    expect(at).toBeLessThanOrEqual(bytes.length)
  })

  it('makes runs of noise of the given mean length', () => {
    const { counters } = pass({ noiseRuns: 0.01, noiseLength: 12 })
    expectRate(counters.noiseRuns, bytes.length, 0.01)
    expect(counters.noiseBytes / counters.noiseRuns / 12).toBeCloseTo(1, 0)
  })

  it('makes something else of the bytes in a disturbance, of the given mean length, and of no others', () => {
    const { out, counters } = pass({ errorBursts: 0.005, errorBurstLength: 8 })
    expect(counters.disturbed / counters.errorBursts / 8).toBeCloseTo(1, 0)
    // One in 256 happens to be the same.
    const changed = out.filter((byte, i) => byte !== bytes[i]).length
    expect(changed).toBeLessThanOrEqual(counters.disturbed)
    expect(changed).toBeGreaterThan(0.95 * counters.disturbed)
  })

  it('loses runs of the given mean length where the receiver overruns', () => {
    const { out, counters } = pass({ overruns: 0.002, overrunLength: 40 })
    expect(counters.overrun / counters.overruns / 40).toBeCloseTo(1, 0)
    expect(out.length).toBe(bytes.length - counters.overrun)
  })

  it('does the same however the stream is cut', () => {
    const rates = {
      bitErrors: 0.001,
      byteLoss: 0.01,
      byteDuplicates: 0.01,
      byteInserts: 0.01,
      noiseRuns: 0.002,
      errorBursts: 0.002,
      overruns: 0.001,
    }
    const whole = pass(rates)
    for (const size of [1, 2, 3, 1000]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      )
      const cut = pass(rates, chunks)
      expect(cut.counters).toEqual(whole.counters)
      expect(cut.out).toEqual(whole.out)
    }
  })

  it('flips the same bits whatever else goes wrong', () => {
    const alone = pass({ bitErrors: 0.002 }).counters.bitErrors
    expect(pass({ bitErrors: 0.002, byteLoss: 0.1, noiseRuns: 0.1 }).counters.bitErrors).toBe(alone)
  })
})
