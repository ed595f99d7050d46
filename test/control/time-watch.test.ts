import { describe, expect, it } from 'vitest'
import type { Clock } from '../../src/clock.js'
import { TimeWatch } from '../../src/control/index.js'
import { ManualClock } from '../support/manual-clock.js'

function timeWatch(wall = Date.UTC(2026, 5, 1)) {
  const clock = new ManualClock({ wall })
  const lines: { readonly facts: object; readonly message: string }[] = []
  const keep = (facts: object, message: string) => void lines.push({ facts, message })
  const log = { debug: keep, info: keep, warn: keep, error: keep }
  const watch = new TimeWatch(clock, log)
  watch.look()
  const seconds = (count: number) =>
    Array.from({ length: count }, () => {
      clock.advance(1000)
      return watch.look()
    })
  return { clock, lines, watch, seconds, check: () => watch.healthCheck(clock.mono()) }
}

describe('TimeWatch', () => {
  it('says nothing while both clocks go on', () => {
    const { lines, seconds, check } = timeWatch()
    expect(seconds(100).every((absent) => absent === 0)).toBe(true)
    expect(lines).toEqual([])
    expect(check()).toMatchObject({ component: 'clock', status: 'healthy', message: 'set' })
  })

  it.each([
    ['an hour on', 3_600_000],
    ['an hour back', -3_600_000],
    ['ten years on', 10 * 365 * 86_400_000],
    ['half a second and a bit', 501],
  ])('F-47: says that the wall clock stepped %s', (_what, stepMs) => {
    const { clock, lines, seconds, check } = timeWatch()
    clock.jumpWall(stepMs)
    seconds(5)
    expect(lines).toEqual([{ facts: { stepMs, clock: 'set' }, message: 'clock_step' }])
    expect(check()).toMatchObject({ status: 'healthy' })
    expect(check().message).toMatch(/stepped by .* s, 4 s ago; 1 steps since the start/)
  })

  it('F-47: lets a time server correct it bit by bit', () => {
    const { clock, lines, seconds } = timeWatch()
    for (let step = 0; step < 100; step++) {
      clock.jumpWall(400)
      seconds(1)
    }
    expect(lines).toEqual([])
  })

  it('F-47: is degraded, unsynced, until the year is at least 2024', () => {
    const { clock, seconds, check } = timeWatch(0)
    seconds(1)
    expect(check()).toMatchObject({ status: 'degraded' })
    expect(check().message).toContain('unsynced')
    clock.jumpWall(Date.UTC(2026, 0, 1))
    seconds(1)
    expect(check().status).toBe('healthy')
  })

  it('F-48: tells how long nothing could be done, once', () => {
    const { clock, lines, watch, seconds } = timeWatch()
    clock.advance(30_000)
    expect(watch.look()).toBe(30_000)
    expect(seconds(3)).toEqual([0, 0, 0])
    expect(lines).toHaveLength(1)
    expect(lines[0]?.facts).toEqual({ passedMs: 30_000 })
  })

  it('F-48: takes five seconds for a slow machine, not for an absence', () => {
    const { clock, watch } = timeWatch()
    clock.advance(5000)
    expect(watch.look()).toBe(0)
  })

  it('F-48: lets its clock make up for sleep before it looks', () => {
    const manual = new ManualClock()
    let asleepMs = 0
    const clock: Clock = {
      mono: () => manual.mono(),
      wall: () => manual.wall(),
      setTimer: (delayMs, fire) => manual.setTimer(delayMs, fire),
      catchUp: () => manual.advance(asleepMs),
    }
    const quiet = () => {}
    const watch = new TimeWatch(clock, { debug: quiet, info: quiet, warn: quiet, error: quiet })
    watch.look()
    asleepMs = 3_600_000
    expect(watch.look()).toBe(3_600_000)
  })
})
