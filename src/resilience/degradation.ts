/** How much the bridge leaves undone so that it can do what matters. */
export type DegradationLevel = 'normal' | 'light' | 'moderate' | 'heavy' | 'emergency'

/** From least to most degraded. */
export const DEGRADATION_LEVELS = Object.freeze([
  'normal',
  'light',
  'moderate',
  'heavy',
  'emergency',
] as const satisfies readonly DegradationLevel[])

/** How full each of these is, as a ratio of its limit: 1 = at the limit; NaN where unknown. */
export interface Pressure {
  readonly queueDepth: number
  readonly eventLoopLag: number
  readonly memory: number
  readonly journal: number
}

/** Times are monotonic milliseconds. */
export type Degradation = SteadyDegradation | EasingDegradation

export interface SteadyDegradation {
  readonly kind: 'steady'
  readonly level: DegradationLevel
  readonly since: number
}

/** The pressure has fallen far enough to go one step down, if it stays so. */
export interface EasingDegradation {
  readonly kind: 'easing'
  readonly level: DegradationLevel
  readonly since: number
  readonly easingSince: number
}

export interface DegradationPolicy {
  /** A level is entered from this pressure on … */
  readonly enterRatio: Readonly<Record<Exclude<DegradationLevel, 'normal'>, number>>
  /** … and left when the pressure has been this much lower … */
  readonly hysteresisRatio: number
  /** … for this long. */
  readonly calmMs: number
}

export const defaultDegradationPolicy: DegradationPolicy = Object.freeze({
  enterRatio: Object.freeze({ light: 0.8, moderate: 0.85, heavy: 0.9, emergency: 0.95 }),
  hysteresisRatio: 0.1,
  calmMs: 15_000,
})

export const normalDegradation = (now: number): SteadyDegradation => steady('normal', now)

/** The degradation after one look at the pressures: at most one step up or down; the same object where nothing changed. */
export function nextDegradation(
  degradation: Degradation,
  pressure: Pressure,
  now: number,
  policy: DegradationPolicy,
): Degradation {
  const { level } = degradation
  const worst = worstPressure(pressure)
  const up = levelAt(level, 1)
  if (up !== 'normal' && up !== level && worst >= policy.enterRatio[up]) return steady(up, now)
  if (level === 'normal') return degradation

  if (worst >= policy.enterRatio[level] - policy.hysteresisRatio) {
    return degradation.kind === 'steady' ? degradation : steady(level, degradation.since)
  }
  if (degradation.kind === 'steady') return { ...degradation, kind: 'easing', easingSince: now }
  return now - degradation.easingSince >= policy.calmMs
    ? steady(levelAt(level, -1), now)
    : degradation
}

function worstPressure(pressure: Pressure): number {
  let worst = 0
  for (const ratio of Object.values(pressure)) if (ratio > worst) worst = ratio
  return worst
}

function levelAt(level: DegradationLevel, step: 1 | -1): DegradationLevel {
  return DEGRADATION_LEVELS[DEGRADATION_LEVELS.indexOf(level) + step] ?? level
}

const steady = (level: DegradationLevel, since: number): SteadyDegradation => ({
  kind: 'steady',
  level,
  since,
})
