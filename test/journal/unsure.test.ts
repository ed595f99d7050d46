import { describe, expect, it } from 'vitest'
import { findDoubtfulJournal } from '../../src/journal/index.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { openJournal, ordinalsOf, readAll } from './open-journal.js'

/** Entry 1 is safe; entry 2 was written, its sync failed, and the process was killed. */
async function killedAfterFailedSync(): Promise<SimDisk> {
  const disk = new SimDisk()
  const { append, journal } = await openJournal(disk)
  append(1)
  await journal.flush()
  disk.fault = (step) => (step === 'sync' ? 'EIO' : undefined)
  append(2)
  await journal.flush()
  return disk.kill()
}

/** The harshest loss of power: nothing is left but what was made durable. */
const harshest = () => 0

describe('F-44: what an earlier run wrote and a failed sync gave up', () => {
  it('is written anew before it is read, so that a loss of power does not take it', async () => {
    const disk = await killedAfterFailedSync()
    expect((await findDoubtfulJournal(disk, STATE)).lastOrdinal).toBe(2)
    const { journal } = await openJournal(disk.afterPowerLoss(harshest))
    expect(ordinalsOf(await readAll(journal))).toEqual([1, 2])
  })

  it('is written anew before anything behind it where the disk fails at the start', async () => {
    const disk = await killedAfterFailedSync()
    disk.fault = (step) => (step === 'write' ? 'EIO' : undefined)
    const found = await findDoubtfulJournal(disk, STATE)
    disk.fault = undefined
    const { journal, append, taken } = await openJournal(disk, { found })
    append(3)
    await journal.flush()
    expect(taken).toEqual([3])
    const left = await openJournal(disk.afterPowerLoss(harshest))
    expect(ordinalsOf(await readAll(left.journal))).toEqual([1, 2, 3])
  })

  it('is confirmed to who sends it again only once it is durable', async () => {
    const disk = await killedAfterFailedSync()
    disk.fault = (step) => (step === 'write' ? 'EIO' : undefined)
    const found = await findDoubtfulJournal(disk, STATE)
    const { journal, clock } = await openJournal(disk, { found })
    const confirmed: string[] = []
    journal.confirm(() => confirmed.push('again'))
    await journal.flush()
    expect(confirmed).toEqual([])
    disk.fault = undefined
    clock.advance(10_000)
    await journal.flush()
    expect(confirmed).toEqual(['again'])
    journal.confirm(() => confirmed.push('at once'))
    expect(confirmed).toEqual(['again', 'at once'])
  })
})
