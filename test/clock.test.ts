import { describe, expect, it } from 'vitest'
import {
  ContinuedClock,
  elapsedMs,
  isClockSet,
  setRepeating,
  systemClock,
  VERY_LONG_MS,
} from '../src/clock.js'
import { ManualClock } from './support/manual-clock.js'

/** A machine whose uptime counts its sleep, and its clock, which does not. */
function machineWith(offsetMs = 0, roundTo = 1) {
  const base = new ManualClock({ mono: 1000 })
  const slept = { ms: 0 }
  const uptime = () => Math.floor((7_000_000 + base.mono() + slept.ms) / roundTo) * roundTo
  return { base, slept, clock: new ContinuedClock(base, offsetMs, uptime) }
}

describe('ContinuedClock', () => {
  it('goes on from somewhere else, with the same wall clock', () => {
    const { base, clock } = machineWith(500_000)
    expect(clock.mono()).toBe(501_000)
    base.advance(250)
    expect(clock.mono()).toBe(501_250)
    expect(clock.wall()).toBe(base.wall())
  })

  it('F-48: goes on while the machine sleeps', () => {
    const { base, slept, clock } = machineWith()
    base.advance(10_000)
    slept.ms = 3_600_000
    clock.catchUp()
    expect(clock.mono()).toBe(3_611_000)
    clock.catchUp()
    base.advance(1000)
    clock.catchUp()
    expect(clock.mono()).toBe(3_612_000)
    slept.ms += 60_000
    clock.catchUp()
    expect(clock.mono()).toBe(3_672_000)
  })

  it('F-48: fires what fell due in the sleep once, in its order, and the rest when it is due', () => {
    const { base, slept, clock } = machineWith()
    const fired: string[] = []
    clock.setTimer(50_000, () => fired.push('second'))
    clock.setTimer(40_000, () => fired.push('first'))
    clock.setTimer(100_000, () => fired.push('later'))
    clock.setTimer(45_000, () => fired.push('undone'))()
    slept.ms = 60_000
    clock.catchUp()
    base.advance(0)
    expect(fired).toEqual(['first', 'second'])
    base.advance(39_999)
    expect(fired).toHaveLength(2)
    base.advance(1)
    expect(fired).toEqual(['first', 'second', 'later'])
    expect(base.pending).toBe(0)
  })

  it('F-48: lets a repeated timer fire once for a whole night', () => {
    const { base, slept, clock } = machineWith()
    let ticks = 0
    const undo = setRepeating(clock, 1000, () => ticks++)
    slept.ms = 8 * 3_600_000
    clock.catchUp()
    base.advance(999)
    expect(ticks).toBe(1)
    base.advance(1)
    expect(ticks).toBe(2)
    undo()
    expect(base.pending).toBe(0)
  })

  it.each([
    ['counts whole seconds', 1000],
    ['counts hundredths', 10],
  ])('takes no sleep for granted where the machine %s', (_what, roundTo) => {
    const { base, clock } = machineWith(0, roundTo)
    for (let step = 0; step < 5000; step++) {
      base.advance(337)
      clock.catchUp()
    }
    expect(clock.mono()).toBe(base.mono())
  })

  it('sums up short naps, and never goes back', () => {
    const { base, slept, clock } = machineWith(0, 1000)
    let before = clock.mono()
    for (let nap = 0; nap < 100; nap++) {
      base.advance(500)
      slept.ms += 700
      clock.catchUp()
      expect(clock.mono()).toBeGreaterThanOrEqual(before)
      before = clock.mono()
    }
    expect(Math.abs(clock.mono() - (1000 + 100 * 1200))).toBeLessThanOrEqual(3000)
  })

  it('does not move where the uptime stands still or falls', () => {
    const base = new ManualClock()
    let uptime = 100_000
    const clock = new ContinuedClock(base, 0, () => uptime)
    base.advance(10_000)
    uptime = 5
    clock.catchUp()
    expect(clock.mono()).toBe(10_000)
  })
})

describe('the time that passed since an earlier run', () => {
  const before = { wall: Date.UTC(2026, 0, 1), uptimeMs: 50_000, bootId: 'a' }
  const later = { wall: before.wall + 3_600_000, uptimeMs: 80_000, bootId: 'a', wallTrusted: true }

  it.each([
    ['the count of the machine, on the same start of it', later, 30_000],
    ['the same whatever the wall clock says', { ...later, wall: 0, wallTrusted: false }, 30_000],
    ['the wall clock, after another start', { ...later, bootId: 'b' }, 3_600_000],
    ['the wall clock, where the count has fallen', { ...later, uptimeMs: 10 }, 3_600_000],
    [
      'very long, where the wall clock is not to be trusted',
      { ...later, bootId: 'b', wallTrusted: false },
      VERY_LONG_MS,
    ],
    [
      'very long, where the wall clock went back',
      { ...later, bootId: 'b', wall: before.wall - 1 },
      VERY_LONG_MS,
    ],
  ])('is %s', (_what, now, elapsed) => {
    expect(elapsedMs(before, now)).toBe(elapsed)
  })

  it('is by the wall clock where no start of the machine is known', () => {
    const unknown = { ...before, bootId: '' }
    expect(elapsedMs(unknown, { ...later, bootId: '' })).toBe(3_600_000)
  })
})

describe('the clocks of this machine', () => {
  it('F-47: does not believe a wall clock before 2024', () => {
    expect(isClockSet(0)).toBe(false)
    expect(isClockSet(Date.UTC(2023, 11, 31, 23, 59, 59, 999))).toBe(false)
    expect(isClockSet(Date.UTC(2024, 0, 1))).toBe(true)
  })

  it('waits longer than Node can', async () => {
    const fired: string[] = []
    const undo = systemClock.setTimer(2 ** 31, () => fired.push('too early'))
    await new Promise<void>((resolve) => systemClock.setTimer(20, resolve))
    expect(fired).toEqual([])
    undo()
  })
})
