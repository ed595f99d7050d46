import { describe, expect, it } from 'vitest'
import { SlotLine } from '../../src/transport/slot-line.js'
import { mulberry, testSeed } from '../support/mulberry.js'

describe('a line of slots', () => {
  it('keeps its entries in the order of their arrival, whichever of them goes', () => {
    const random = mulberry(testSeed)
    const line = new SlotLine<number>()
    /** The same as a naive list. */
    let list: { slot: number; entry: number }[] = []
    for (let n = 0; n < 5000; n++) {
      const isFull = list.length > 40
      if (random() < 0.5 && !isFull) list.push({ slot: line.add(n), entry: n })
      else if (list.length > 0) {
        // Most often the first, as what is sent is acknowledged.
        const at = random() < 0.7 ? 0 : Math.floor(random() * list.length)
        const [gone] = list.splice(at, 1)
        line.remove(gone!.slot)
        expect(line.at(gone!.slot)).toBeUndefined()
      }
      expect([line.size, line.first]).toEqual([list.length, list[0]?.entry])
      for (const { slot, entry } of list.slice(0, 3)) expect(line.at(slot)).toBe(entry)
      if (random() < 0.002) {
        expect(line.drain()).toEqual(list.map(({ entry }) => entry))
        list = []
      }
    }
  })

  it('uses the slot of one that is gone again', () => {
    const line = new SlotLine<string>()
    const slot = line.add('a')
    line.add('b')
    line.remove(slot)
    expect(line.add('c')).toBe(slot)
    expect(line.drain()).toEqual(['b', 'c'])
  })

  it('takes no notice of a slot that is free', () => {
    const line = new SlotLine<string>()
    const slot = line.add('a')
    line.remove(slot)
    line.remove(slot)
    expect(line.size).toBe(0)
    expect(line.add('b')).toBe(slot)
    expect(line.first).toBe('b')
  })
})
