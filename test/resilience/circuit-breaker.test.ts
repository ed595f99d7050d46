import { describe, expect, it } from 'vitest'
import {
  admits,
  type Circuit,
  type CircuitInput,
  classicCircuitPolicy,
  closedCircuit,
  defaultCircuitPolicy,
  nextCircuit,
  type OpenReason,
} from '../../src/resilience/index.js'

const policy = defaultCircuitPolicy
const MINUTE = 60_000

/** s success, f failure, i internal error, p probe, R reset, O force open, C force closed. */
const LETTERS: Readonly<Record<string, CircuitInput>> = {
  s: { type: 'success' },
  f: { type: 'failure' },
  i: { type: 'internal-error' },
  p: { type: 'probe' },
  R: { type: 'reset' },
  O: { type: 'force-open' },
  C: { type: 'force-closed' },
}

/** Plays letters at one moment; a number is a tick at that time, with no interval known. */
function play(script: readonly (string | number)[], start: Circuit = closedCircuit(0)): Circuit {
  let now = start.since
  let circuit = start
  for (const step of script) {
    if (typeof step === 'number') {
      now = step
      circuit = nextCircuit(circuit, { type: 'tick', intervalMs: 0 }, now, policy)
      continue
    }
    for (const letter of step) circuit = nextCircuit(circuit, LETTERS[letter]!, now, policy)
  }
  return circuit
}

const open = play(['fffff'])
const halfOpen = play(['fffff', 30_000])

describe('a closed circuit', () => {
  it.each<[string, string, Circuit['state'], OpenReason | undefined]>([
    ['four failures in a row', 'ffff', 'closed', undefined],
    ['five failures in a row', 'fffff', 'open', 'failures-in-a-row'],
    ['a success between failures', 'ffffsffff', 'closed', undefined],
    ['half of ten outcomes failed', 'sfsfsfsfsf', 'open', 'failure-ratio'],
    ['half of only nine outcomes failed', 'fsfsfsfsf', 'closed', undefined],
    ['less than half of ten outcomes failed', 'fsfsfsfsss', 'closed', undefined],
    ['the tenth outcome is good, but eight failed', 'ffffsffffs', 'open', 'failure-ratio'],
    ['one internal error', 'i', 'open', 'internal-error'],
    ['an internal error after many successes', `${'s'.repeat(50)}i`, 'open', 'internal-error'],
    ['forced open', 'O', 'open', 'forced'],
    ['forced closed', 'C', 'closed', undefined],
    ['reset', 'ffR', 'closed', undefined],
    ['a probe', 'p', 'closed', undefined],
  ])('after %s (%s) is %s', (_what, script, state, reason) => {
    const circuit = play([script])
    expect(circuit.state).toBe(state)
    expect(circuit.state === 'open' ? circuit.reason : undefined).toBe(reason)
  })

  it('forgets what is older than twenty outcomes', () => {
    // Nine of the failures have left the window when the tenth of the later ones comes.
    const early = `${'fs'.repeat(4)}${'s'.repeat(16)}`
    expect(play([`${early}${'fs'.repeat(4)}`]).state).toBe('closed')
    expect(play([`${'s'.repeat(20)}${'fs'.repeat(9)}f`]).state).toBe('open')
    expect(play([`${'s'.repeat(20)}${'fs'.repeat(9)}`]).state).toBe('closed')
  })

  it('is the same object after a success once its window is full of successes', () => {
    const healthy = play(['s'.repeat(policy.windowOutcomes)])
    expect(nextCircuit(healthy, { type: 'success' }, 99, policy)).toBe(healthy)
  })

  it.each(['tick', 'probe', 'force-closed', 'reset'] as const)(
    'is the same object after %s',
    (type) => {
      const fresh = closedCircuit(0)
      const input: CircuitInput = type === 'tick' ? { type, intervalMs: 1 } : { type }
      expect(nextCircuit(fresh, input, 1e9, policy)).toBe(fresh)
    },
  )

  it('admits everything', () => {
    expect(admits(play(['ffff']), policy)).toBe(true)
  })

  it('a reset forgets its failures and openings', () => {
    const closedAgain = play(['ppp', 'sss', 'f'], halfOpen)
    expect(play(['R'], closedAgain)).toEqual({ ...closedCircuit(30_000) })
  })
})

describe('an open circuit', () => {
  it('admits nothing', () => {
    expect(admits(open, policy)).toBe(false)
  })

  it.each(['s', 'f', 'i', 'p', 'O'])('does not change on %s', (letter) => {
    expect(play([letter], open)).toBe(open)
  })

  it('becomes half-open after the recovery time and not before', () => {
    expect(play([29_999], open)).toBe(open)
    expect(play([30_000], open).state).toBe('half-open')
  })

  it.each([
    [-1, 27_000],
    [-0.5, 28_500],
    [0, 30_000],
    [1, 33_000],
  ])('with jitter %d recovers after %d ms', (jitter, wait) => {
    const jittered = nextCircuit(closedCircuit(0), { type: 'internal-error' }, 0, policy, jitter)
    expect(jittered).toMatchObject({ state: 'open', until: wait })
  })

  it('doubles the recovery time with each opening in a row, up to ten minutes', () => {
    const waits: number[] = []
    let circuit: Circuit = open
    for (let opening = 0; opening < 8; opening++) {
      if (circuit.state !== 'open') throw new Error(circuit.state)
      waits.push(circuit.until - circuit.since)
      circuit = play([circuit.until, 'pf'], circuit)
    }
    const seconds = [30, 60, 120, 240, 480, 600, 600, 600]
    expect(waits).toEqual(seconds.map((second) => second * 1000))
  })

  it('closes when forced or reset; only the reset shortens the next recovery', () => {
    expect(play(['C'], open)).toMatchObject({ state: 'closed', openings: 1 })
    expect(play(['R'], open)).toMatchObject({ state: 'closed', openings: 0 })
    expect(play(['Ci'], open)).toMatchObject({ until: 60_000 })
    expect(play(['Ri'], open)).toMatchObject({ until: 30_000 })
  })
})

