import { describe, expect, it } from 'vitest'
import { OutletRoom } from '../../src/transport/outlet-room.js'
import { PublicationQueue } from '../../src/transport/publication-queue.js'
import { defaultPublisherLimits, limitsOf } from '../../src/transport/publisher-options.js'
import { ManualClock } from '../support/manual-clock.js'
import { publication } from './publisher-rig.js'

const LIMITS = { roomBytes: 1_000_000, fewMessages: 10, roomMessages: 100, quickMs: 250 }

function roomOn() {
  const clock = new ManualClock()
  const queue = new PublicationQueue(10_000_000, () => {})
  const room = new OutletRoom(queue, LIMITS, () => clock.mono())
  let serial = 0
  const settled = () => {}
  const push = (count: number, bytes = 100) => {
    for (let n = 0; n < count; n++)
      queue.push({
        publication: publication('r'),
        bytes,
        birth: false,
        serial: serial++,
        settled,
        sentAt: 0,
        sentAs: 0,
        refusals: 0,
      })
  }
  const leave = (count: number) => {
    for (let n = 0; n < count; n++) queue.shift()
  }
  return { clock, queue, push, leave, has: () => room.has(true, serial), room }
}

describe('room before the broker', () => {
  it('is there for a few, whatever the broker does', () => {
    const { push, has, clock } = roomOn()
    push(9)
    clock.advance(60_000)
    expect(has()).toBe(true)
  })

  it('is there for a burst', () => {
    const { push, has } = roomOn()
    push(99)
    expect(has()).toBe(true)
    push(1)
    expect(has()).toBe(false)
  })

  it('is there for many as long as those before them leave quickly', () => {
    const { push, leave, has, clock } = roomOn()
    for (let turn = 0; turn < 50; turn++) {
      push(40)
      expect(has()).toBe(true)
      clock.advance(100)
      leave(30)
      expect(has()).toBe(true)
      clock.advance(100)
      leave(10)
    }
  })

  it('is not there for many behind a slow broker, until those before them have left', () => {
    const { push, leave, has, clock } = roomOn()
    push(20)
    expect(has()).toBe(true)
    clock.advance(240)
    leave(1)
    expect(has()).toBe(true)
    clock.advance(10)
    expect(has()).toBe(false)
    push(5)
    leave(19)
    // What waited at the first look has left.
    push(10)
    expect(has()).toBe(true)
  })

  it('is bounded in bytes as well', () => {
    const { push, has } = roomOn()
    push(3, 400_000)
    expect(has()).toBe(false)
  })

  it('is back when half of a few are left, and said to be so once', () => {
    const { push, leave, has, room } = roomOn()
    push(100)
    expect(room.isBack(true)).toBe(false)
    expect(has()).toBe(false)
    leave(95)
    expect([room.isBack(false), room.isBack(true)]).toEqual([false, false])
    leave(1)
    expect([room.isBack(false), room.isBack(true), room.isBack(true)]).toEqual([false, true, false])
  })

  it('is not there while nothing may be sent', () => {
    const { room } = roomOn()
    expect(room.has(false, 0)).toBe(false)
    expect(room.isBack(true)).toBe(true)
  })

  it('of a large fleet is more, and never more than half of what may wait', () => {
    const { roomBytes, roomMessages, quickMs } = defaultPublisherLimits
    const MIB = 1024 * 1024
    expect(limitsOf(16 * MIB, 5000)).toEqual({
      queueBytes: 16 * MIB,
      roomBytes,
      roomMessages,
      quickMs,
    })
    expect(limitsOf(16 * MIB, 20_000)).toMatchObject({
      roomBytes: 2 * roomBytes,
      roomMessages: 2 * roomMessages,
      quickMs: 2 * quickMs,
    })
    expect(limitsOf(16 * MIB, 100_000)).toMatchObject({ roomBytes: 8 * MIB })
    expect(limitsOf(1 * MIB, 100_000)).toMatchObject({ roomBytes })
  })
})
