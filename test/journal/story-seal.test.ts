import { describe, expect, it } from 'vitest'
import { StorySeal } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { quiet } from './open-journal.js'

const find = (disk: SimDisk, clock = new ManualClock()) => StorySeal.find(disk, STATE, clock)

/** A disk on which the seal durably stands. */
async function sealed(): Promise<{ disk: SimDisk; seal: StorySeal; clock: ManualClock }> {
  const disk = new SimDisk()
  const clock = new ManualClock()
  const seal = await find(disk, clock)
  await seal.mend()
  return { disk, seal, clock }
}

const never = () => 0.99

describe('the seal on the journal', () => {
  it('does not stand in a new directory, and was not broken there', async () => {
    const seal = await find(new SimDisk())
    expect([seal.stands, seal.wasBroken]).toEqual([false, false])
  })

  it('stands once it was set, also where the power goes', async () => {
    const { disk } = await sealed()
    expect((await find(disk.crash(never))).stands).toBe(true)
  })

  it('is broken where the power goes after that, and says so', async () => {
    const { disk, seal } = await sealed()
    await seal.break()
    const next = await find(disk.crash(never))
    expect([next.stands, next.wasBroken]).toEqual([false, true])
  })

  it('can be broken on a disk that is full, and set again when it is not', async () => {
    const { disk, seal } = await sealed()
    disk.capacity = disk.used
    await seal.break()
    expect((await find(disk)).wasBroken).toBe(true)
    disk.capacity = Number.POSITIVE_INFINITY
    await seal.mend()
    const next = await find(disk)
    expect([next.stands, next.wasBroken]).toEqual([true, false])
  })

  it('goes altogether where it cannot be renamed', async () => {
    const { disk, seal } = await sealed()
    disk.fault = (step) => (step === 'rename' ? 'EIO' : undefined)
    await seal.break()
    expect(disk.names).toEqual([])
  })

  it('is not waited for on a disk that does not answer, and follows what was wanted last', async () => {
    const { disk, seal, clock } = await sealed()
    const release = disk.stall()
    const broken = seal.break()
    void seal.mend()
    clock.advance(10_000)
    await broken
    release()
    await quiet()
    expect((await find(disk)).stands).toBe(true)
  })

  it('counts as standing only once the disk has said so', async () => {
    const disk = new SimDisk()
    disk.fault = (step) => (step === 'sync' ? 'EIO' : undefined)
    const seal = await find(disk)
    await seal.mend()
    expect(seal.stands).toBe(false)
  })
})
