import { beforeEach, describe, expect, it } from 'vitest'
import type { Undo } from '../../src/clock.js'
import { QuietTimer } from '../../src/transport/quiet-timer.js'
import { ManualClock } from '../support/manual-clock.js'

/** A clock whose process is busy: timers fire by `lateMs` too late. */
class BusyClock extends ManualClock {
  lateMs = 0

  override setTimer(delayMs: number, fire: () => void): Undo {
    return super.setTimer(delayMs + this.lateMs, fire)
  }
}

describe('the quiet timer', () => {
  let clock: BusyClock
  let quiet: number[]
  let timer: QuietTimer

  beforeEach(() => {
    clock = new BusyClock()
    quiet = []
    timer = new QuietTimer(clock, 50, () => quiet.push(clock.mono()))
  })

  it('tells once, one gap after what was heard last', () => {
    timer.heard(0)
    clock.advance(30)
    timer.heard(30)
    clock.advance(45)
    timer.heard(75)
    clock.advance(1000)
    expect(quiet).toEqual([125])
    expect(clock.pending).toBe(0)
  })

  it('runs one timer however much is heard', () => {
    for (let i = 0; i < 1000; i++) timer.heard(clock.mono())
    expect(clock.pending).toBe(1)
  })

  it('waits one more gap when it fires late: the bytes may wait unread', () => {
    clock.lateMs = 400
    timer.heard(0)
    clock.lateMs = 0
    clock.advance(450)
    expect(quiet).toEqual([])
    clock.advance(49)
    timer.heard(499)
    clock.advance(49)
    expect(quiet).toEqual([])
    clock.advance(1)
    expect(quiet).toEqual([549])
  })

  it('says nothing after it is cancelled, and begins anew', () => {
    timer.heard(0)
    timer.cancel()
    expect(clock.pending).toBe(0)
    clock.advance(100)
    timer.heard(100)
    clock.advance(50)
    expect(quiet).toEqual([150])
  })
})
