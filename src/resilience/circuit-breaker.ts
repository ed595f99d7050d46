/** Closed: all goes through. Open: nothing does. Half-open: a few probes decide. */
export type CircuitState = 'closed' | 'open' | 'half-open'

/** Why a circuit is open. */
export type OpenReason =
  | 'failures-in-a-row'
  | 'failure-ratio'
  | 'internal-error'
  | 'probe-failed'
  | 'no-probe'
  | 'forced'

/**
 * A breaker's state; it guards one device stream or one link. All times are monotonic milliseconds; those at which it
 * changes by itself are whole ones, so that sums of them are exact however they are grouped.
 */
export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit

export interface ClosedCircuit {
  readonly state: 'closed'
  readonly since: number
  /** Openings in a row that led here: they lengthen the next one unless it stays closed long enough. */
  readonly openings: number
  readonly failuresInARow: number
  /** The last outcomes as bits, the newest lowest; a failure is 1. */
  readonly window: number
  /** How many outcomes the window holds. */
  readonly outcomes: number
}

export interface OpenCircuit {
  readonly state: 'open'
  readonly since: number
  /** When it becomes half-open. */
  readonly until: number
  /** Openings in a row, this one included. */
  readonly openings: number
  readonly reason: OpenReason
}

export interface HalfOpenCircuit {
  readonly state: 'half-open'
  readonly since: number
  readonly openings: number
  /** Probes admitted so far. */
  readonly probes: number
  /** Good probes so far; a bad one ends this state. */
  readonly good: number
  /** When the last probe was admitted, at first when it became half-open. */
  readonly probedAt: number
}

/**
 * What happens to a circuit. A probe is reported when it is admitted, its outcome when it is known.
 * `intervalMs` is how often probes can be expected, 0 where that is unknown.
 */
export type CircuitInput =
  | { readonly type: 'success' | 'failure' | 'internal-error' | 'probe' }
  | { readonly type: 'tick'; readonly intervalMs: number }
  | { readonly type: 'reset' | 'force-open' | 'force-closed' }

export interface CircuitPolicy {
  readonly failureThreshold: number
  /** Opens when this share of the window failed; above 1 = never. */
  readonly failureRatio: number
  /** At most 30: the window is the bits of a small integer. */
  readonly windowOutcomes: number
  /** The ratio says nothing before so many outcomes. */
  readonly minOutcomes: number
  readonly recoveryMs: number
  /** Before jitter: circuits at their longest wait must not probe in step either. */
  readonly maxRecoveryMs: number
  /** How far `jitter` 1 moves the recovery time, as a share of it. */
  readonly jitterRatio: number
  readonly maxProbes: number
  readonly successThreshold: number
  /** Half-open without a probe for longer than this and than so many intervals: open again. */
  readonly probeTimeoutMs: number
  readonly probeTimeoutIntervals: number
  /** Closed for so long: earlier openings no longer count. */
  readonly forgiveMs: number
}

/** For a stream of frames or a link. */
export const defaultCircuitPolicy: CircuitPolicy = Object.freeze({
  failureThreshold: 5,
  failureRatio: 0.5,
  windowOutcomes: 20,
  minOutcomes: 10,
  recoveryMs: 30_000,
  maxRecoveryMs: 600_000,
  jitterRatio: 0.1,
  maxProbes: 5,
  successThreshold: 3,
  probeTimeoutMs: 60_000,
  probeTimeoutIntervals: 5,
  forgiveMs: 300_000,
})

/** For calls that can simply be refused: failures in a row, one recovery time, any number of probes. */
export const classicCircuitPolicy: CircuitPolicy = Object.freeze({
  ...defaultCircuitPolicy,
  failureRatio: Number.POSITIVE_INFINITY,
  maxRecoveryMs: defaultCircuitPolicy.recoveryMs,
  jitterRatio: 0,
  maxProbes: Number.POSITIVE_INFINITY,
  probeTimeoutMs: Number.POSITIVE_INFINITY,
})

/** A circuit that has seen nothing yet. */
export const closedCircuit = (now: number): ClosedCircuit => closed(now, 0)

/** Whether one more frame or call may pass; while half-open it has to be reported as `probe`. */
export const admits = (circuit: Circuit, policy: CircuitPolicy): boolean =>
  circuit.state === 'closed' || (circuit.state === 'half-open' && circuit.probes < policy.maxProbes)

/**
 * The circuit after one input; the same object where nothing changed, so a healthy circuit costs nothing
 * once its window is full. Only `tick` notices that time has passed: hand it in before asking `admits`. It makes up
 * for all that was due since: many ticks and one at the end lead to the same.
 * `jitter`, −1…1, spreads the recovery times of many circuits; one number per circuit will do.
 */
