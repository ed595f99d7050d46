import { describe, expect, it } from 'vitest'
import { DueQueue } from '../../firmware-sim/due-queue.js'
import { Random } from '../../firmware-sim/index.js'

const seed = 20_261_124

/** Something that is due every `interval`. */
class Ticker {
  nextAt: number
  readonly interval: number

  constructor(random: Random) {
    this.interval = 1 + random.below(50)
    this.nextAt = random.below(50)
  }
}

describe('DueQueue', () => {
  it.each([0, 1, 2, 3, 10, 1000])('serves %i entries in the order of their times', (size) => {
    const random = new Random(seed).fork(String(size))
    const tickers = Array.from({ length: size }, () => new Ticker(random))
    const queue = new DueQueue(tickers)
    for (let n = 0; n < 3000 && size > 0; n++) {
      const first = queue.first!
      const earliest = tickers.reduce((least, { nextAt }) => Math.min(least, nextAt), first.nextAt)
      expect(first.nextAt, `seed ${seed}, call ${n}`).toBe(earliest)
      first.nextAt += first.interval
      queue.firstMoved()
    }
    if (size === 0) expect(queue.first).toBeUndefined()
  })
})
