import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareHealth,
  gradeHealth,
  type HealthStatus,
  isOk,
  defaultHealthThresholds as thresholds,
  worstHealth,
} from '../../src/resilience/index.js'

describe('the worst health', () => {
  it.each<[HealthStatus, HealthStatus[]]>([
    ['unknown', []],
    ['healthy', ['healthy', 'healthy']],
    ['unknown', ['healthy', 'unknown']],
    ['degraded', ['unknown', 'degraded', 'healthy']],
    ['unhealthy', ['degraded', 'unhealthy', 'unknown']],
  ])('is %s of %j', (worst, statuses) => {
    expect(worstHealth(statuses)).toBe(worst)
  })

  it('is one of them, and none is worse', () => {
    const status = fc.constantFrom<HealthStatus>('healthy', 'degraded', 'unhealthy', 'unknown')
    fc.assert(
      fc.property(fc.array(status, { minLength: 1 }), (statuses) => {
        const worst = worstHealth(statuses)
        expect(statuses).toContain(worst)
        for (const other of statuses) expect(compareHealth(other, worst)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('thresholds', () => {
  it.each<[keyof typeof thresholds, number, HealthStatus]>([
    ['latencyMs', 99.9, 'healthy'],
    ['latencyMs', 100, 'degraded'],
    ['latencyMs', 999, 'degraded'],
    ['latencyMs', 1000, 'unhealthy'],
    ['queueDepth', 999, 'healthy'],
    ['queueDepth', 1000, 'degraded'],
    ['queueDepth', 10_000, 'unhealthy'],
    ['contextBytes', 9_999_999, 'healthy'],
    ['contextBytes', 10_000_000, 'degraded'],
    ['contextBytes', 100_000_000, 'unhealthy'],
    ['contextBytes', Number.POSITIVE_INFINITY, 'unhealthy'],
    ['latencyMs', Number.NaN, 'unknown'],
  ])('%s of %d is %s', (quantity, value, status) => {
    expect(gradeHealth(value, thresholds[quantity])).toBe(status)
  })

  it('the defaults cannot be changed', () => {
    expect(Object.isFrozen(thresholds) && Object.isFrozen(thresholds.latencyMs)).toBe(true)
  })
})

it('healthy and degraded still do their job', () => {
  const statuses: HealthStatus[] = ['healthy', 'degraded', 'unhealthy', 'unknown']
  expect(statuses.filter(isOk)).toEqual(['healthy', 'degraded'])
})
