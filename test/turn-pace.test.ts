import { describe, expect, it } from 'vitest'
import { afterTurn } from '../src/clock.js'
import { TurnPace } from '../src/turn-pace.js'

/** What turns wait for that each end so long after the wait of the one before. */
function waits(pace: TurnPace, gapsMs: readonly number[], start = 0): number[] {
  let now = start
  return gapsMs.map((gapMs) => {
    now += gapMs
    const waitMs = pace.waitMs(now)
    now += waitMs
    return waitMs
  })
}

const times = (count: number, value: number): number[] => Array<number>(count).fill(value)

describe('the pace of turns', () => {
  const policy = { gapMs: 1, streak: 4 }

  it('holds up nothing where turns are rare', () => {
    expect(waits(new TurnPace(policy), times(1000, 1.5))).toEqual(times(1000, 0))
  })

  it('holds up nothing in a short burst', () => {
    const burst = [5, 5, 0.25, 0.25, 0.25]
    expect(waits(new TurnPace(policy), [...burst, ...burst, ...burst])).toEqual(times(15, 0))
  })

  it('fills each turn up to the gap once several in a row were shorter', () => {
    const gaps = [5, ...times(3, 0.25), 0.25, 0.5, 0.75]
    expect(waits(new TurnPace(policy), gaps)).toEqual([0, 0, 0, 0, 0.75, 0.5, 0.25])
  })

  it('holds up nothing where a turn works for longer than the gap', () => {
    const pace = new TurnPace(policy)
    waits(pace, times(20, 0.25))
    expect(waits(pace, times(10, 2), 100)).toEqual(times(10, 0))
  })

  it('goes on after one pause, and not after two', () => {
    const pace = new TurnPace(policy)
    expect(waits(pace, times(20, 0.25)).at(-1)).toBe(0.75)
    expect(waits(pace, [0, 0.25], 100)).toEqual([0, 0.75])
    expect(waits(pace, [0, 50, 50, 0.25], 200)).toEqual([0, 0, 0, 0])
  })

  it('is kept by what leaves after a turn, in its order and each once', async () => {
    const ran: number[] = []
    await new Promise<void>((resolve) => {
      for (let n = 0; n < 20; n++) afterTurn(() => ran.push(n))
      afterTurn(resolve)
    })
    expect(ran).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })
})
