import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packedIn } from '../../src/device/packed-numbers.js'
import { Parcel } from '../../src/device/parcel.js'
import { RecentFrames } from '../../src/device/recent-frames.js'

const MOST = 16

interface Kept {
  readonly sequence: number
  readonly hash: number
  readonly epoch: number
}

/** The same, as simply as it can be said. */
class NaiveFrames {
  #kept: readonly Kept[] = []

  add(frame: Kept): void {
    this.#kept = [frame, ...this.#kept].slice(0, MOST)
  }

  find(sequence: number, hash: number, epoch: number): ReturnType<RecentFrames['find']> {
    for (const one of this.#kept.filter((kept) => kept.sequence === sequence)) {
      if (one.epoch === epoch) return one.hash === hash ? 'same' : 'different'
      if (one.hash === hash) return 'same-before'
    }
    return undefined
  }

  has(sequence: number, epoch: number): boolean {
    return this.#kept.some((kept) => kept.sequence === sequence && kept.epoch === epoch)
  }

  save(): number[] {
    return this.#kept.toReversed().flatMap(({ sequence, hash, epoch }) => [sequence, hash, epoch])
  }
}

/** What comes: the next in turn most often, and what else may come; now and then they are packed, or saved. */
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant({ step: 1, epoch: 0 }) },
    {
      weight: 1,
      arbitrary: fc.record({ step: fc.integer({ min: -4, max: 4 }), epoch: fc.nat(2) }),
    },
    { weight: 1, arbitrary: fc.constantFrom('pack', 'save') },
  ),
  { maxLength: 80 },
)

describe('the last frames of a device', () => {
  it('are known as by who writes each down, in a row or not, and around the last number', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom<number>(0, 1, 65_530), (all, first) => {
        const naive = new NaiveFrames()
        let frames = new RecentFrames()
        let sequence = first
        let epoch = 0
        for (const one of all) {
          if (one === 'pack') frames = packed(frames, epoch)
          else if (one === 'save') frames = restored(frames)
          else {
            sequence = (sequence + one.step) & 65_535
            epoch += one.epoch
            // Few hashes, so that two may have the same.
            const hash = (2 ** 32 - 1 - (sequence % 3)) >>> 0
            frames.add(sequence, hash, epoch)
            naive.add({ sequence, hash, epoch })
          }
          expect(frames.save()).toEqual(naive.save())
          for (let near = sequence - 20; near <= sequence + 2; near++) {
            const number = near & 65_535
            for (const at of [epoch, epoch - 1]) {
              for (const hash of [2 ** 32 - 1, 2 ** 32 - 2])
                expect(frames.find(number, hash, at)).toBe(naive.find(number, hash, at))
              expect(frames.has(number, at)).toBe(naive.has(number, at))
              expect(frames.has(number + 65_536, at)).toBe(false)
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

/** Another one that has known others, and takes up what this one lays down. */
function packed(frames: RecentFrames, epoch: number): RecentFrames {
  const parcel = new Parcel()
  frames.pack(parcel, epoch)
  parcel.pack()
  parcel.unpack(packedIn(parcel.copy()), 0)
  const other = new RecentFrames()
  for (const sequence of [7, 9, 8]) other.add(sequence, 1, 3)
  other.unpack(parcel, epoch)
  return other
}

function restored(frames: RecentFrames): RecentFrames {
  const other = new RecentFrames()
  for (const sequence of [7, 9, 8]) other.add(sequence, 1, 3)
  other.restore(frames.save())
  return other
}
