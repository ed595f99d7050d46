import { describe, expect, it } from 'vitest'
import { mulberry, testSeed } from '../support/mulberry.js'
import { Agenda } from './agenda.js'

function drain(agenda: Agenda): void {
  while (agenda.next(Number.POSITIVE_INFINITY)) {}
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
    const orderOf = (seed: number) => {
      const agenda = new Agenda(mulberry(seed))
      const happened: number[] = []
      for (let i = 0; i < 20; i++) agenda.after(5, () => happened.push(i))
      drain(agenda)
      return happened
    }
    expect(orderOf(1)).toEqual(orderOf(1))
    expect(orderOf(1)).not.toEqual(orderOf(2))
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
