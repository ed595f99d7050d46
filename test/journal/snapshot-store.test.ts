import { describe, expect, it } from 'vitest'
import { type SaveOutcome, SnapshotStore } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { failure, SimDisk, STATE } from '../support/sim-disk.js'
import { encodeSnapshot, stateOf, wholeState } from './states.js'

const storeOn = (files: SimDisk) =>
  new SnapshotStore({ directory: STATE, files, clock: new ManualClock() })
const fileOf = (ordinal: number) => [`s-${ordinal}`, encodeSnapshot(stateOf(ordinal))] as const
const garbage = Buffer.from('garbage')

describe('loading', () => {
  it('finds nothing in an empty directory', async () => {
    const store = storeOn(new SimDisk())
    expect(wholeState(await store.load())).toEqual({ damaged: [] })
    expect(store.newestOrdinal).toBe(-1)
  })

  it('takes a directory that is not there for an empty one', async () => {
    const disk = new SimDisk()
    disk.list = () => Promise.reject(failure('ENOENT'))
    expect(wholeState(await storeOn(disk).load())).toEqual({ damaged: [] })
  })

  it('reports a directory that cannot be read, and starts empty', async () => {
    const disk = new SimDisk([fileOf(1)])
    disk.trouble = { step: 1, code: 'EACCES' }
    const { snapshot, damaged } = wholeState(await storeOn(disk).load())
    expect(snapshot).toBeUndefined()
    expect(damaged).toMatchObject([{ name: STATE, damage: 'unreadable' }])
  })

  it('takes the newest by number, not by name', async () => {
    const store = storeOn(new SimDisk([fileOf(9), fileOf(10), fileOf(2)]))
    expect(wholeState(await store.load())).toEqual({ snapshot: stateOf(10), damaged: [] })
    expect(store.newestOrdinal).toBe(10)
  })

  it('leaves files alone that are none of its own', async () => {
    const names = ['j-1.seg', 's-01', 's-x', 's-1.bak', 'notes.tmp', 's-9007199254740993']
    const disk = new SimDisk(names.map((name) => [name, garbage]))
    expect(wholeState(await storeOn(disk).load())).toEqual({ damaged: [] })
    expect(disk.names).toEqual([...names].sort())
  })

  it('removes what an interrupted save has left', async () => {
    const disk = new SimDisk([fileOf(1), ['s-2.tmp', garbage]])
    expect(wholeState(await storeOn(disk).load())).toEqual({ snapshot: stateOf(1), damaged: [] })
    expect(disk.names).toEqual(['s-1'])
  })

  it.each([
    ['damaged', garbage, 'bad-header'],
    ['empty', Buffer.of(), 'empty'],
    ['cut', fileOf(3)[1].subarray(0, -1), 'wrong-length'],
    ['of a newer format', Buffer.from('alec-bridge-state 5\n'), 'other-format'],
    ['of another ordinal', fileOf(2)[1], 'bad-content'],
  ])(
    'F-45: sets a file aside that is %s, and takes the older generation',
    async (_, bytes, damage) => {
      const disk = new SimDisk([fileOf(2), ['s-3', bytes]])
      const { snapshot, damaged } = wholeState(await storeOn(disk).load())
      expect(snapshot).toEqual(stateOf(2))
      expect(damaged).toMatchObject([{ name: 's-3', damage, keptAs: 's-3.corrupt-1' }])
      expect(disk.names).toEqual(['s-2', 's-3.corrupt-1'])
      expect(Buffer.compare(await disk.read(`${STATE}/s-3.corrupt-1`), bytes)).toBe(0)
    },
  )

  it('reports a damaged file once', async () => {
    const disk = new SimDisk([fileOf(1), ['s-2', garbage]])
    expect((await storeOn(disk).load()).damaged).toHaveLength(1)
    expect((await storeOn(disk).load()).damaged).toEqual([])
  })

  it('F-45: starts empty where every generation is damaged', async () => {
    const disk = new SimDisk([
      ['s-1', garbage],
      ['s-2', garbage],
    ])
    const { snapshot, damaged } = wholeState(await storeOn(disk).load())
    expect(snapshot).toBeUndefined()
    expect(damaged.map(({ keptAs }) => keptAs)).toEqual(['s-2.corrupt-1', 's-1.corrupt-2'])
  })

  it('F-45: keeps the latest five damaged files', async () => {
    const disk = new SimDisk()
    for (let ordinal = 1; ordinal <= 12; ordinal++) {
      await disk.write(`${STATE}/s-${ordinal}`, garbage)
      await storeOn(disk).load()
    }
    const kept = [12, 11, 10, 9, 8].map((n) => `s-${n}.corrupt-${n}`)
    expect(disk.names).toEqual(kept.sort())
  })

  it('uses the older generation where a damaged file cannot be renamed, and says that it stays', async () => {
    const disk = new SimDisk([fileOf(1), ['s-2', garbage]])
    disk.rename = () => Promise.reject(failure('EROFS'))
    const { snapshot, damaged } = wholeState(await storeOn(disk).load())
    expect(snapshot).toEqual(stateOf(1))
    expect(damaged[0]).not.toHaveProperty('keptAs')
    expect(damaged[0]?.message).toMatch(/stays in place.*EROFS/)
  })

  it.each([1, 2, 3, 4, 5, 6])('survives a disk whose call %i fails', async (step) => {
    const disk = new SimDisk([fileOf(1), fileOf(2), ['s-3.tmp', garbage]])
    disk.trouble = { step, code: 'EIO' }
    const { snapshot, damaged } = wholeState(await storeOn(disk).load())
    expect([undefined, stateOf(1), stateOf(2)]).toContainEqual(snapshot)
    expect(damaged.length).toBe(snapshot?.ordinal === 2 ? 0 : 1)
    disk.trouble = undefined
    expect((await storeOn(disk).load()).snapshot).toBeDefined()
  })
})

