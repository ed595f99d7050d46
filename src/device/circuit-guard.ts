import { xxh32 } from '../alec/index.js'
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
import type { Parcel } from './parcel.js'

interface Moment {
  readonly mono: number
  readonly wall: number
}

/**
 * A device's circuit breaker, with the event of each of its changes. Only what happens to its frames moves it, so that
 * the same frames lead to the same; what time alone would make of it can be looked at without that.
 */
export class CircuitGuard {
  readonly #policy: CircuitPolicy
  /** −1 … 1: spreads the recovery times of many circuits. */
  #jitter: number
  #circuit: Circuit
  #shown: Circuit

  constructor(policy: CircuitPolicy, jitter: number, now: number) {
    this.#policy = policy
    this.#jitter = jitter
    this.#circuit = this.#shown = closedCircuit(now)
  }

  /** As it is of a device that is new at `now`. */
  begin(jitter: number, now: number): void {
    this.#jitter = jitter
    this.#circuit = this.#shown = closedCircuit(now)
  }

  get state(): CircuitState {
    return this.#circuit.state
  }

  /** How often it has opened since it was last forgiven. */
  get openings(): number {
    return this.#circuit.openings
  }

  /** The state when it was looked at last, or has changed since. */
  get shownState(): CircuitState {
    return this.#shown.state
  }

  get failedInside(): boolean {
    return this.#shown.state === 'open' && this.#shown.reason === 'internal-error'
  }

  /** Whether a frame may be decoded now. */
  get admits(): boolean {
    return admits(this.#circuit, this.#policy)
  }

  /** Returns what changed, where something did. */
  turn(input: CircuitInput, { mono, wall }: Moment): DeviceEvent | undefined {
    const before = this.#circuit
    const after = nextCircuit(before, input, mono, this.#policy, this.#jitter)
    this.#circuit = this.#shown = after
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

  /** Looks at what it would be for a frame that came now. */
  look(now: number, intervalMs: number): void {
    const tick = { type: 'tick', intervalMs } as const
    this.#shown = nextCircuit(this.#circuit, tick, now, this.#policy, this.#jitter)
  }

  /** A closed circuit, which nearly all are, as numbers: in few of them where nothing has failed lately. */
  pack(parcel: Parcel): void {
    const circuit = this.#circuit
    parcel.put(this.#jitter)
    const isClosed = circuit.state === 'closed' && this.#shown === circuit
    parcel.putAside(isClosed ? undefined : [circuit, this.#shown])
    if (circuit.state !== 'closed' || !isClosed) return
    const { since, openings, failuresInARow, window, outcomes } = circuit
    parcel.put(since)
    parcel.put(outcomes)
    const isFlawless = openings === 0 && failuresInARow === 0 && window === 0
    parcel.putFlag(isFlawless)
    if (isFlawless) return
    parcel.put(openings)
    parcel.put(failuresInARow)
    parcel.put(window)
  }

  unpack(parcel: Parcel): void {
    this.#jitter = parcel.take()
    const others = parcel.takeAside<readonly [Circuit, Circuit]>()
    if (others) {
      this.#circuit = others[0]
      this.#shown = others[1]
      return
    }
    const since = parcel.take()
    const outcomes = parcel.take()
    const isFlawless = parcel.takeFlag()
    this.#circuit = this.#shown = {
      state: 'closed',
      since,
      openings: isFlawless ? 0 : parcel.take(),
      failuresInARow: isFlawless ? 0 : parcel.take(),
      window: isFlawless ? 0 : parcel.take(),
      outcomes,
    }
  }

  save(): Circuit {
    return this.#circuit
  }

  restore(circuit: Circuit): void {
    this.#circuit = this.#shown = circuit
  }
}

/** −1 … 1, always the same for a device: a random number would make of the same frames something else. */
export const jitterOf = (id: string): number =>
  (xxh32(new TextEncoder().encode(id)) / 2 ** 32) * 2 - 1
