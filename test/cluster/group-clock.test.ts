import { describe, expect, it } from 'vitest'
import { GroupClock, type Mark } from '../../src/cluster/group-clock.js'

const WALL = Date.UTC(2026, 5, 1)
/** What passes between the last word of one bridge and the first look of the next. */
const PASSED = 5000

/** A bridge whose monotonic clock began so long after the store's, and whose wall clock is off by so much. */
function bridge(run: string, bornAt: number, wallOffMs = 0) {
  const clock = new GroupClock(run)
  return {
    clock,
    mono: (t: number) => t - bornAt,
    wall: (t: number) => WALL + t + wallOffMs,
    /** Asks the store at `t`, whose clock is off by `storeOffMs`; the answer takes `tripMs`, the store has it halfway. */
    ask(t: number, tripMs = 0, storeOffMs = 0) {
      const storeTime = WALL + t + storeOffMs - tripMs / 2
      clock.hear({ sentAt: t - tripMs - bornAt, storeTime, receivedAt: t - bornAt })
    },
    mark(t: number): Mark {
      return clock.mark(t - bornAt, this.wall(t))
    },
    shift(mark: Mark, t: number) {
      return clock.shift(mark, t - bornAt, this.wall(t))
    },
  }
}

/** How long ago the mark seems to be, at the longest and at the shortest. */
function elapsed(
  before: ReturnType<typeof bridge>,
  after: ReturnType<typeof bridge>,
  from: number,
  to: number,
) {
  const { past, until } = after.shift(before.mark(from), to)
  const [mono, then] = [after.mono(to), before.mono(from)]
  return { longest: mono - (then + past), shortest: mono - (then + until) }
}

describe('times of another bridge', () => {
  it('are known to the millisecond where all clocks agree', () => {
    const [one, other] = [bridge('a', 1_000_000), bridge('b', 7)]
    one.ask(100)
    other.ask(100 + PASSED)
    expect(elapsed(one, other, 100, 100 + PASSED)).toEqual({ longest: PASSED, shortest: PASSED })
  })

  it('are known as a range as wide as the answers of the store took', () => {
    const [one, other] = [bridge('a', 0), bridge('b', 0)]
    one.ask(100, 40)
    other.ask(100 + PASSED, 60)
    const { longest, shortest } = elapsed(one, other, 100, 100 + PASSED)
    expect(longest).toBe(PASSED + 20 + 30)
    expect(shortest).toBe(PASSED - 20 - 30)
  })

  it.each<[string, oneWall: number, otherWall: number, storeStep: number]>([
    ['the other one’s wall clock is ahead', 0, 3_600_000, 0],
    ['the other one’s wall clock is behind', 0, -3_600_000, 0],
    ['the wall clock of the one before was ahead', 3_600_000, 0, 0],
    ['the store’s clock was set back in between', 0, 0, -4000],
    ['the store’s clock was set forward in between', 0, 0, 60_000],
    ['the store’s clock was set back by more than has passed', 0, 0, -3_600_000],
  ])('never make a silence shorter, nor a deadline earlier, where %s', (_what, one, two, step) => {
    const [before, after] = [bridge('a', 50, one), bridge('b', 90_000, two)]
    before.ask(0)
    after.ask(PASSED, 0, step)
    const { longest, shortest } = elapsed(before, after, 0, PASSED)
    expect(longest).toBeGreaterThanOrEqual(PASSED)
    expect(shortest).toBeLessThanOrEqual(PASSED)
    expect(shortest).toBeGreaterThanOrEqual(0)
  })

  it('go by the store alone where a wall clock has not been set', () => {
    const [one, other] = [bridge('a', 0, -WALL), bridge('b', 0)]
    one.ask(0)
    other.ask(PASSED)
    expect(elapsed(one, other, 0, PASSED)).toEqual({ longest: PASSED, shortest: PASSED })
  })

  it('are our own where we wrote them ourselves', () => {
    const one = bridge('a', 500)
    one.ask(600, 50)
    expect(one.shift(one.mark(700), 9000)).toEqual({ past: 0, until: 0 })
  })

  it('come out as whole milliseconds, the past earlier and deadlines later', () => {
    const [one, other] = [bridge('a', 0.25), bridge('b', 0.5)]
    one.ask(100)
    other.ask(300)
    const { past, until } = other.shift(one.mark(100), 300)
    expect([Number.isInteger(past), Number.isInteger(until)]).toEqual([true, true])
    expect(past).toBeLessThan(until)
  })
})

describe('a wall clock', () => {
  it('is complained of where it is far from the store’s', () => {
    const off = bridge('a', 0, 5000)
    expect(off.clock.wallAheadMs(0, 0)).toBeUndefined()
    off.ask(100)
    expect(off.clock.wallAheadMs(off.mono(200), off.wall(200))).toBe(5000)
    const right = bridge('a', 0, 1500)
    right.ask(100)
    expect(right.clock.wallAheadMs(right.mono(200), right.wall(200))).toBeUndefined()
  })
})
