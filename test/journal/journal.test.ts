import { describe, expect, it } from 'vitest'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { numberOf, openJournal, ordinalsOf, quiet, readAll } from './open-journal.js'

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
const segmentsOf = (disk: SimDisk) => disk.names.filter((name) => name.endsWith('.seg'))
const orderOf = (disk: SimDisk): string[] => {
  const order: string[] = []
  disk.onStep = (step) => order.push(step)
  return order
}

describe('an entry', () => {
  it('is said to be safe only after it is synced, in the order of coming', async () => {
    const disk = new SimDisk()
    const { journal, taken, heard, append } = await openJournal(disk)
    append(1)
    await journal.flush()
    const order = orderOf(disk)
    for (const n of [2, 3, 4]) {
      journal.append({ ...numbered(n) }, () => {
        order.push(`taken ${n}`)
        taken.push(n)
      })
    }
    await journal.flush()
    expect(order).toEqual(['fill', 'fill', 'sync', 'taken 2', 'taken 3', 'taken 4'])
    expect(heard.entries.map(({ entry, durable }) => [entry.ordinal, durable])).toEqual(
      range(1, 4).map((ordinal) => [ordinal, true]),
    )
  })

  it('that comes while a group is written is in the next group, with all others of then', async () => {
    const disk = new SimDisk()
    const { journal, append, taken } = await openJournal(disk)
    append(1)
    await journal.flush()
    const release = disk.stall()
    append(2)
    await quiet()
    for (const n of range(3, 50)) append(n)
    await quiet()
    expect(taken).toEqual([1])
    release()
    await journal.flush()
    expect(taken).toEqual(range(1, 50))
    expect(journal.counters()).toMatchObject({ commits: 3, written: 50 })
  })

  it('carries its number from the moment it is passed on', async () => {
    const { journal, heard, append } = await openJournal(new SimDisk())
    for (const n of [1, 2]) append(n)
    await journal.flush()
    const ordinals = heard.entries.map(({ entry }) => entry.kind === 'frame' && entry.frame.ordinal)
    expect(ordinals).toEqual([1, 2])
    expect(journal.lastOrdinal).toBe(2)
  })

  it('that comes in the very moment a group is over is written as well', async () => {
    const { journal, taken, append } = await openJournal(new SimDisk())
    append(1)
    await journal.flush()
    for (const n of range(2, 60)) {
      append(n)
      for (let turn = 0; turn < n; turn++) await Promise.resolve()
    }
    await quiet()
    expect(taken).toEqual(range(1, 60))
  })

  it('that no journal can hold is refused where it comes from', async () => {
    const { journal, taken, append } = await openJournal(new SimDisk())
    const state = { kind: 'state', device: 'a', state: { f: () => {} }, mono: 1, wall: 2 } as const
    expect(() => journal.note(state)).toThrow(TypeError)
    append(1)
    await journal.flush()
    expect(taken).toEqual([1])
  })
})

const numbered = (n: number) => ({
  device: 'shed-1',
  bytes: Uint8Array.of(n),
  mono: n,
  wall: n,
  integrity: 'crc32' as const,
  source: 'line-1',
})

describe('another run', () => {
  it('reads what was safe, every kind of it, and counts on from there', async () => {
    const disk = new SimDisk()
    const first = await openJournal(disk)
    for (const n of range(1, 5)) first.append(n)
    const place = { mono: 7, wall: 8 }
    const state = { kind: 'state', device: 'a', state: { x: [Number.NaN, -0] }, ...place } as const
    const dropped = {
      kind: 'dropped',
      device: 'a',
      fromKey: '1/2',
      toKey: '1/9',
      count: 8,
      reason: 'journal-full',
      ...place,
    } as const
    first.journal.note(state)
    first.journal.note(dropped)
    await first.journal.flush()
    const second = await openJournal(disk.kill())
    const entries = await readAll(second.journal)
    expect(entries.slice(0, 5).map(numberOf)).toEqual(range(1, 5))
    expect(entries.slice(5)).toEqual([
      { ...state, ordinal: 6 },
      { ...dropped, ordinal: 7 },
    ])
    second.append(8)
    await second.journal.flush()
    expect(second.journal.lastOrdinal).toBe(8)
    expect(ordinalsOf(await readAll(second.journal, 6))).toEqual([7, 8])
  })

  it('counts on behind a snapshot that is newer than the journal', async () => {
    const { journal, append, heard } = await openJournal(new SimDisk(), { after: 500 })
    append(1)
    await journal.flush()
    expect(heard.entries[0]?.entry.ordinal).toBe(501)
    expect(ordinalsOf(await readAll(journal, 500))).toEqual([501])
  })

  it('writes nothing as long as nothing comes', async () => {
    const disk = new SimDisk()
    const { journal } = await openJournal(disk)
    await journal.flush()
    await journal.settle()
    await journal.close()
    expect(disk.names).toEqual([])
  })
})

