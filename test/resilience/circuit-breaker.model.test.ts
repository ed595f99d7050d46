import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  admits,
  type Circuit,
  type CircuitInput,
  type CircuitState,
  closedCircuit,
  nextCircuit,
  defaultCircuitPolicy as policy,
} from '../../src/resilience/index.js'

/** The semantics once more, plainly, from a list of outcomes. */
class Model {
  state: CircuitState = 'closed'
  now = 0
  since = 0
  until = 0
  probedAt = 0
  openings = 0
  probes = 0
  outcomes: boolean[] = []
  enter(state: CircuitState, at = this.now): void {
    if (state === 'open') {
      if (this.state === 'closed' && at - this.since >= 300_000) this.openings = 0
      this.until = at + Math.min(30_000 * 2 ** this.openings++, 600_000)
    }
    this.state = state
    this.since = this.probedAt = at
    this.probes = 0
    this.outcomes = []
  }
  outcome(good: boolean): void {
    if (this.state === 'open') return
    this.outcomes.push(good)
    if (this.state === 'half-open') {
      if (!good) this.enter('open')
      else if (this.outcomes.length === 3) this.enter('closed')
      return
    }
    const recent = this.outcomes.slice(-20)
    const failed = recent.filter((good) => !good).length
    const inARow = recent.length >= 5 && recent.slice(-5).every((good) => !good)
    if (inARow || (recent.length >= 10 && failed * 2 >= recent.length)) this.enter('open')
  }
  probe(): void {
    if (this.state !== 'half-open' || this.probes === 5) return
    this.probes++
    this.probedAt = this.now
  }
  tick(intervalMs: number): void {
    const patience = Math.max(60_000, 5 * intervalMs)
    for (;;) {
      const due = this.state === 'open' ? this.until : this.probedAt + patience
      if (this.state === 'closed' || this.now < due) return
      this.enter(this.state === 'open' ? 'half-open' : 'open', due)
    }
  }
}

interface Real {
  circuit: Circuit
}

class Step implements fc.Command<Model, Real> {
  readonly #input: CircuitInput
  readonly #elapsedMs: number
  constructor(input: CircuitInput, elapsedMs: number) {
    this.#input = input
    this.#elapsedMs = elapsedMs
  }
  check = () => true
  run(model: Model, real: Real): void {
    model.now += this.#elapsedMs
    const input = this.#input
    if (input.type === 'success' || input.type === 'failure')
      model.outcome(input.type === 'success')
    else if (input.type === 'probe') model.probe()
    else if (input.type === 'tick') model.tick(input.intervalMs)
    else if (input.type === 'force-closed') model.state !== 'closed' && model.enter('closed')
    else if (input.type === 'reset') {
      if (model.state !== 'closed' || model.outcomes.length > 0 || model.openings > 0)
        model.enter('closed')
      model.openings = 0
    } else if (model.state !== 'open') model.enter('open')

    real.circuit = nextCircuit(real.circuit, input, model.now, policy)
    const { circuit } = real
    expect(circuit.state).toBe(model.state)
    expect(circuit.since).toBe(model.since)
    if (circuit.state === 'open') expect(circuit.until).toBe(model.until)
    if (circuit.state === 'half-open') expect(circuit.probes).toBe(model.probes)
    const mayPass = { closed: true, open: false, 'half-open': model.probes < 5 }
    expect(admits(circuit, policy)).toBe(mayPass[model.state])
  }
  toString = () => `+${this.#elapsedMs} ms ${JSON.stringify(this.#input)}`
}

