import { describe, expect, it } from 'vitest'
import { FifoLane, type Passed } from '../../src/transport/fifo-lane.js'

describe('a lane', () => {
  it('begins the next job only when the one before has passed', () => {
    const lane = new FifoLane()
    const begun: number[] = []
    const waiting: Passed[] = []
    for (const job of [1, 2, 3]) {
      lane.run((passed) => {
        begun.push(job)
        waiting.push(passed)
      })
    }
    expect(begun).toEqual([1])
    waiting[0]?.()
    expect(begun).toEqual([1, 2])
    // Passing twice is passing once.
    waiting[0]?.()
    expect(begun).toEqual([1, 2])
    waiting[1]?.()
    expect(begun).toEqual([1, 2, 3])
  })

  it('keeps the order of jobs that come from within a job', () => {
    const lane = new FifoLane()
    const begun: string[] = []
    const job = (name: string, inside?: () => void) =>
      lane.run((passed) => {
        begun.push(name)
        passed()
        inside?.()
      })
    job('a', () => {
      job('b', () => job('d'))
      job('c')
    })
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
  })

  it('runs a hundred thousand waiting jobs without a deep stack', () => {
    const lane = new FifoLane()
    const doors: Passed[] = []
    let ran = 0
    lane.run((passed) => doors.push(passed))
    for (let n = 0; n < 100_000; n++) {
      lane.run((passed) => {
        ran++
        passed()
      })
    }
    doors[0]?.()
    expect(ran).toBe(100_000)
  })
})
