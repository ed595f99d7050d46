import type { CircuitState, HealthStatus } from '../resilience/index.js'
import type { Cause } from './event.js'

/** The facts that a device's health follows from. */
export interface DeviceFacts {
  readonly heard: boolean
  readonly silenceMs: number
  readonly ttlMs: number
  /** 0 where nothing is known. */
  readonly intervalMs: number
  readonly linkUp: boolean
  readonly lineNoisy: boolean
  readonly circuit: CircuitState
  readonly internalError: boolean
  readonly flooding: boolean
  readonly poisoned: boolean
  readonly clockSynced: boolean
  /** Whether the device can be asked for a keyframe. */
  readonly hasKeyframes: boolean
  /** Of the last 500 frames, 0 … 1. */
  readonly lossRatio: number
  /** Several frames in a row did not fit the configured number of channels. */
  readonly misshapen: boolean
  readonly falseDeclaration: { readonly cause: Cause; readonly message: string } | undefined
  readonly recovery: { readonly cause: Cause; readonly message: string } | undefined
}

export interface Assessment {
  readonly health: HealthStatus
  readonly cause: Cause | null
  /** What is wrong and what to do; empty where all is well. */
  readonly message: string
}

export const HEALTHY: Assessment = Object.freeze({ health: 'healthy', cause: null, message: '' })
export const UNHEARD: Assessment = Object.freeze({
  health: 'unknown',
  cause: null,
  message: 'nothing received yet',
})
const TOLERATED_LOSS = 0.01
const BY_KEYFRAME = 'a keyframe brings it back'
const BY_ITSELF =
  'standard frames know no keyframe: whole values, elimination or a restart bring it back'
const BUT_NOISE = 'but noise comes on its line: check baud rate, cable and ground'
/** Silent for so many intervals with the line up: broken, not merely late. */
const BROKEN_AFTER_INTERVALS = 10

/** Names the limit that was passed, not the silence so far: a status that is new every second is published every second. */
const silentFor = (limitMs: number): string =>
  `silent for more than ${Math.round(limitMs / 1000)} s`

/** A longer silence is no lateness. */
const brokenAfterMs = (ttlMs: number, intervalMs: number): number =>
  Math.max(ttlMs, BROKEN_AFTER_INTERVALS * intervalMs)

/** How long a silence has to be to mean something else than one of `silentMs`; ∞ where it cannot get worse. */
export function nextSilenceMs(silentMs: number, ttlMs: number, intervalMs: number): number {
  const limits = [ttlMs, brokenAfterMs(ttlMs, intervalMs)]
  return limits.find((limit) => silentMs <= limit) ?? Number.POSITIVE_INFINITY
}

/** A device's health with its first reason, by `reliability.md` 2.7; pure, before any damping. */
export function assess(facts: DeviceFacts): Assessment {
  if (!facts.heard) return unheard(facts)
  if (facts.internalError)
    return {
      health: 'unhealthy',
      cause: 'internal-error',
      message: 'decoding failed unexpectedly: see the log',
    }
  if (facts.silenceMs > facts.ttlMs && !facts.linkUp) {
    return {
      health: 'unknown',
      cause: 'port-away',
      message: `${silentFor(facts.ttlMs)}: its port or broker is away`,
    }
  }
  if (facts.circuit === 'open') return unhealthyCircuit(facts)
  const brokenMs = brokenAfterMs(facts.ttlMs, facts.intervalMs)
  if (facts.silenceMs > brokenMs) {
    return { health: 'unhealthy', ...silence(facts, brokenMs, ': check its power and wiring') }
  }
  return degradation(facts) ?? HEALTHY
}

function unheard({ lineNoisy }: DeviceFacts): Assessment {
  const { message } = UNHEARD
  return lineNoisy
    ? { health: 'unknown', cause: 'line-noise', message: `${message} ${BUT_NOISE}` }
    : UNHEARD
}

/** A device may well send while its line hides it. */
function silence(facts: DeviceFacts, limitMs: number, advice: string): Omit<Assessment, 'health'> {
  const message = silentFor(limitMs)
  return facts.lineNoisy
    ? { cause: 'line-noise', message: `${message}, ${BUT_NOISE}` }
    : { cause: 'silent', message: `${message}${advice}` }
}

function unhealthyCircuit(facts: DeviceFacts): Assessment {
  return facts.misshapen
    ? {
        health: 'unhealthy',
        cause: 'wrong-channel-count',
        message:
          'its frames do not have the length that the configured channels give: check the number of channels and the checksum',
      }
    : {
        health: 'unhealthy',
        cause: facts.recovery?.cause ?? 'foreign-state',
        message:
          'circuit open after repeated decoding errors: check the model, the line and whether two devices share this id',
      }
}

/** What is lost on a noisy line is lost to the noise. */
const lossCause = ({ lineNoisy }: DeviceFacts, cause: Cause): Cause =>
  lineNoisy && cause === 'lost-frames' ? 'line-noise' : cause

function degradation(facts: DeviceFacts): Assessment | undefined {
  const degraded = (cause: Cause | null, message: string): Assessment => ({
    health: 'degraded',
    cause,
    message,
  })
  if (facts.flooding)
    return degraded(
      'flooding',
      'sends faster than limits.frames_per_second: what is over it is dropped',
    )
  if (facts.falseDeclaration)
    return degraded(facts.falseDeclaration.cause, facts.falseDeclaration.message)
  if (facts.misshapen)
    return degraded(
      'wrong-channel-count',
      'frames of the wrong length: check the number of channels',
    )
  if (facts.poisoned)
    return degraded(
      'not-finite',
      'a channel sent NaN or ±∞ and must restart before its deltas mean anything',
    )
  if (facts.recovery) {
    const { message } = facts.recovery
    const cause = lossCause(facts, facts.recovery.cause)
    return degraded(cause, `${message}; ${facts.hasKeyframes ? BY_KEYFRAME : BY_ITSELF}`)
  }
  if (facts.circuit === 'half-open')
    return degraded(null, 'circuit half-open: trying whether its frames decode again')
  if (facts.silenceMs > facts.ttlMs)
    return { health: 'degraded', ...silence(facts, facts.ttlMs, '') }
  if (facts.lossRatio > TOLERATED_LOSS)
    return degraded(
      lossCause(facts, 'lost-frames'),
      `${(facts.lossRatio * 100).toFixed(1)} % of the last frames were lost`,
    )
  if (!facts.clockSynced)
    return degraded('clock-unsynced', 'the clock of this machine is not set: times are wrong')
  return undefined
}
