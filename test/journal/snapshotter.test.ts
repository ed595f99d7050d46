import { describe, expect, it } from 'vitest'
import { type SaveOutcome, SnapshotStore, Snapshotter } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { wholeState } from './states.js'

async function rig(options: { periodMs?: number; retryMs?: number; isNews?: () => boolean } = {}) {
  const clock = new ManualClock()
  const disk = new SimDisk()
  const store = new SnapshotStore({ directory: STATE, files: disk, clock })
  await store.load()
  const outcomes: SaveOutcome[] = []
  const gauge = { frames: 0, taken: 0 }
  const snapshotter = new Snapshotter({
    ...options,
    store,
    clock,
    take: () => {
      gauge.taken++
      const times = { mono: clock.mono(), wall: clock.wall() }
      const devices = new Map([['shed-1', { frames: gauge.frames }]])
      return { ordinal: store.newestOrdinal + 1, ...times, devices }
    },
    onOutcome: (outcome) => outcomes.push(outcome),
  })
  /** Lets time pass, and the disk finish. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    for (let turn = 0; turn < 100; turn++) await Promise.resolve()
  }
  const loaded = async () =>
    wholeState(await new SnapshotStore({ directory: STATE, files: disk, clock }).load()).snapshot
  return { clock, disk, store, outcomes, gauge, snapshotter, pass, loaded }
}

describe('the snapshotter', () => {
  it('does nothing before it is started', async () => {
    const { pass, outcomes, snapshotter } = await rig()
    await pass(600_000)
    await snapshotter.stop()
    expect(outcomes).toEqual([])
  })

  it('wears no disk where there is no news, but saves at the end', async () => {
    let news = false
    const { pass, outcomes, snapshotter } = await rig({ isNews: () => news })
    snapshotter.start()
    for (let minute = 0; minute < 10; minute++) await pass(60_000)
    expect(outcomes).toEqual([])
    news = true
    await pass(60_000)
    expect(outcomes).toHaveLength(1)
    news = false
    await pass(60_000)
    await snapshotter.stop()
    expect(outcomes).toHaveLength(2)
  })

  it('saves every minute, each time what it is given', async () => {
    const { pass, outcomes, snapshotter, loaded, gauge, clock } = await rig()
    snapshotter.start()
    snapshotter.start()
    await pass(59_999)
    expect(outcomes).toEqual([])
    gauge.frames = 1
    await pass(1)
    gauge.frames = 2
    await pass(60_000)
    expect(outcomes.map(({ ordinal }) => ordinal)).toEqual([0, 1])
    expect(await loaded()).toMatchObject({ ordinal: 1, wall: clock.wall() })
    expect((await loaded())?.devices.get('shed-1')).toEqual({ frames: 2 })
  })

  it('saves once more at the end, and never again', async () => {
    const { pass, outcomes, snapshotter, loaded, gauge, clock } = await rig({ periodMs: 1000 })
    snapshotter.start()
    await pass(1000)
    gauge.frames = 9
    await Promise.all([snapshotter.stop(), snapshotter.stop()])
    expect((await loaded())?.devices.get('shed-1')).toEqual({ frames: 9 })
    expect(outcomes).toHaveLength(2)
    expect(clock.pending).toBe(0)
    await pass(10_000)
    expect(outcomes).toHaveLength(2)
  })

  it('can be started again', async () => {
    const { pass, outcomes, snapshotter } = await rig({ periodMs: 1000 })
    snapshotter.start()
    await snapshotter.stop()
    snapshotter.start()
    await pass(1000)
    expect(outcomes.map(({ ordinal }) => ordinal)).toEqual([0, 1])
  })

  it('waits for a slow disk instead of queueing, and saves the end after it', async () => {
    const { pass, disk, outcomes, snapshotter, gauge, loaded, clock } = await rig({
      periodMs: 1000,
    })
    const { write } = disk
    let finish: () => void = () => {}
    disk.write = async (path, bytes) => {
      await new Promise<void>((resolve) => {
        finish = resolve
      })
      await write.call(disk, path, bytes)
    }
    snapshotter.start()
    await pass(1000)
    await pass(60_000)
    expect(gauge.taken).toBe(1)
    gauge.frames = 5
    const stopped = snapshotter.stop()
    disk.write = write
    finish()
    await stopped
    expect(outcomes.map(({ ok, ordinal }) => [ok, ordinal])).toEqual([
      [true, 0],
      [true, 1],
    ])
    expect((await loaded())?.devices.get('shed-1')).toEqual({ frames: 5 })
    expect(clock.pending).toBe(0)
  })

  it('rests nine times as long as a save took, also where the next is wanted soon', async () => {
    const { pass, disk, outcomes, snapshotter } = await rig()
    const { write } = disk
    let finish = () => {}
    disk.write = (path, bytes) =>
      new Promise((resolve) => {
        finish = () => void write.call(disk, path, bytes).then(resolve)
      })
    snapshotter.start()
    await pass(60_000)
    await pass(20_000)
    finish()
    disk.write = write
    await pass(0)
    expect(outcomes).toHaveLength(1)
    snapshotter.saveSoon()
    await pass(60_000)
    snapshotter.saveSoon()
    await pass(119_999)
    expect(outcomes).toHaveLength(1)
    await pass(1)
    expect(outcomes).toHaveLength(2)
    snapshotter.saveSoon()
    await pass(0)
    expect(outcomes).toHaveLength(3)
    await snapshotter.stop()
  })

  it('tries again soon after a failure, then goes on as before', async () => {
    const { pass, disk, outcomes, snapshotter } = await rig()
    snapshotter.start()
    disk.trouble = { step: disk.step + 1, steps: 20, code: 'ENOSPC' }
    await pass(60_000)
    await pass(5_000)
    expect(outcomes.map((outcome) => !outcome.ok && outcome.code)).toEqual(['ENOSPC', 'ENOSPC'])
    disk.trouble = undefined
    await pass(5_000)
    expect(outcomes[2]).toMatchObject({ ok: true, ordinal: 0 })
    await pass(59_999)
    expect(outcomes).toHaveLength(3)
    await pass(1)
    expect(outcomes[3]).toMatchObject({ ok: true, ordinal: 1 })
  })

  it('reports a state that cannot be taken, and goes on', async () => {
    const { pass, outcomes, snapshotter, gauge, clock, store } = await rig({ periodMs: 1000 })
    let broken = true
    const other = new Snapshotter({
      store,
      clock,
      periodMs: 1000,
      take: () => {
        if (broken) throw new Error('shed-1 is broken')
        return { ordinal: store.newestOrdinal + 1, mono: 0, wall: 0, devices: new Map() }
      },
      onOutcome: (outcome) => outcomes.push(outcome),
    })
    other.start()
    await pass(1000)
    broken = false
    await pass(1000)
    await other.stop()
    expect(outcomes[0]).toMatchObject({
      ok: false,
      code: 'ERR_SNAPSHOT_TAKE',
      message: 'shed-1 is broken',
    })
    expect(outcomes[1]).toMatchObject({ ok: true })
    expect(gauge.taken).toBe(0)
    await snapshotter.stop()
  })
})