describe('durability', () => {
  it('os: an entry counts as safe once it is written; nothing is synced for it', async () => {
    const disk = new SimDisk()
    const { journal, append, taken } = await openJournal(disk, { durability: { kind: 'os' } })
    append(1)
    await journal.flush()
    const order = orderOf(disk)
    for (const n of range(2, 9)) append(n)
    await journal.flush()
    expect(order).toEqual(['fill', 'fill'])
    expect(taken).toEqual(range(1, 9))
  })

  it('batched: the same, but synced so often', async () => {
    const disk = new SimDisk()
    const durability = { kind: 'batched', ms: 1000 } as const
    const { journal, append, taken, clock } = await openJournal(disk, { durability })
    append(1)
    await journal.flush()
    const order = orderOf(disk)
    for (const n of [2, 3]) {
      append(n)
      await journal.flush()
      clock.advance(400)
    }
    expect(order).toEqual(['fill', 'fill', 'fill', 'fill'])
    clock.advance(200)
    await quiet()
    expect(order.at(-1)).toBe('sync')
    expect(taken).toEqual([1, 2, 3])
    clock.advance(10_000)
    await quiet()
    expect(order.filter((step) => step === 'sync').length).toBe(1)
  })

  it.each(['os', 'strict'] as const)('%s: closing makes everything durable', async (kind) => {
    const disk = new SimDisk()
    const { journal, append } = await openJournal(disk, { durability: { kind } })
    for (const n of range(1, 9)) append(n)
    journal.checkpoint(4)
    await journal.close()
    const left = await openJournal(disk.crash(() => 0.1))
    expect((await readAll(left.journal)).map(numberOf)).toEqual(range(1, 9))
    expect(left.journal.settled).toBe(4)
  })
})

describe('a checkpoint', () => {
  it('is written within 100 ms, and goes with a group where one is written', async () => {
    const disk = new SimDisk()
    const { journal, append, clock } = await openJournal(disk)
    append(1)
    await journal.flush()
    journal.checkpoint(1)
    await quiet()
    const order = orderOf(disk)
    clock.advance(99)
    await quiet()
    expect(order).toEqual([])
    clock.advance(1)
    await quiet()
    expect(order).toEqual(['fill', 'fill'])
    append(2)
    journal.checkpoint(2)
    await journal.flush()
    expect(order.length).toBe(2 + 3)
    clock.advance(1000)
    await quiet()
    expect(order.length).toBe(2 + 3)
  })

  it('is found by the next run, and never goes back', async () => {
    const disk = new SimDisk()
    const { journal, append, clock } = await openJournal(disk)
    for (const n of range(1, 9)) append(n)
    for (const reached of [3, 7, 5]) {
      journal.checkpoint(reached)
      clock.advance(100)
      await journal.flush()
    }
    expect((await openJournal(disk.kill())).journal.settled).toBe(7)
  })

  it('counts as settled only once a loss of power cannot take it back', async () => {
    const disk = new SimDisk()
    const { journal, append, clock } = await openJournal(disk)
    for (const n of range(1, 9)) append(n)
    await journal.flush()
    journal.checkpoint(9)
    clock.advance(100)
    await quiet()
    expect(journal.settled).toBe(0)
    await journal.settle()
    expect(journal.settled).toBe(9)
    expect((await openJournal(disk.crash(() => 0.1))).journal.settled).toBe(9)
  })

  it('settles with the next entry that is synced', async () => {
    const { journal, append } = await openJournal(new SimDisk())
    append(1)
    await journal.flush()
    journal.checkpoint(1)
    append(2)
    await journal.flush()
    expect(journal.settled).toBe(1)
  })
})

