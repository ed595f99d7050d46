import { describe, expect, it } from 'vitest'
import { DeliveryPatience } from '../../src/transport/delivery-patience.js'
import { ManualClock } from '../support/manual-clock.js'

function patienceOf(patienceMs = 200) {
  const clock = new ManualClock()
  const patience = new DeliveryPatience(clock, patienceMs)
  const done: string[] = []
  const wait = (name: string) => patience.wait((error) => done.push(error ? `${name}!` : name))
  return { clock, patience, done, wait }
}

describe('a publisher', () => {
  it('goes on when its readers have the message, and leaves no timer that does anything', () => {
    const { clock, done, wait } = patienceOf()
    const delivered = wait('a')
    expect(done).toEqual([])
    delivered()
    delivered()
    clock.advance(1000)
    expect([done, clock.pending]).toEqual([['a'], 0])
  })

  it('goes on without a reader that is stuck, oldest message first', () => {
    const { clock, done, wait } = patienceOf(200)
    wait('a')
    clock.advance(100)
    const second = wait('b')
    clock.advance(100)
    expect(done).toEqual(['a'])
    clock.advance(150)
    expect(done).toEqual(['a', 'b'])
    second()
    expect([done, clock.pending]).toEqual([['a', 'b'], 0])
  })

  it('is told an error, and is let go when the broker stops', () => {
    const { clock, patience, done, wait } = patienceOf()
    wait('a')(new Error('store full'))
    wait('b')
    patience.stop()
    expect([done, clock.pending]).toEqual([['a!', 'b'], 0])
  })
})
