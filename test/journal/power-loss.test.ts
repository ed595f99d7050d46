import { expect, it } from 'vitest'
import { testSeed } from '../support/mulberry.js'
import { SimDisk } from '../support/sim-disk.js'
import { type CrashPlan, crashPoints } from './crash-points.js'

const plan: CrashPlan = { durability: 'strict', end: 'power-loss', faults: 0 }

it('F-44: nothing that was accepted is lost to a loss of power at any step of 200 operations', async () => {
  const tally = await crashPoints(1000, testSeed, plan)
  // The disk can do both, keep and lose what was not yet safe, and the journal was trimmed on the way.
  expect(tally.unpromised).toBeGreaterThan(100)
  expect(tally.trimmed).toBeGreaterThan(100)
})

it('F-44: nor where the disk fails now and then before', async () => {
  const tally = await crashPoints(600, testSeed, { ...plan, faults: 0.05 })
  expect(tally.gaps).toBeGreaterThan(10)
})

it.each(['strict', 'batched', 'os'] as const)(
  'F-43: %s: nothing that was accepted is lost when the process is killed at any step',
  async (durability) => {
    const tally = await crashPoints(300, testSeed, { ...plan, durability, end: 'kill' })
    expect(tally.unpromised).toBeGreaterThan(20)
  },
)

it.each(['file', 'directory'] as const)(
  'the crash test notices that no %s is synced',
  async (what) => {
    const disk = () => Object.assign(new SimDisk(), { pretends: what })
    await expect(crashPoints(3000, testSeed, { ...plan, disk })).rejects.toThrow(
      /is lost|went back|damaged/,
    )
  },
)
