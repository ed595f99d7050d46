import { describe, expect, it } from 'vitest'
import { ContinuedClock } from '../../src/clock.js'
import { TimeWatch } from '../../src/control/index.js'
import { ManualClock } from '../support/manual-clock.js'

function timeWatch(wall = Date.UTC(2026, 5, 1)) {
  const clock = new ManualClock({ wall })
  const lines: { readonly facts: object; readonly message: string }[] = []
  const keep = (facts: object, message: string) => void lines.push({ facts, message })
  const log = { debug: keep, info: keep, warn: keep, error: keep }
  const watch = new TimeWatch(clock, log)
  const absences: number[] = []
  const undo = watch.everySecond((deafMs) => absences.push(deafMs))
  const seconds = (count: number) => clock.advance(1000 * count)
  return { clock, lines, absences, undo, seconds, check: () => watch.healthCheck(clock.mono()) }
}

describe('TimeWatch', () => {
  it('says nothing while both clocks go on', () => {
    const { lines, absences, seconds, check } = timeWatch()
    seconds(100)
    expect(absences).toEqual(Array.from({ length: 100 }, () => 0))
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
    const { clock, lines, absences, seconds } = timeWatch()
    seconds(1)
    clock.jump(30_000)
    seconds(3)
    expect(absences).toEqual([0, 30_000, 0, 0, 0])
    expect(lines).toHaveLength(1)
    expect(lines[0]?.facts).toEqual({ passedMs: 30_000 })
  })

  it('F-48: takes five seconds for a slow machine, not for an absence', () => {
    const { clock, absences, seconds } = timeWatch()
    clock.jump(5000)
    seconds(1)
    expect(absences).toEqual([0, 0])
    clock.jump(5001)
    seconds(1)
    expect(absences.slice(2)).toEqual([5001, 0])
  })

  it('F-48: lets its clock make up for sleep before it looks', () => {
    const base = new ManualClock()
    let sleptMs = 0
    const clock = new ContinuedClock(base, 0, () => base.mono() + sleptMs)
    const quiet = () => {}
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
    const absences: number[] = []
    new TimeWatch(clock, log).everySecond((deafMs) => absences.push(deafMs))
    sleptMs = 3_600_000
    base.advance(1000)
    expect(absences).toEqual([3_601_000, 0])
  })

  it('looks no more once it is undone', () => {
    const { clock, absences, undo, seconds } = timeWatch()
    undo()
    seconds(5)
    expect(absences).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
