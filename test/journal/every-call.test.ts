import { expect, it } from 'vitest'
import { mulberry, testSeed } from '../support/mulberry.js'
import { SimDisk, type Trouble } from '../support/sim-disk.js'
import { numberOf, type OpenJournal, openJournal, quiet, readAll } from './open-journal.js'

const FRAMES = 30
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** A life with several segments, checkpoints and a removal; the disk may fail for a while. */
async function life(disk: SimDisk, trouble?: Trouble): Promise<OpenJournal> {
  const opened = await openJournal(disk, { limits: { segmentBytes: 400 } })
  const { journal, append, clock } = opened
  disk.trouble = trouble
  for (const n of range(1, FRAMES)) {
    append(n)
    if (n % 3 > 0) continue
    await journal.flush()
    journal.checkpoint(n - 2)
    clock.advance(2000)
    await quiet()
    if (n % 9 === 0) await journal.trim(Math.min(n - 5, journal.settled))
  }
  for (let retry = 0; retry < 8; retry++) {
    clock.advance(2000)
    await quiet()
  }
  return opened
}

const stepsOf = async (): Promise<number> => {
  const disk = new SimDisk()
  await life(disk)
  return disk.step
}

it.each([
  ['ENOSPC', 1],
  ['EIO', 1],
  ['EIO', 3],
  ['EROFS', 12],
] as const)(
  'F-42: %s in %i calls in a row, whichever is the first: nothing is lost, acknowledged early, or out of order',
  async (code, steps) => {
    const random = mulberry(testSeed)
    const total = await stepsOf()
    expect(total).toBeGreaterThan(100)
    let failing = 0
    for (let step = 1; step <= total; step++) {
      const what = `seed ${testSeed}, ${steps} × ${code} from call ${step} on`
      const disk = new SimDisk()
      const { journal, heard, taken } = await life(disk, { step, steps, code })
      expect(journal.state, what).toEqual({ kind: 'working' })
      if (heard.states.length > 0) failing++
      expect(taken, what).toEqual(range(1, FRAMES))
      expect(
        heard.entries.map(({ entry }) => numberOf(entry)),
        what,
      ).toEqual(range(1, FRAMES))
      const next = await openJournal(disk.crash(random))
      const { settled } = next.journal
      expect(settled, what).toBeGreaterThan(0)
      const left = (await readAll(next.journal, settled)).map(numberOf)
      expect(left, what).toEqual(range(settled + 1, FRAMES))
    }
    expect(failing).toBeGreaterThan(total / 4)
  },
)
