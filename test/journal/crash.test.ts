import { describe, expect, it } from 'vitest'
import { type FilePort, SnapshotStore } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { SimDisk, STATE, type Trouble } from '../support/sim-disk.js'
import { largeStateOf as stateOf, wholeState } from './states.js'

/** Each snapshot in several pieces where there are to be so many. */
const storeOn = (files: FilePort, pieceCharacters = 1e6) =>
  new SnapshotStore({ directory: STATE, files, clock: new ManualClock(), pieceCharacters })

const SAVES = 6
const LOSSES = 12
/** Make way, create, write twice, sync, rename, sync the directory, remove the oldest generation. */
const CALLS_OF_A_SAVE = 8
/** So many characters that a state is written in one piece, or each of its devices in one of its own. */
const PIECES = [1e6, 50]

/** Loads, then saves again and again; what failed is tried once more. Returns the last ordinal that was acknowledged. */
async function life(
  disk: SimDisk,
  trouble?: Trouble,
  from = 0,
  pieceCharacters?: number,
): Promise<number> {
  disk.trouble = trouble
  const store = storeOn(disk, pieceCharacters)
  await store.load()
  let acknowledged = from
  for (let ordinal = from + 1; ordinal <= from + SAVES && !disk.crashed; ordinal++) {
    const first = await store.save(stateOf(ordinal))
    const outcome = first.ok ? first : await store.save(stateOf(ordinal))
    if (outcome.ok) acknowledged = ordinal
  }
  return acknowledged
}

/** A second process on the same disk finds the last acknowledged snapshot or a newer one, as it was written. */
async function expectFound(disk: SimDisk, acknowledged: number, what: string): Promise<number> {
  const { snapshot, damaged } = wholeState(await storeOn(disk).load())
  const ordinal = snapshot?.ordinal ?? 0
  expect(ordinal, what).toBeGreaterThanOrEqual(acknowledged)
  if (snapshot) expect(snapshot, what).toEqual(stateOf(ordinal))
  expect(damaged, what).toEqual([])
  expect(
    disk.names.filter((name) => !/^s-\d+$/.test(name)),
    what,
  ).toEqual([])
  return ordinal
}

const stepsOf = async (pieceCharacters?: number): Promise<number> => {
  const disk = new SimDisk()
  await life(disk, undefined, 0, pieceCharacters)
  return disk.step
}

describe.each(PIECES)('a crash at any step of a life of saves in pieces of %i', (piece) => {
  it('F-44: leaves the last acknowledged snapshot or a newer one, whatever of the un-synced is lost or torn', async () => {
    const random = mulberry(testSeed)
    const steps = await stepsOf(piece)
    let newer = 0
    expect(steps).toBeGreaterThan((SAVES - 1) * CALLS_OF_A_SAVE)
    for (let step = 1; step <= steps; step++) {
      const disk = new SimDisk()
      const acknowledged = await life(disk, { step, crash: true }, 0, piece)
      expect(disk.crashed).toBe(true)
      for (let loss = 0; loss <= LOSSES; loss++) {
        const left = loss === 0 ? disk.afterKill() : disk.afterPowerLoss(random)
        const what = `seed ${testSeed}, step ${step}, loss ${loss}`
        const found = await expectFound(left, acknowledged, what)
        if (found > acknowledged) newer++
        // Life goes on from there.
        const last = await life(left, undefined, found)
        expect(last, what).toBe(found + SAVES)
        await expectFound(left.afterPowerLoss(random), last, what)
      }
    }
    // The disk can do both: keep and lose what was not acknowledged.
    expect(newer).toBeGreaterThan(0)
  }, 120_000)
})

describe.each(['ENOSPC', 'EIO', 'EROFS'])('%s', (code) => {
  it.each([1, 2, 5])(
    'in %i calls in a row, from any call on, costs at most the save at hand',
    async (steps) => {
      const random = mulberry(testSeed)
      const total = await stepsOf()
      for (let step = 1; step <= total; step++) {
        const disk = new SimDisk()
        const acknowledged = await life(disk, { step, steps, code })
        const what = `seed ${testSeed}, call ${step}`
        // Saves after the trouble are acknowledged again.
        if (step + steps <= total - CALLS_OF_A_SAVE) expect(acknowledged, what).toBe(SAVES)
        await expectFound(disk.afterPowerLoss(random), acknowledged, what)
        await expectFound(disk.afterKill(), acknowledged, what)
      }
    },
  )

  it('in one call leaves the older generations as they are, and no garbage', async () => {
    const before = new SimDisk()
    await life(before)
    for (let call = 1; call < CALLS_OF_A_SAVE; call++) {
      const disk = before.afterKill()
      const store = storeOn(disk)
      await store.load()
      disk.trouble = { step: disk.step + call, code }
      const outcome = await store.save(stateOf(SAVES + 1))
      const names = disk.names
      // Removing a leftover that is not there, and the oldest generation, are the calls that may fail unseen.
      expect(outcome.ok, `call ${call}`).toBe(call === 1)
      expect(names.slice(0, 2), `call ${call}`).toEqual(
        call === 1 ? [`s-${SAVES}`, `s-${SAVES + 1}`] : [`s-${SAVES - 1}`, `s-${SAVES}`],
      )
      expect(
        names.filter((name) => name.endsWith('.tmp')),
        `call ${call}`,
      ).toEqual([])
      if (!outcome.ok) expect(outcome).toMatchObject({ ordinal: SAVES + 1, code })
      expect(await store.save(stateOf(SAVES + 1)), `call ${call}`).toMatchObject({ ok: true })
      expect(disk.names, `call ${call}`).toEqual([`s-${SAVES}`, `s-${SAVES + 1}`])
    }
  })
})

describe.each(PIECES)('the crash test with pieces of %i', (piece) => {
  it.each(['file', 'directory'] as const)('notices that no %s is synced', async (what) => {
    const random = mulberry(testSeed)
    let lost = 0
    for (let life = 0; life < 200; life++) {
      const disk = new SimDisk()
      disk.pretends = what
      const store = storeOn(disk, piece)
      await store.load()
      for (const ordinal of [1, 2, 3]) await store.save(stateOf(ordinal))
      const { snapshot } = await storeOn(disk.afterPowerLoss(random)).load()
      if (snapshot?.ordinal !== 3) lost++
    }
    expect(lost).toBeGreaterThan(50)
  })
})