describe('segments', () => {
  /** A journal of several segments, each with a few entries. */
  async function several(disk: SimDisk, entries = 60) {
    const opened = await openJournal(disk, { limits: { segmentBytes: 500 } })
    for (const n of range(1, entries)) {
      opened.append(n)
      await opened.journal.flush()
    }
    return opened
  }

  it('follow each other, each named after its first entry', async () => {
    const disk = new SimDisk()
    const { journal } = await several(disk)
    const names = segmentsOf(disk)
    expect(names.length).toBeGreaterThan(5)
    expect(names[0]).toBe('j-0000000000000001.seg')
    expect((await readAll(journal)).map(numberOf)).toEqual(range(1, 60))
    for (const name of names) {
      const first = Number(name.slice(2, 18))
      expect(ordinalsOf(await readAll(journal, first - 1))).toEqual(range(first, 60))
    }
  })

  it('a small journal has at least eight of', async () => {
    const disk = new SimDisk()
    const { journal, append } = await openJournal(disk, { maxBytes: 8000 })
    for (let n = 1; journal.fill < 1; n++) {
      append(n)
      await journal.flush()
    }
    expect(segmentsOf(disk).length).toBe(8)
  })

  it('F-41: the fill is what all of them take of the limit', async () => {
    const disk = new SimDisk()
    const { journal } = await openJournal(disk, { maxBytes: 10_000 })
    expect(journal.fill).toBe(0)
    const opened = await several(disk)
    expect(opened.journal.bytes).toBe(disk.used)
    const again = await openJournal(disk, { maxBytes: disk.used * 2 })
    expect(again.journal.fill).toBe(0.5)
  })

  it('go when they hold nothing that is needed, the oldest first; the newest stays', async () => {
    const disk = new SimDisk()
    const { journal } = await several(disk)
    const names = segmentsOf(disk)
    journal.checkpoint(60)
    await journal.settle()
    const third = Number(names[2]?.slice(2, 18))
    await journal.trim(third - 2)
    expect(segmentsOf(disk)).toEqual(names.slice(1))
    await journal.trim(third - 1)
    expect(segmentsOf(disk)).toEqual(names.slice(2))
    expect(journal.bytes).toBe(disk.used)
    await journal.trim(60)
    expect(segmentsOf(disk)).toEqual(names.slice(-1))
    const next = await openJournal(disk.kill())
    expect(next.journal.lastOrdinal).toBe(60)
  })

  it('F-44: stay as long as a loss of power could take the checkpoint back', async () => {
    const disk = new SimDisk()
    const { journal, clock } = await several(disk)
    const names = segmentsOf(disk)
    journal.checkpoint(60)
    clock.advance(100)
    await quiet()
    await journal.trim(60)
    expect(segmentsOf(disk)).toEqual(names)
  })

  it('that cannot be removed now go another time, and those that somebody has removed are gone', async () => {
    const disk = new SimDisk()
    const { journal } = await several(disk)
    const names = segmentsOf(disk)
    journal.checkpoint(60)
    await journal.settle()
    disk.fault = (step) => (step === 'unlink' ? 'EACCES' : undefined)
    await journal.trim(60)
    expect(segmentsOf(disk)).toEqual(names)
    disk.fault = undefined
    await disk.unlink(`${STATE}/${names[0]}`)
    await journal.trim(60)
    expect(segmentsOf(disk)).toEqual(names.slice(-1))
  })
})

describe('closing', () => {
  it('is done once, and nothing is taken in afterwards', async () => {
    const disk = new SimDisk()
    const { journal, append, taken } = await openJournal(disk)
    append(1)
    await Promise.all([journal.close(), journal.close()])
    append(2)
    await quiet()
    expect(taken).toEqual([1])
    expect(disk.names.length).toBe(1)
  })

  it('leaves no timer behind', async () => {
    const durability = { kind: 'batched', ms: 1000 } as const
    const { journal, append, clock } = await openJournal(new SimDisk(), { durability })
    append(1)
    journal.checkpoint(1)
    await journal.close()
    expect(clock.pending).toBe(0)
  })
})
