import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WaitingLine } from '../../src/resilience/waiting-line.js'
import { testSeed } from '../support/mulberry.js'

const everybody = () => true

function lineOf(guests: readonly (readonly [address: string, guest: string])[], most = 10) {
  const line = new WaitingLine<string>({ most, patienceMs: 1000 })
  const sentAway = guests.map(([address, guest], now) => line.join(address, guest, now))
  return { line, sentAway: sentAway.filter((guest) => guest !== undefined) }
}

const takeAll = (line: WaitingLine<string>, mayEnter = everybody as (address: string) => boolean) =>
  [...Array(line.size)].map(() => line.next(mayEnter))

describe('those who wait', () => {
  it('come in by turns of their addresses, the newest of each first', () => {
    const { line } = lineOf([
      ['a', 'a1'],
      ['a', 'a2'],
      ['a', 'a3'],
      ['b', 'b1'],
    ])
    expect(takeAll(line)).toEqual(['a3', 'b1', 'a2', 'a1'])
    expect(line.next(everybody)).toBeUndefined()
  })

  it('are passed by where their address may not enter', () => {
    const { line } = lineOf([
      ['a', 'a1'],
      ['b', 'b1'],
    ])
    const onlyB = (address: string) => address === 'b'
    expect([line.next(onlyB), line.next(onlyB), line.size]).toEqual(['b1', undefined, 1])
  })

  it('give way to one more: the oldest of the address with most', () => {
    const crowd = ['1', '2', '3'].map((n) => ['a', `a${n}`] as const)
    const { line, sentAway } = lineOf([...crowd, ['b', 'b1'], ['b', 'b2']], 3)
    expect(sentAway).toEqual(['a1', 'a2'])
    expect(line.size).toBe(3)
  })

  it('have to go in the end, the oldest first', () => {
    const { line } = lineOf([
      ['a', 'a1'],
      ['b', 'b1'],
      ['a', 'a2'],
    ])
    expect(line.overdue(999)).toEqual([])
    expect(line.overdue(1001)).toEqual(['a1', 'b1'])
    expect(line.overdue(1002)).toEqual(['a2'])
    expect(line.size).toBe(0)
  })

  it('are never more than may wait, and each leaves once', () => {
    const step = fc.oneof(
      fc.constantFrom('a', 'b', 'c').map((address) => ({ kind: 'join', address }) as const),
      fc.constant({ kind: 'next' } as const),
      fc.constant({ kind: 'overdue' } as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const line = new WaitingLine<number>({ most: 5, patienceMs: 3 })
        const left: number[] = []
        let joined = 0
        steps.forEach((each, now) => {
          if (each.kind === 'overdue') left.push(...line.overdue(now))
          else {
            const one =
              each.kind === 'next' ? line.next(everybody) : line.join(each.address, joined++, now)
            if (one !== undefined) left.push(one)
          }
          expect(line.size).toBeLessThanOrEqual(5)
          expect(line.size + left.length).toBe(joined)
        })
        left.push(...line.overdue(Number.POSITIVE_INFINITY))
        expect(left.sort((a, b) => a - b)).toEqual([...Array(joined).keys()])
      }),
      { seed: testSeed },
    )
  })
})
