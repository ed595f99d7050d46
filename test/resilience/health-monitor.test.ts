import { describe, expect, it } from 'vitest'
import {
  formatHealthReport,
  type HealthCheck,
  HealthMonitor,
  type HealthStatus,
} from '../../src/resilience/index.js'

const check = (
  component: string,
  status: HealthStatus,
  rest: Partial<HealthCheck> = {},
): HealthCheck => ({
  component,
  status,
  checkedAt: 5,
  message: '',
  ...rest,
})

describe('the health monitor', () => {
  it('knows nothing without checks', () => {
    const monitor = new HealthMonitor()
    expect(monitor.status).toBe('unknown')
    expect(monitor.report()).toEqual({ status: 'unknown', checks: [] })
  })

  it('keeps one check per component, the newest', () => {
    const monitor = new HealthMonitor()
    monitor.record(check('broker', 'unhealthy'))
    monitor.record(check('broker', 'healthy', { checkedAt: 9 }))
    expect(monitor.report().checks).toEqual([check('broker', 'healthy', { checkedAt: 9 })])
    expect(monitor.checkOf('broker')?.checkedAt).toBe(9)
    expect(monitor.checkOf('queue')).toBeUndefined()
  })

  it('is as well as its worst component', () => {
    const monitor = new HealthMonitor()
    monitor.record(check('broker', 'healthy'))
    expect(monitor.status).toBe('healthy')
    monitor.record(check('port:a', 'unhealthy'))
    monitor.record(check('queue', 'degraded'))
    expect(monitor.status).toBe('unhealthy')
  })

  it('forgets a removed component', () => {
    const monitor = new HealthMonitor()
    monitor.record(check('broker', 'healthy'))
    monitor.record(check('port:a', 'unhealthy'))
    expect(monitor.remove('port:a')).toBe(true)
    expect(monitor.remove('port:a')).toBe(false)
    expect(monitor.status).toBe('healthy')
  })

  it('checks whatever can be checked, at the time it is told', () => {
    const monitor = new HealthMonitor()
    monitor.evaluate(
      ['a', 'b'].map((name) => ({
        healthCheck: (now: number) => check(name, 'healthy', { checkedAt: now }),
      })),
      42,
    )
    expect(monitor.report().checks.map((one) => [one.component, one.checkedAt])).toEqual([
      ['a', 42],
      ['b', 42],
    ])
  })

  it('hands out reports that later checks do not change', () => {
    const monitor = new HealthMonitor()
    monitor.record(check('broker', 'healthy'))
    const report = monitor.report()
    monitor.record(check('broker', 'unhealthy'))
    expect(report).toEqual({ status: 'healthy', checks: [check('broker', 'healthy')] })
  })
})

describe('the report as text', () => {
  it('has one line per check, by name', () => {
    const monitor = new HealthMonitor()
    monitor.record(check('queue', 'degraded', { message: '1200 publications wait' }))
    monitor.record(check('broker', 'healthy', { latencyMs: 3.4 }))
    expect(formatHealthReport(monitor.report())).toBe(
      'system: degraded\nbroker: healthy (3 ms)\nqueue: degraded - 1200 publications wait',
    )
  })

  it('keeps to one line what a message says on several', () => {
    const monitor = new HealthMonitor()
    monitor.record(check('port:a', 'unhealthy', { message: 'lost\r\nfaked: healthy' }))
    expect(formatHealthReport(monitor.report()).split('\n')).toHaveLength(2)
  })
})
