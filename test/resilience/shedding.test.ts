import { describe, expect, it } from 'vitest'
import {
  DEGRADATION_LEVELS,
  type Feature,
  isShed,
  readingsFeature,
  type Treatment,
  treatmentOf,
} from '../../src/resilience/index.js'

const K = 'kept'
const T = 'thinned'
const S = 'shed'

describe('F-53: what is left undone', () => {
  it.each<[Feature, Treatment[]]>([
    // normal, light, moderate, heavy, emergency
    ['per-channel-topics', [K, S, S, S, S]],
    ['debug-events', [K, S, S, S, S]],
    ['status-details', [K, K, S, S, S]],
    ['p5-readings', [K, K, K, S, S]],
    ['p4-readings', [K, K, K, S, S]],
    ['p3-readings', [K, K, K, K, T]],
    ['p2-readings', [K, K, K, K, T]],
    ['p1-readings', [K, K, K, K, K]],
    ['health', [K, K, K, K, K]],
    ['circuit', [K, K, K, K, K]],
    ['availability', [K, K, K, K, K]],
    ['gap-events', [K, K, K, K, K]],
  ])('of %s, level by level: %j', (feature, treatments) => {
    expect(DEGRADATION_LEVELS.map((level) => treatmentOf(level, feature))).toEqual(treatments)
    expect(DEGRADATION_LEVELS.map((level) => isShed(level, feature))).toEqual(
      treatments.map((treatment) => treatment === S),
    )
  })

  it('counts frames without a priority as P3', () => {
    expect(([0, 1, 2, 3, 4, 5] as const).map(readingsFeature)).toEqual([
      'p3-readings',
      'p1-readings',
      'p2-readings',
      'p3-readings',
      'p4-readings',
      'p5-readings',
    ])
  })
})
