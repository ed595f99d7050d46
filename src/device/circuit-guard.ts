import {
  admits,
  type Circuit,
  type CircuitInput,
  type CircuitPolicy,
  type CircuitState,
  closedCircuit,
  nextCircuit,
} from '../resilience/index.js'
import type { DeviceEvent } from './event.js'

interface Moment {
  readonly mono: number
  readonly wall: number
}

/** What a restart must not forget of a circuit; times count from the moment of saving, in milliseconds. */
export type CircuitMemory =
  | { readonly state: 'closed'; readonly openings: number }
  | { readonly state: 'open'; readonly openings: number; readonly leftMs: number }

/** A device's circuit breaker, with the event of each of its changes. */
export class CircuitGuard {
  readonly #policy: CircuitPolicy
  /** −1 … 1: spreads the recovery times of many circuits. */
  readonly #jitter: number
  #circuit: Circuit

  constructor(policy: CircuitPolicy, jitter: number, now: number) {
    this.#policy = policy
    this.#jitter = jitter
    this.#circuit = closedCircuit(now)
  }

  get state(): CircuitState {
    return this.#circuit.state
  }

  get failedInside(): boolean {
    return this.#circuit.state === 'open' && this.#circuit.reason === 'internal-error'
  }

  /** Whether a frame may be decoded now. */
  get admits(): boolean {
    return admits(this.#circuit, this.#policy)
  }

  /** Returns what changed, where something did. */
  turn(input: CircuitInput, { mono, wall }: Moment): DeviceEvent | undefined {
    const before = this.#circuit
    const after = nextCircuit(before, input, mono, this.#policy, this.#jitter)
    this.#circuit = after
    if (after.state === before.state) return undefined
    switch (after.state) {
      case 'open':
        return {
          wall,
          severity: 'error',
          type: 'circuit_opened',
          circuit: 'open',
          reason: after.reason,
        }
      case 'half-open': {
        const reason = 'recovery time over: trying a few frames'
        return { wall, severity: 'info', type: 'circuit_half_opened', circuit: 'half-open', reason }
      }
      case 'closed': {
        const reason = input.type === 'success' ? 'probes decoded' : input.type
        return { wall, severity: 'info', type: 'circuit_closed', circuit: 'closed', reason }
      }
    }
  }

  save(now: number): CircuitMemory {
    const circuit = this.#circuit
    const { openings } = circuit
    if (circuit.state === 'closed') return { state: 'closed', openings }
    const leftMs = circuit.state === 'open' ? Math.max(0, circuit.until - now) : 0
    return { state: 'open', openings, leftMs }
  }

  restore(memory: CircuitMemory, now: number): void {
    const { openings } = memory
    this.#circuit =
      memory.state === 'closed'
        ? { ...closedCircuit(now), openings }
        : {
            state: 'open',
            since: now,
            until: now + memory.leftMs,
            openings,
            reason: 'failures-in-a-row',
          }
  }
}
