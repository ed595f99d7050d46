import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Settlement } from '../../src/control/settlement.js'

function settlementFrom(reached = 0) {
  const steps: number[] = []
  return { settlement: new Settlement(reached, (ordinal) => steps.push(ordinal)), steps }
}

/** Handles an entry with one verdict at once; returns what settles its publications. */
function handle(settlement: Settlement, ordinal: number, publications: number): () => void {
  settlement.begin(ordinal)
  const settle = settlement.verdict(ordinal, publications)
  settlement.end(ordinal, 1)
  return settle
}

describe('Settlement', () => {
  it('reaches an entry once all its publications have settled', () => {
    const { settlement, steps } = settlementFrom()
    const settle = handle(settlement, 1, 2)
    settle()
    expect(settlement.reached).toBe(0)
    settle()
    expect(settlement.reached).toBe(1)
    expect(steps).toEqual([1])
  })

  it('reaches an entry without publications at once', () => {
    const { settlement } = settlementFrom(41)
    handle(settlement, 42, 0)
    expect(settlement.reached).toBe(42)
  })

  it('never passes an entry that has not settled', () => {
    const { settlement } = settlementFrom()
    const first = handle(settlement, 1, 1)
    handle(settlement, 2, 0)
    handle(settlement, 3, 1)()
    expect(settlement.reached).toBe(0)
    first()
    expect(settlement.reached).toBe(3)
    expect(settlement.open).toBe(0)
  })

  it('waits for a verdict that comes later', () => {
    const { settlement } = settlementFrom()
    settlement.begin(1)
    settlement.end(1, 1)
    expect(settlement.firstAwaiting).toBe(1)
    handle(settlement, 2, 0)
    expect(settlement.reached).toBe(0)
    settlement.verdict(1, 0)
    expect(settlement.reached).toBe(2)
  })

  it('begins again after a rewind, and then hears no more of what was on its way before', () => {
    const { settlement } = settlementFrom()
    const before = handle(settlement, 1, 1)
    settlement.rewind()
    const again = handle(settlement, 1, 1)
    before()
    expect(settlement.reached).toBe(0)
    again()
    expect(settlement.reached).toBe(1)
  })

  it('rewinds to any entry, and keeps what is before it', () => {
    const { settlement } = settlementFrom()
    const settles = [1, 2, 3].map((ordinal) => handle(settlement, ordinal, 1))
    settlement.rewind(1)
    settles[2]?.()
    settles[1]?.()
    expect(settlement.open).toBe(1)
    settles[0]?.()
    expect(settlement.reached).toBe(1)
    handle(settlement, 2, 1)()
    expect(settlement.reached).toBe(2)
  })

  it('reaches the entry before the first that is open, whatever the order of settling', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (counts, picks) => {
          const { settlement } = settlementFrom()
          const open = counts.flatMap((count, index) => {
            const settle = handle(settlement, index + 1, count)
            return Array.from({ length: count }, () => ({ ordinal: index + 1, settle }))
          })
          const firstOpen = () => Math.min(counts.length + 1, ...open.map(({ ordinal }) => ordinal))
          for (const pick of picks) {
            expect(settlement.reached).toBe(firstOpen() - 1)
            if (open.length === 0) break
            open.splice(pick % open.length, 1)[0]?.settle()
          }
        },
      ),
    )
  })
})
