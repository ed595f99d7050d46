import { describe, expect, it } from 'vitest'
import { type Gauge, HealthWatch } from '../../src/control/index.js'
import type { HealthReport, HealthStatus } from '../../src/resilience/index.js'
import { ManualClock } from '../support/manual-clock.js'

const calm: Gauge = {
  start: () => {},
  stop: () => {},
  loopLagMs: () => 0,
  memory: () => ({ used: 1, limit: 100 }),
}

/** A watch over one door whose health the test sets. */
function watchOver(gauge: Gauge = calm) {
  const clock = new ManualClock()
  const door = { status: 'healthy' as HealthStatus }
  const reports: HealthReport[] = []
  const healthCheck = (checkedAt: number) => ({
    component: 'door',
    ...door,
    checkedAt,
    message: '',
  })
  const watch = new HealthWatch({
    clock,
    checkables: () => [{ healthCheck }],
    gauge,
    queueFill: () => 0,
    journalFill: () => 0,
    onReport: (report) => reports.push(report),
  })
  return { clock, door, reports, watch }
}

describe('HealthWatch', () => {
  it('reports at once, and every five seconds', () => {
    const { clock, reports, watch } = watchOver()
    watch.start()
    expect(reports.map(({ status }) => status)).toEqual(['healthy'])
    clock.advance(10_000)
    expect(reports).toHaveLength(3)
  })

  it('reports what a door says within a second, once for all that comes together', () => {
    const { clock, door, reports, watch } = watchOver()
    watch.start()
    door.status = 'unhealthy'
    watch.checkSoon()
    watch.checkSoon()
    clock.advance(1000)
    expect(reports.map(({ status }) => status)).toEqual(['healthy', 'unhealthy'])
    door.status = 'healthy'
    watch.checkSoon()
    clock.advance(1000)
    expect(reports.at(-1)?.status).toBe('healthy')
  })

  it('says nothing before it is started and after it is stopped', () => {
    const { clock, reports, watch } = watchOver()
    watch.checkSoon()
    watch.start()
    watch.checkSoon()
    watch.stop()
    watch.checkSoon()
    clock.advance(60_000)
    expect(reports).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it.each([
    [0.799, 'normal'],
    [0.8, 'light'],
  ])('F-53: takes %d of the memory in use for what it is: %s', (share, level) => {
    const memory = () => ({ used: 1000 * share, limit: 1000 })
    const { watch, reports } = watchOver({ ...calm, memory })
    watch.start()
    expect(watch.level).toBe(level)
    const [check] = reports[0]?.checks.filter(({ component }) => component === 'memory') ?? []
    expect(check?.status).toBe(level === 'normal' ? 'healthy' : 'degraded')
  })

  it.each([
    ['a second held up', 1000, 'light'],
    ['F-48: a pause of the whole process, which is over,', 30_000, 'normal'],
  ])('takes %s as it is: pressure or none', (_what, lagMs, level) => {
    const { reports, watch } = watchOver({ ...calm, loopLagMs: () => lagMs })
    watch.start()
    expect(watch.level).toBe(level)
    const [check] = reports[0]?.checks.filter(({ component }) => component === 'event-loop') ?? []
    expect(check).toMatchObject({ status: 'unhealthy', latencyMs: lagMs })
  })
})