describe('a half-open circuit', () => {
  it.each<[string, string, Circuit['state'], OpenReason | undefined]>([
    ['two good probes', 'psps', 'half-open', undefined],
    ['three good probes', 'pspsps', 'closed', undefined],
    ['three probes under way', 'ppp', 'half-open', undefined],
    ['a bad probe', 'pf', 'open', 'probe-failed'],
    ['a bad probe after two good ones', 'pspspf', 'open', 'probe-failed'],
    ['an internal error', 'pi', 'open', 'internal-error'],
    ['forced open', 'O', 'open', 'forced'],
    ['forced closed', 'C', 'closed', undefined],
    ['reset', 'R', 'closed', undefined],
  ])('after %s (%s) is %s', (_what, script, state, reason) => {
    const circuit = play([script], halfOpen)
    expect(circuit.state).toBe(state)
    expect(circuit.state === 'open' ? circuit.reason : undefined).toBe(reason)
  })

  it('admits five probes whose outcome is not known, no more', () => {
    const afterFour = play(['pppp'], halfOpen)
    expect(admits(afterFour, policy)).toBe(true)
    const afterFive = play(['p'], afterFour)
    expect(admits(afterFive, policy)).toBe(false)
    expect(play(['p'], afterFive)).toBe(afterFive)
  })

  it.each([
    ['without an interval', 0, 60_000],
    ['with a short interval', 10_000, 60_000],
    ['with a long interval', 60_000, 300_000],
  ])(
    '%s opens again when no probe came for %d ms × 5, at least a minute',
    (_what, intervalMs, patience) => {
      const tickAt = (now: number, circuit = halfOpen) =>
        nextCircuit(circuit, { type: 'tick', intervalMs }, now, policy)
      expect(tickAt(30_000 + patience - 1)).toBe(halfOpen)
      expect(tickAt(30_000 + patience)).toMatchObject({ state: 'open', reason: 'no-probe' })
      const probed = nextCircuit(halfOpen, { type: 'probe' }, 40_000, policy)
      expect(tickAt(30_000 + patience, probed)).toBe(probed)
      expect(tickAt(40_000 + patience, probed).state).toBe('open')
    },
  )

  it('never stays so: probes without an outcome do not keep it', () => {
    const exhausted = play(['ppppp'], halfOpen)
    expect(play([30_000 + MINUTE], exhausted).state).toBe('open')
  })
})

describe('a circuit that closed again', () => {
  const closedAgain = play(['pspsps'], halfOpen)

  it('remembers its openings for five minutes', () => {
    const early = nextCircuit(
      closedAgain,
      { type: 'internal-error' },
      30_000 + 5 * MINUTE - 1,
      policy,
    )
    const late = nextCircuit(closedAgain, { type: 'internal-error' }, 30_000 + 5 * MINUTE, policy)
    expect(early).toMatchObject({ openings: 2, until: early.since + 60_000 })
    expect(late).toMatchObject({ openings: 1, until: late.since + 30_000 })
  })

  it('starts with an empty window', () => {
    expect(play(['ffff'], closedAgain).state).toBe('closed')
  })
})

describe('the classic policy', () => {
  const step = (circuit: Circuit, type: 'success' | 'failure' | 'tick', now: number) =>
    nextCircuit(
      circuit,
      type === 'tick' ? { type, intervalMs: 0 } : { type },
      now,
      classicCircuitPolicy,
      1,
    )

  it('opens after five failures in a row only, for 30 s every time', () => {
    let circuit: Circuit = closedCircuit(0)
    for (let round = 0; round < 50; round++) {
      for (let failure = 0; failure < 4; failure++) circuit = step(circuit, 'failure', 0)
      circuit = step(circuit, 'success', 0)
    }
    expect(circuit.state).toBe('closed')
    for (let failure = 0; failure < 5; failure++) circuit = step(circuit, 'failure', 0)
    expect(circuit).toMatchObject({ state: 'open', until: 30_000 })
    circuit = step(step(circuit, 'tick', 30_000), 'failure', 31_000)
    expect(circuit).toMatchObject({ state: 'open', until: 61_000 })
  })

  it('waits half-open for ever and closes after three successes', () => {
    let circuit: Circuit = closedCircuit(0)
    for (let failure = 0; failure < 5; failure++) circuit = step(circuit, 'failure', 0)
    circuit = step(step(circuit, 'tick', 30_000), 'tick', 1e9)
    expect(circuit.state).toBe('half-open')
    for (let good = 0; good < 3; good++) {
      expect(admits(circuit, classicCircuitPolicy)).toBe(true)
      circuit = step(circuit, 'success', 1e9)
    }
    expect(circuit.state).toBe('closed')
  })
})