export function nextCircuit(
  circuit: Circuit,
  input: CircuitInput,
  now: number,
  policy: CircuitPolicy,
  jitter = 0,
): Circuit {
  // The two inputs of every frame, kept off the way of the others.
  if (input.type === 'tick' && circuit.state === 'closed') return circuit
  if (input.type === 'success' && isSettled(circuit, policy)) return circuit
  const open = (reason: OpenReason) => opened(circuit, reason, now, policy, jitter)
  switch (input.type) {
    case 'tick':
      return caughtUp(circuit, input.intervalMs, now, policy, jitter)
    case 'reset':
      return isPristine(circuit) ? circuit : closed(now, 0)
    case 'force-closed':
      return circuit.state === 'closed' ? circuit : closed(now, circuit.openings)
    case 'force-open':
      // It recovers like any other opening: a circuit that somebody forgot must not stay open for years.
      return circuit.state === 'open' ? circuit : open('forced')
    default:
      break
  }
  switch (circuit.state) {
    case 'closed':
      return whileClosed(circuit, input, policy, open)
    case 'open':
      return circuit
    case 'half-open':
      return whileHalfOpen(circuit, input, now, policy, open)
  }
}

type Open = (reason: OpenReason) => OpenCircuit

function whileClosed(
  circuit: ClosedCircuit,
  input: CircuitInput,
  policy: CircuitPolicy,
  open: Open,
): Circuit {
  if (input.type === 'internal-error') return open('internal-error')
  if (input.type !== 'success' && input.type !== 'failure') return circuit

  const failed = input.type === 'failure'
  const full = circuit.outcomes === policy.windowOutcomes
  const failuresInARow = failed ? circuit.failuresInARow + 1 : 0
  const window = ((circuit.window << 1) | Number(failed)) & ((1 << policy.windowOutcomes) - 1)
  const outcomes = full ? circuit.outcomes : circuit.outcomes + 1
  if (failuresInARow >= policy.failureThreshold) return open('failures-in-a-row')
  if (outcomes >= policy.minOutcomes && bitsIn(window) >= policy.failureRatio * outcomes) {
    return open('failure-ratio')
  }
  return { ...circuit, failuresInARow, window, outcomes }
}

function whileHalfOpen(
  circuit: HalfOpenCircuit,
  input: CircuitInput,
  now: number,
  policy: CircuitPolicy,
  open: Open,
): Circuit {
  switch (input.type) {
    case 'probe':
      if (!admits(circuit, policy)) return circuit
      return { ...circuit, probes: circuit.probes + 1, probedAt: now }
    case 'success':
      return circuit.good + 1 >= policy.successThreshold
        ? closed(now, circuit.openings)
        : { ...circuit, good: circuit.good + 1 }
    case 'failure':
      return open('probe-failed')
    case 'internal-error':
      return open('internal-error')
    default:
      return circuit
  }
}

/** The circuit after all that was due by `now`, each at its time. */
function caughtUp(
  circuit: Circuit,
  intervalMs: number,
  now: number,
  policy: CircuitPolicy,
  jitter: number,
): Circuit {
  const patience = Math.max(policy.probeTimeoutMs, policy.probeTimeoutIntervals * intervalMs)
  let at = circuit
  for (;;) {
    if (at.state === 'closed') return at
    if (at.state === 'open') {
      if (now < at.until) return at
      at = halfOpened(skipRounds(at, patience, now, policy, jitter))
    } else {
      const due = Math.round(at.probedAt + patience)
      if (now < due) return at
      at = opened(at, 'no-probe', due, policy, jitter)
    }
  }
}

/** At its longest wait a circuit that nobody probes goes round and round: ten years of that take one step. */
function skipRounds(
  circuit: OpenCircuit,
  patience: number,
  now: number,
  policy: CircuitPolicy,
  jitter: number,
): OpenCircuit {
  if (policy.recoveryMs * 2 ** circuit.openings < policy.maxRecoveryMs) return circuit
  const reopened = Math.round(circuit.until + patience)
  const next = opened(circuit, 'no-probe', reopened, policy, jitter)
  const round = next.until - circuit.until
  const rounds = Math.floor((now - circuit.until) / round)
  if (!(rounds > 0)) return circuit
  const skipped = (rounds - 1) * round
  return {
    ...next,
    since: next.since + skipped,
    until: next.until + skipped,
    openings: circuit.openings + rounds,
  }
}

const closed = (now: number, openings: number): ClosedCircuit => ({
  state: 'closed',
  since: now,
  openings,
  failuresInARow: 0,
  window: 0,
  outcomes: 0,
})

function opened(
  circuit: Circuit,
  reason: OpenReason,
  now: number,
  policy: CircuitPolicy,
  jitter: number,
): OpenCircuit {
  const forgiven = circuit.state === 'closed' && now - circuit.since >= policy.forgiveMs
  const before = forgiven ? 0 : circuit.openings
  const wait = Math.min(policy.recoveryMs * 2 ** before, policy.maxRecoveryMs)
  const until = Math.round(now + wait * (1 + policy.jitterRatio * jitter))
  return { state: 'open', since: now, until, openings: before + 1, reason }
}

const halfOpened = ({ until, openings }: OpenCircuit): HalfOpenCircuit => ({
  state: 'half-open',
  since: until,
  openings,
  probes: 0,
  good: 0,
  probedAt: until,
})

/** The window is full of successes: another one changes nothing. */
const isSettled = (circuit: Circuit, policy: CircuitPolicy): boolean =>
  circuit.state === 'closed' && circuit.window === 0 && circuit.outcomes === policy.windowOutcomes

const isPristine = (circuit: Circuit): boolean =>
  circuit.state === 'closed' && circuit.outcomes === 0 && circuit.openings === 0

function bitsIn(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count++
  return count
}
