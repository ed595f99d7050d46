import { describe, expect, it } from 'vitest'
import {
  type Delivered,
  type FaultRates,
  FrameFaults,
  noFaults,
  Random,
} from '../../firmware-sim/index.js'

const seed = Number(process.env.SEED ?? 20_261_124)
const count = 20_000

interface Sent {
  readonly bytes: Uint8Array
  readonly boot: number
  readonly n: number
}

const frame = (n: number, boot = 0): Sent => ({
  n,
  boot,
  bytes: Uint8Array.of(0xa1, n >> 8, n & 0xff, 1, 2, 3, 4, 5),
})

/** Sends `frames` a second apart; what arrived, and the model. */
function send(
  rates: Partial<FaultRates>,
  frames = Array.from({ length: count }, (_, n) => frame(n)),
) {
  const faults = new FrameFaults<Sent>({ ...noFaults, ...rates }, new Random(seed))
  const arrived = frames.flatMap((sent, i) => faults.apply(sent, i * 1000))
  const { frames: in_, lost, lostInBursts, silenced, lostAfterBoot, ...rest } = faults.counters
  expect(rest.delivered).toBe(arrived.length)
  // Nothing vanishes and nothing comes from nowhere but by the counters.
  expect(rest.delivered + faults.heldBack, `seed ${seed}`).toBe(
    in_ - lost - lostInBursts - silenced - lostAfterBoot + rest.duplicated + rest.garbage,
  )
  return { arrived, faults, counters: faults.counters }
}

/** Within five deviations of what so many tosses of an unfair coin give. */
function expectRate(happened: number, trials: number, rate: number): void {
  const deviation = Math.sqrt(trials * rate * (1 - rate))
  expect(Math.abs(happened - trials * rate), `seed ${seed}`).toBeLessThan(5 * deviation)
  expect(happened, `seed ${seed}`).toBeGreaterThan(0)
}

const numbers = (arrived: readonly Delivered<Sent>[]) => arrived.map(({ frame }) => frame?.n ?? -1)

describe('FrameFaults', () => {
  it('hands everything on untouched where nothing goes wrong', () => {
    const { arrived } = send({})
    expect(numbers(arrived)).toEqual(Array.from({ length: count }, (_, n) => n))
    expect(
      arrived.every(({ what, bytes, frame }) => what === 'frame' && bytes === frame?.bytes),
    ).toBe(true)
  })

  it('loses frames at its rate', () => {
    const { arrived, counters } = send({ loss: 0.03 })
    expectRate(counters.lost, count, 0.03)
    expect(arrived.length).toBe(count - counters.lost)
  })

  it('loses bursts of the given mean length', () => {
    const { arrived, counters } = send({ bursts: 0.002, burstLength: 10 })
    const gaps = numbers(arrived)
      .map((n, i, all) => n - (all[i - 1] ?? -1) - 1)
      .filter((gap) => gap > 0)
    expectRate(gaps.length, count, 0.002)
    const mean = counters.lostInBursts / gaps.length
    expect(mean).toBeGreaterThan(5)
    expect(mean).toBeLessThan(20)
  })

  it('falls silent for a time, whatever the number of frames', () => {
    const { arrived, counters } = send({ silences: 0.001, silenceMs: 60_000 })
    const gaps = numbers(arrived)
      .map((n, i, all) => n - (all[i - 1] ?? -1) - 1)
      .filter((gap) => gap > 0)
    expect(counters.silenced / gaps.length).toBeGreaterThan(30)
    expect(counters.silenced / gaps.length).toBeLessThan(120)
  })

  it('loses none to all of the first frames after a reboot', () => {
    const frames = Array.from({ length: count }, (_, n) => frame(n, Math.floor(n / 20)))
    const { arrived } = send({ bootLoss: 10 }, frames)
    const lostOf = new Map<number, number[]>()
    const seen = new Set(numbers(arrived))
    for (const { n, boot } of frames) {
      if (!seen.has(n)) lostOf.set(boot, [...(lostOf.get(boot) ?? []), n % 20])
    }
    for (const lost of lostOf.values()) expect(lost).toEqual(lost.map((_, i) => i))
    const lengths = [...lostOf.values()].map((lost) => lost.length)
    expect(Math.max(...lengths)).toBe(10)
    // Eleven lengths are equally likely, and the first start is none to lose frames after.
    expectRate(count / 20 - 1 - lostOf.size, count / 20 - 1, 1 / 11)
  })

  it('doubles frames at its rate, the copy behind the original', () => {
    const { arrived, counters } = send({ duplicates: 0.2 })
    expectRate(counters.duplicated, count, 0.2)
    const copies = arrived.flatMap((delivered, i) => (delivered.what === 'duplicate' ? [i] : []))
    expect(copies.length).toBe(counters.duplicated)
    for (const i of copies) expect(arrived[i]?.frame).toBe(arrived[i - 1]?.frame)
  })

  it('lets frames be overtaken by so many at most, and loses none of them', () => {
    const { arrived, faults, counters } = send({ reorders: 0.05, displacement: 3 })
    expectRate(counters.overtaken, count, 0.05)
    const order = [...numbers(arrived), ...numbers(faults.flush())]
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n))
    const shifts = order.map((n, i) => i - n)
    expect(Math.max(...shifts)).toBe(3)
    expect(faults.heldBack).toBe(0)
  })

  it('cuts frames to a beginning of them', () => {
    const { arrived, counters } = send({ truncated: 0.05 })
    expectRate(counters.truncated, count, 0.05)
    const cut = arrived.filter(({ what }) => what === 'truncated')
    expect(cut.length).toBe(counters.truncated)
    for (const { bytes, frame } of cut) {
      expect(bytes.length).toBeGreaterThan(0)
      expect(bytes.length).toBeLessThan(8)
      expect(bytes).toEqual(frame?.bytes.slice(0, bytes.length))
    }
    expect(new Set(cut.map(({ bytes }) => bytes.length)).size).toBe(7)
  })

  it('brings noise that begins no ALEC frame', () => {
    const { arrived, counters } = send({ garbage: 0.05 })
    expectRate(counters.garbage, count, 0.05)
    const noise = arrived.filter(({ what }) => what === 'garbage')
    for (const { bytes, frame } of noise) {
      expect(frame).toBeUndefined()
      expect([0xa1, 0xa2, 0x01]).not.toContain(bytes[0])
      expect(bytes[0]! >> 6).not.toBe(1)
    }
  })

  it('does the same with the same seed', () => {
    const rates = { loss: 0.05, duplicates: 0.1, reorders: 0.1, displacement: 4, garbage: 0.05 }
    expect(send(rates).arrived).toEqual(send(rates).arrived)
  })

  it('loses the same frames whatever else goes wrong', () => {
    const lossOnly = new Set(numbers(send({ loss: 0.1 }).arrived))
    const { arrived } = send({ loss: 0.1, duplicates: 0.3, truncated: 0.1, garbage: 0.1 })
    const all = new Set(numbers(arrived).filter((n) => n >= 0))
    expect(all).toEqual(lossOnly)
  })

  it('doubles the same frames whatever is lost besides', () => {
    const copies = (rates: Partial<FaultRates>) =>
      numbers(send(rates).arrived.filter(({ what }) => what === 'duplicate'))
    const all = new Set(copies({ duplicates: 0.1 }))
    const some = copies({ duplicates: 0.1, loss: 0.3 })
    expect(some.length).toBeGreaterThan(0)
    expect(some.every((n) => all.has(n))).toBe(true)
  })
})
