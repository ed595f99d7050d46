import { describe, expect, it } from 'vitest'
import { StateFile } from '../../src/journal/index.js'
import { mulberry } from '../support/mulberry.js'
import { SimDisk, STATE } from '../support/sim-disk.js'

const on = (disk: SimDisk) => new StateFile({ directory: STATE, files: disk, name: 'devices' })

describe('a small file of the state', () => {
  it('gives back what was saved last, and nothing where nothing was', async () => {
    const disk = new SimDisk()
    await disk.makeDirectory(STATE)
    expect(await on(disk).load()).toEqual({ value: undefined, damaged: [] })
    const file = on(disk)
    await Promise.all([file.save({ a: 1 }), file.save({ a: 2 })])
    expect(await on(disk).load()).toEqual({ value: { a: 2 }, damaged: [] })
  })

  it('F-44: is the new document or the old one, whatever step the power goes at', async () => {
    const random = mulberry(7)
    const seen = new Set<string>()
    for (let step = 1; step <= 12; step++) {
      const disk = new SimDisk()
      await disk.makeDirectory(STATE)
      await on(disk).save('old')
      disk.step = 0
      disk.trouble = { step, crash: true }
      await on(disk)
        .save('new')
        .catch(() => {})
      for (let loss = 0; loss < 8; loss++) {
        const left = loss === 0 ? disk.afterKill() : disk.afterPowerLoss(random)
        const { value } = await on(left).load()
        seen.add(String(value))
      }
    }
    expect([...seen].sort()).toEqual(['new', 'old'])
  })

  it('F-45: goes back to the one before where it rots, and sets it aside', async () => {
    const disk = new SimDisk()
    await disk.makeDirectory(STATE)
    await on(disk).save('old')
    await on(disk).save('new')
    const rotten = disk.files.map(([name, bytes]) => {
      const flipped = Buffer.from(bytes)
      if (name.endsWith('devices')) flipped[flipped.length - 3]! ^= 1
      return [name, flipped] as const
    })
    const { value, damaged } = await on(new SimDisk(rotten)).load()
    expect(value).toBe('old')
    expect(damaged).toMatchObject([{ name: 'devices', damage: 'bad-checksum' }])
    expect(damaged[0]?.keptAs).toMatch(/corrupt/)
  })
})