describe('saving', () => {
  it('F-45: keeps two generations', async () => {
    const disk = new SimDisk()
    const store = storeOn(disk)
    await store.load()
    for (const ordinal of [0, 1, 5, 8]) {
      expect(await store.save(stateOf(ordinal))).toMatchObject({ ok: true, ordinal, tookMs: 0 })
      expect(wholeState(await storeOn(disk).load()).snapshot).toEqual(stateOf(ordinal))
    }
    expect(disk.names).toEqual(['s-5', 's-8'])
  })

  it('removes the generations of the process before it, but for the newest', async () => {
    const disk = new SimDisk([fileOf(1), fileOf(2), fileOf(3)])
    const store = storeOn(disk)
    await store.load()
    await store.save(stateOf(4))
    expect(disk.names).toEqual(['s-3', 's-4'])
  })

  it('F-45: counts a damaged file as no generation', async () => {
    const disk = new SimDisk([fileOf(1), fileOf(2), ['s-3', garbage]])
    const store = storeOn(disk)
    await store.load()
    expect(store.newestOrdinal).toBe(2)
    await store.save(stateOf(3))
    expect(disk.names).toEqual(['s-2', 's-3', 's-3.corrupt-1'])
  })

  it('replaces a snapshot of the same ordinal', async () => {
    const disk = new SimDisk([fileOf(1), fileOf(2)])
    const store = storeOn(disk)
    await store.load()
    const later = { ...stateOf(2), wall: 1 }
    expect(await store.save(later)).toMatchObject({ ok: true })
    expect(wholeState(await storeOn(disk).load()).snapshot).toEqual(later)
    expect(disk.names).toEqual(['s-1', 's-2'])
  })

  it('F-45: keeps the newest that is not newer than what has settled beside the newest two', async () => {
    const disk = new SimDisk()
    const store = storeOn(disk)
    for (const ordinal of [2, 4, 6, 8]) await store.save(stateOf(ordinal), 5)
    expect(disk.names).toEqual(['s-4', 's-6', 's-8'])
    expect(store.neededAfter(5)).toBe(4)
    expect(wholeState(await store.load(5)).snapshot).toEqual(stateOf(4))
    await store.save(stateOf(9), 8)
    expect(disk.names).toEqual(['s-8', 's-9'])
  })

  it('takes one that is older than the newest', async () => {
    const disk = new SimDisk([fileOf(5), fileOf(7)])
    expect(await storeOn(disk).save(stateOf(4), 4)).toMatchObject({ ok: true, ordinal: 4 })
    expect(disk.names).toEqual(['s-4', 's-5', 's-7'])
  })

  it('needs everything where no snapshot is from before what has settled', async () => {
    const store = storeOn(new SimDisk())
    expect(store.neededAfter(3)).toBe(0)
    await store.save(stateOf(5), 3)
    expect(store.neededAfter(3)).toBe(0)
  })

  let deep: unknown = []
  for (let i = 0; i < 20_000; i++) deep = [deep]
  it.each([
    ['a state nested too deeply', { ...stateOf(1), devices: new Map([['a', deep]]) }],
    ['a state that is not like JSON', { ...stateOf(1), devices: new Map([['a', new Map()]]) }],
    ['no ordinal', { ...stateOf(1), ordinal: 0.5 }],
  ])('refuses %s as a value', async (_what, snapshot) => {
    const disk = new SimDisk()
    const outcome = await storeOn(disk).save(snapshot)
    expect(outcome).toMatchObject({ ok: false, code: 'ERR_SNAPSHOT_CONTENT' })
    expect(disk.names).toEqual([])
  })

  it('says that there is no directory to save into', async () => {
    const disk = new SimDisk()
    disk.list = () => Promise.reject(failure('ENOENT'))
    disk.write = () => Promise.reject(failure('ENOENT'))
    expect(await storeOn(disk).save(stateOf(1))).toMatchObject({ ok: false, code: 'ENOENT' })
  })

  it('writes one at a time', async () => {
    const disk = new SimDisk()
    const written: string[] = []
    let writing = 0
    let most = 0
    const { write } = disk
    disk.write = async (path, bytes) => {
      most = Math.max(most, ++writing)
      written.push(path)
      await write.call(disk, path, bytes)
      writing--
    }
    const store = storeOn(disk)
    await store.load()
    const outcomes: Promise<SaveOutcome>[] = [store.save(stateOf(1))]
    while (writing === 0) await Promise.resolve()
    for (const ordinal of [2, 3, 4]) outcomes.push(store.save(stateOf(ordinal)))
    const ordinals = (await Promise.all(outcomes)).map((outcome) => outcome.ok && outcome.ordinal)
    expect(ordinals).toEqual([1, 2, 3, 4])
    expect(written).toEqual([1, 2, 3, 4].map((ordinal) => `${STATE}/s-${ordinal}.tmp`))
    expect(most).toBe(1)
    expect(await store.save(stateOf(5))).toMatchObject({ ok: true, ordinal: 5 })
  })

  it('goes on after a save that failed while another waited', async () => {
    const disk = new SimDisk()
    const store = storeOn(disk)
    await store.load()
    disk.trouble = { step: disk.step + 2, code: 'ENOSPC' }
    const first = store.save(stateOf(1))
    await Promise.resolve()
    const second = store.save(stateOf(2))
    expect(await first).toMatchObject({ ok: false, code: 'ENOSPC' })
    expect(await second).toMatchObject({ ok: true, ordinal: 2 })
  })
})
