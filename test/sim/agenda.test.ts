import { describe, expect, it } from 'vitest'
import { Random } from '../../firmware-sim/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { Agenda } from './agenda.js'
import { drawnByTime } from './draws.js'

function drain(agenda: Agenda): void {
  while (agenda.next(Number.POSITIVE_INFINITY)) {}
}

/** How a seed orders what is due at one time, with so many events elsewhere before each. */
function orderOf(seed: number, elsewhere = 0): readonly number[] {
  const agenda = new Agenda(drawnByTime(new Random(seed)))
  const happened: number[] = []
  for (let i = 0; i < 20; i++) {
    for (let n = 0; n < elsewhere; n++) agenda.after(i + n / 10, () => {})
    agenda.after(50, () => happened.push(i))
  }
  drain(agenda)
  return happened
}

describe('the agenda', () => {
  it('lets everything happen in the order of its time, whatever the order of its entry', () => {
    const random = mulberry(testSeed)
    const agenda = new Agenda(random)
    const times: number[] = []
    for (let i = 0; i < 5000; i++) {
      agenda.after(random() * 1000, () => {
        times.push(agenda.now)
        if (random() < 0.3) agenda.after(random() * 50, () => times.push(agenda.now))
      })
    }
    drain(agenda)
    expect(times.length).toBeGreaterThan(5000)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  it('keeps the order of entry for the same time where every tie is 0', () => {
    const agenda = new Agenda(() => 0)
    const happened: number[] = []
    for (let i = 0; i < 100; i++) agenda.after(5, () => happened.push(i))
    drain(agenda)
    expect(happened).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('orders the same time by ties, the same for the same seed', () => {
    expect(orderOf(1)).toEqual(orderOf(1))
    expect(orderOf(1)).not.toEqual(orderOf(2))
  })

  it('is not moved by events at other times', () => {
    expect(orderOf(1, 7)).toEqual(orderOf(1))
  })

  it('forgets what was undone, and stops at the limit', () => {
    const agenda = new Agenda(() => 0)
    let happened = ''
    const undo = agenda.after(1, () => {
      happened += 'a'
    })
    agenda.after(2, () => {
      happened += 'b'
    })
    agenda.after(9, () => {
      happened += 'c'
    })
    undo()
    expect(agenda.next(5)).toBe(true)
    expect(agenda.next(5)).toBe(false)
    expect([happened, agenda.now]).toEqual(['b', 5])
  })
})
