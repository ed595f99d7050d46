import { describe, expect, it } from 'vitest'
import { Parcel, Words } from '../../src/device/parcel.js'
import { Shelf } from '../../src/device/shelf.js'
import { mulberry, testSeed } from '../support/mulberry.js'

/** Two parcels that know each other's words, and what is laid into them: so many numbers from one on. */
function rig() {
  const words = new Words()
  const shelf = new Shelf()
  const out = new Parcel(words)
  const back = new Parcel(words)
  const keep = (first: number, count: number, former?: number) => {
    out.clear()
    out.put(count)
    for (let i = 0; i < count; i++) out.put(first + i / 8)
    out.putAside(count % 7 === 0 ? { first } : undefined)
    return shelf.keep(out, former)
  }
  const read = (slot: number) => {
    shelf.load(slot, back)
    const numbers = Array.from({ length: back.take() }, () => back.take())
    return { numbers, aside: back.takeAside() }
  }
  const expected = (first: number, count: number) => ({
    numbers: Array.from({ length: count }, (_, i) => first + i / 8),
    aside: count % 7 === 0 ? { first } : undefined,
  })
  return { shelf, keep, read, expected }
}

describe('a shelf', () => {
  it('gives back what was laid into each slot, of whatever size, while others come and go', () => {
    const random = mulberry(testSeed)
    const { shelf, keep, read, expected } = rig()
    const kept = new Map<number, { slot: number; first: number; count: number }>()
    for (let n = 0; n < 6000; n++) {
      const who = Math.floor(random() * 400)
      const former = kept.get(who)
      if (former) expect(read(former.slot)).toEqual(expected(former.first, former.count))
      if (former && random() < 0.2) {
        shelf.free(former.slot)
        kept.delete(who)
        continue
      }
      // Most fit into a slot, some are too large for any.
      const count = random() < 0.02 ? 600 : Math.floor(random() * 90)
      kept.set(who, { slot: keep(n + 0.5, count, former?.slot), first: n + 0.5, count })
    }
    expect(new Set(Array.from(kept.values(), ({ slot }) => slot)).size).toBe(kept.size)
    for (const { slot, first, count } of kept.values())
      expect(read(slot)).toEqual(expected(first, count))
  })

  it('lays a parcel of the same size into the slot that it had', () => {
    const { keep, read, expected } = rig()
    const slot = keep(0.5, 10)
    keep(1.5, 10)
    expect(keep(2.5, 10, slot)).toBe(slot)
    expect(read(slot)).toEqual(expected(2.5, 10))
  })
})