const elapsed = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constantFrom(30_000, 60_000, 299_999, 300_000, 600_000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 700_000 }) },
)
const step = (input: CircuitInput, weight: number) => ({
  weight,
  arbitrary: elapsed.map((ms) => new Step(input, ms)),
})
const steps = fc.oneof(
  step({ type: 'success' }, 6),
  step({ type: 'failure' }, 6),
  step({ type: 'probe' }, 3),
  step({ type: 'tick', intervalMs: 0 }, 4),
  step({ type: 'tick', intervalMs: 30_000 }, 2),
  step({ type: 'internal-error' }, 1),
  step({ type: 'force-open' }, 1),
  step({ type: 'force-closed' }, 1),
  step({ type: 'reset' }, 1),
)

describe('any history of a circuit', () => {
  it('agrees with the model', () => {
    fc.assert(
      fc.property(fc.commands([steps], { maxCommands: 120, size: 'max' }), (commands) => {
        fc.modelRun(
          () => ({ model: new Model(), real: { circuit: closedCircuit(0) as Circuit } }),
          commands,
        )
      }),
      { numRuns: 1500 },
    )
  })

  it('is the same whether time is told often or once at the end', () => {
    const start = fc.record({
      at: fc.double({ min: 0, max: 1e12, noNaN: true }),
      jitter: fc.double({ min: -1, max: 1, noNaN: true }),
      intervalMs: fc.constantFrom(0, 12_345.678, 30_000),
      probes: fc.integer({ min: 0, max: 2 }),
    })
    const moments = fc.array(fc.double({ min: 0, max: 1e8, noNaN: true }), { maxLength: 50 })
    fc.assert(
      fc.property(start, moments, ({ at, jitter, intervalMs, probes }, elapsedMs) => {
        const tick = { type: 'tick', intervalMs } as const
        let circuit = nextCircuit(closedCircuit(0), { type: 'force-open' }, at, policy, jitter)
        const probedAt = at + 40_000.4
        circuit = nextCircuit(circuit, tick, probedAt, policy, jitter)
        for (let n = 0; n < probes; n++)
          circuit = nextCircuit(circuit, { type: 'probe' }, probedAt, policy, jitter)
        const end = probedAt + 1e8
        const often = [...elapsedMs]
          .sort((a, b) => a - b)
          .reduce((told, ms) => nextCircuit(told, tick, probedAt + ms, policy, jitter), circuit)
        const once = nextCircuit(circuit, tick, end, policy, jitter)
        expect(nextCircuit(often, tick, end, policy, jitter)).toEqual(once)
      }),
    )
  })

  it('makes up for ten years in no time', () => {
    const decade = 10 * 365 * 86_400_000
    let circuit = nextCircuit(closedCircuit(0), { type: 'force-open' }, 0, policy)
    const started = performance.now()
    for (let n = 0; n < 1000; n++)
      circuit = nextCircuit(circuit, { type: 'tick', intervalMs: 0 }, n * decade, policy)
    expect(performance.now() - started).toBeLessThan(1000)
    expect(circuit.since).toBeGreaterThan(999 * decade - 660_000)
  })

  it('lets at most five probes through half-open, and nothing through open', () => {
    const behaviours = fc.array(
      fc.record({ elapsedMs: elapsed, outcome: fc.constantFrom('success', 'failure', 'neither') }),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(behaviours, fc.double({ min: -1, max: 1, noNaN: true }), (frames, jitter) => {
        let circuit: Circuit = closedCircuit(0)
        let now = 0
        let probes = 0
        for (const { elapsedMs, outcome } of frames) {
          now += elapsedMs
          circuit = nextCircuit(circuit, { type: 'tick', intervalMs: 0 }, now, policy, jitter)
          if (circuit.state !== 'half-open') probes = 0
          if (!admits(circuit, policy)) continue
          expect(circuit.state).not.toBe('open')
          if (circuit.state === 'half-open') expect(++probes).toBeLessThanOrEqual(policy.maxProbes)
          circuit = nextCircuit(circuit, { type: 'probe' }, now, policy, jitter)
          if (outcome !== 'neither')
            circuit = nextCircuit(circuit, { type: outcome }, now, policy, jitter)
        }
      }),
    )
  })
})
