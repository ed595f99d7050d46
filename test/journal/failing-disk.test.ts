import { describe, expect, it } from 'vitest'
import type { JournalEntry } from '../../src/journal/index.js'
import { SimDisk } from '../support/sim-disk.js'
import { numberOf, type OpenJournal, openJournal, quiet, readAll } from './open-journal.js'

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
const heardOf = ({ heard }: OpenJournal) =>
  heard.entries.map(({ entry, durable }) => `${numberOf(entry)}${durable ? '' : '?'}`)
const marked = (from: number, to: number, mark = '') => range(from, to).map((n) => `${n}${mark}`)

/** A journal with entry 1 in it, whose disk fails from now on as told. */
async function failing(step: 'fill' | 'sync', code: string, options = {}) {
  const disk = new SimDisk()
  const opened = await openJournal(disk, options)
  opened.append(1)
  await opened.journal.flush()
  disk.fault = (asked) => (asked === step || asked === 'write' ? code : undefined)
  return { disk, ...opened, opened }
}

describe.each([
  ['fill', 'ENOSPC'],
  ['sync', 'EIO'],
  ['fill', 'EROFS'],
] as const)('F-42: a disk that fails (%s: %s)', (step, code) => {
  it('lets entries through as not durable, and acknowledges none', async () => {
    const { opened, journal, append, taken } = await failing(step, code)
    for (const n of [2, 3]) append(n)
    await quiet()
    append(4)
    expect(heardOf(opened)).toEqual(['1', '2?', '3?', '4?'])
    expect(taken).toEqual([1])
    expect(journal.state).toEqual({ kind: 'failing', code, reason: `${code}: injected` })
    expect(opened.heard.states).toEqual([journal.state])
  })

  it('writes them by itself once it works, and only then acknowledges them', async () => {
    const { disk, opened, journal, append, taken, clock } = await failing(step, code)
    append(2)
    await quiet()
    append(3)
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    expect(taken).toEqual([1, 2, 3])
    append(4)
    await journal.flush()
    expect(heardOf(opened)).toEqual(['1', '2?', '3?', '4'])
    expect(opened.heard.states.map(({ kind }) => kind)).toEqual(['failing', 'working'])
    expect(opened.heard.holes).toBe(0)
    expect((await readAll(journal)).map(numberOf)).toEqual([1, 2, 3, 4])
    const next = await openJournal(disk.crash(() => 0.1))
    expect((await readAll(next.journal)).map(numberOf)).toEqual([1, 2, 3, 4])
  })

  it('is tried again every 2 s, as long as it takes, with one word about it', async () => {
    const { opened, journal, append, clock } = await failing(step, code)
    append(2)
    for (let attempt = 1; attempt <= 20; attempt++) {
      await quiet()
      expect(journal.counters().failures).toBe(attempt)
      clock.advance(2000)
    }
    expect(opened.heard.states.length).toBe(1)
  })

  it('recovers also when nothing came meanwhile', async () => {
    const { disk, journal, append, clock } = await failing(step, code, {
      limits: { keptEntries: 1 },
    })
    for (const n of [2, 3, 4]) append(n)
    await quiet()
    append(5)
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    expect(journal.state).toEqual({ kind: 'working' })
  })
})

it('F-42: passes on what comes in while others are passed on behind all of those, as it will be written', async () => {
  const heard: number[] = []
  const onEntries = (entries: readonly JournalEntry[]) => {
    for (const { ordinal } of entries) {
      heard.push(ordinal)
      // As what was held for an order comes in once that is obeyed.
      if (ordinal === 2 && !heard.includes(4)) append(4)
    }
  }
  const disk = new SimDisk()
  const handlers = { onEntries, onHole() {}, onState() {}, onDamaged() {}, onLost() {} }
  const { journal, append, clock } = await openJournal(disk, { handlers })
  append(1)
  await journal.flush()
  disk.fault = (step) => (step === 'fill' ? 'EIO' : undefined)
  for (const n of [2, 3]) append(n)
  await quiet()
  expect(heard).toEqual([1, 2, 3, 4])
  disk.fault = undefined
  clock.advance(2000)
  await quiet()
  expect((await readAll(journal)).map(({ ordinal }) => ordinal)).toEqual(heard)
})

describe('F-42: while the disk fails', () => {
  it('never syncs a file again whose sync failed, but begins a new one', async () => {
    const { disk, journal, append, clock } = await failing('sync', 'EIO')
    append(2)
    await quiet()
    disk.fault = undefined
    const synced: string[] = []
    disk.onStep = (step, path) => {
      if (step === 'sync') synced.push(path)
    }
    clock.advance(2000)
    await quiet()
    append(3)
    await journal.close()
    expect(synced.length).toBeGreaterThan(1)
    expect(synced.filter((path) => path.endsWith('0001.seg'))).toEqual([])
  })

  it('cuts off what it could write only in part', async () => {
    const disk = new SimDisk()
    const { journal, append } = await openJournal(disk)
    append(1)
    await journal.flush()
    const before = disk.used
    disk.capacity = before + 50
    append(2)
    await journal.flush()
    expect(disk.used).toBe(before)
    expect(journal.bytes).toBe(before)
  })

  it('keeps in memory what the limits allow; beyond them all is given up together, and counted', async () => {
    const limits = { keptEntries: 10 }
    const { disk, opened, journal, append, taken, clock } = await failing('fill', 'ENOSPC', {
      limits,
    })
    for (const n of range(2, 31)) append(n)
    await quiet()
    append(32)
    expect(heardOf(opened)).toEqual(['1', ...marked(2, 32, '?')])
    expect(journal.counters().unjournaled).toBe(31)
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    append(33)
    await journal.flush()
    expect(opened.heard.holes).toBe(1)
    expect(taken).toEqual([1, 33])
    expect((await readAll(journal)).map(numberOf)).toEqual([1, 33])
    expect(opened.heard.lost).toEqual([{ from: 2, to: 32 }])
  })

  it('F-42: keeps a thousand entries, or 4 MiB of them', async () => {
    const many = await failing('fill', 'ENOSPC')
    many.append(2)
    await quiet()
    for (const n of range(3, 1001)) many.append(n)
    await quiet()
    expect(many.journal.counters().unjournaled).toBe(0)
    many.append(1002)
    expect(many.journal.counters().unjournaled).toBe(1001)

    const large = await failing('fill', 'ENOSPC')
    const bytes = new Uint8Array(2 ** 16)
    const frame = {
      device: 'd1',
      bytes,
      mono: 0,
      wall: 0,
      integrity: 'crc32',
      source: 'line',
    } as const
    // Each takes a little more than its bytes.
    large.journal.append(frame)
    await quiet()
    for (let n = 1; n < 63; n++) large.journal.append(frame)
    await quiet()
    expect(large.journal.counters().unjournaled).toBe(0)
    large.journal.append(frame)
    expect(large.journal.counters().unjournaled).toBe(64)
  })

  it('limits the bytes that it keeps as well', async () => {
    const limits = { keptBytes: 3000 }
    const { opened, journal, append } = await failing('fill', 'ENOSPC', { limits })
    append(2)
    await quiet()
    for (const n of range(3, 12)) append(n)
    expect(journal.counters().unjournaled).toBe(0)
    append(13)
    expect(journal.counters().unjournaled).toBe(12)
    expect(heardOf(opened).at(-1)).toBe('13?')
  })

  it('says a hole before anything comes in behind it, so that states can be told', async () => {
    const disk = new SimDisk()
    const opened: OpenJournal = await openJournal(disk, {
      limits: { keptEntries: 2 },
      handlers: {
        onEntries: () => {},
        onDamaged: () => {},
        onLost: () => {},
        onHole: () =>
          opened.journal.note({ kind: 'state', device: 'a', state: 7, mono: 1, wall: 2 }),
        onState: ({ kind }) => {
          if (kind === 'working') opened.append(9)
        },
      },
    })
    disk.fault = (step) => (step === 'write' ? 'ENOSPC' : undefined)
    for (const n of range(1, 5)) opened.append(n)
    await quiet()
    opened.append(6)
    disk.fault = undefined
    opened.clock.advance(2000)
    await quiet()
    const kinds = (await readAll(opened.journal)).map(({ kind }) => kind)
    expect(kinds).toEqual(['state', 'frame'])
  })

  it('a checkpoint is not lost', async () => {
    const { disk, journal, append, clock } = await failing('fill', 'EIO')
    journal.checkpoint(1)
    append(2)
    await quiet()
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    expect(journal.settled).toBe(1)
    expect((await openJournal(disk.crash(() => 0.1))).journal.settled).toBe(1)
  })

  it('closing does not wait for it', async () => {
    const { journal, append, opened } = await failing('fill', 'EIO')
    append(2)
    await journal.close()
    expect(heardOf(opened)).toEqual(['1', '2?'])
  })

  it('a disk that is full takes entries again within 5 s of space', async () => {
    const disk = new SimDisk()
    disk.capacity = 20_000
    const opened = await openJournal(disk)
    let n = 0
    while (opened.journal.state.kind === 'working') {
      opened.append(++n)
      await opened.journal.flush()
    }
    disk.capacity = 40_000
    opened.clock.advance(5000)
    await quiet()
    expect(opened.journal.state).toEqual({ kind: 'working' })
    expect(opened.taken).toEqual(range(1, n))
    expect((await readAll(opened.journal)).map(numberOf)).toEqual(range(1, n))
  })
})

describe('F-42: batched: a sync that fails', () => {
  const durability = { kind: 'batched', ms: 1000 } as const

  it('has what was written since the last one written again', async () => {
    const disk = new SimDisk()
    const opened = await openJournal(disk, { durability })
    const { journal, append, clock, taken } = opened
    append(1)
    await journal.flush()
    clock.advance(1000)
    await quiet()
    for (const n of range(2, 9)) {
      append(n)
      await journal.flush()
    }
    disk.fault = (step) => (step === 'sync' ? 'EIO' : undefined)
    clock.advance(1000)
    await quiet()
    expect(journal.state).toMatchObject({ kind: 'failing', code: 'EIO' })
    append(10)
    clock.advance(2000)
    await quiet()
    disk.fault = undefined
    clock.advance(3000)
    await quiet()
    clock.advance(1000)
    await quiet()
    expect(taken).toEqual(range(1, 10))
    expect(heardOf(opened)).toEqual([...marked(1, 9), '10?'])
    const next = await openJournal(disk.crash(() => 0.1))
    expect((await readAll(next.journal)).map(numberOf)).toEqual(range(1, 10))
  })

  it('does not disturb the order of what is being written', async () => {
    const disk = new SimDisk()
    const opened = await openJournal(disk, { durability })
    opened.append(1)
    await opened.journal.flush()
    disk.fault = (step) => (step === 'sync' ? 'EIO' : undefined)
    const release = disk.stall()
    opened.clock.advance(1000)
    opened.append(2)
    await quiet()
    opened.append(3)
    release()
    await quiet()
    disk.fault = undefined
    opened.clock.advance(2000)
    await quiet()
    expect(heardOf(opened).map(Number.parseFloat)).toEqual([1, 2, 3])
    expect((await readAll(opened.journal)).map(numberOf)).toEqual([1, 2, 3])
  })
})

describe('a disk that does not answer', () => {
  it('counts as failing after 10 s: what waits and what comes is passed on in order', async () => {
    const disk = new SimDisk()
    const opened = await openJournal(disk)
    const { journal, append, clock, taken } = opened
    append(1)
    await journal.flush()
    const release = disk.stall()
    append(2)
    await quiet()
    append(3)
    clock.advance(9999)
    expect(journal.state.kind).toBe('working')
    clock.advance(1)
    append(4)
    expect(journal.state).toMatchObject({ kind: 'failing', code: 'ETIMEDOUT' })
    expect(heardOf(opened)).toEqual(['1', '2?', '3?', '4?'])
    release()
    await quiet()
    expect(taken).toEqual([1, 2, 3, 4])
    expect(journal.state).toEqual({ kind: 'working' })
    expect(heardOf(opened)).toEqual(['1', '2?', '3?', '4?'])
    expect((await readAll(journal)).map(numberOf)).toEqual([1, 2, 3, 4])
  })

  it('and then fails as well is tried again', async () => {
    const { disk, opened, journal, append, clock } = await failing('fill', 'EIO')
    const release = disk.stall()
    append(2)
    await quiet()
    clock.advance(10_000)
    append(3)
    release()
    await quiet()
    expect(journal.state).toMatchObject({ kind: 'failing', code: 'EIO' })
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    expect((await readAll(journal)).map(numberOf)).toEqual([1, 2, 3])
    expect(heardOf(opened)).toEqual(['1', '2?', '3?'])
  })

  it('does not count as failing where the process was held up, and finds its answer afterwards', async () => {
    const disk = new SimDisk()
    const opened = await openJournal(disk)
    const { journal, append, clock } = opened
    const release = disk.stall()
    append(1)
    await quiet()
    clock.jump(60_000)
    release()
    await quiet()
    clock.advance(10_000)
    expect(journal.state.kind).toBe('working')
    expect(heardOf(opened)).toEqual(['1'])
  })

  it('counts as failing at once when too much waits behind it', async () => {
    const disk = new SimDisk()
    const limits = { waitingBytes: 3000 }
    const opened = await openJournal(disk, { limits })
    disk.stall()
    opened.append(1)
    await quiet()
    for (const n of range(2, 12)) opened.append(n)
    expect(opened.journal.state.kind).toBe('working')
    opened.append(13)
    expect(opened.journal.state).toMatchObject({ code: 'ETIMEDOUT' })
    expect(heardOf(opened)).toEqual(marked(1, 13, '?'))
  })

  it('keeps a flush waiting no longer than entries', async () => {
    const disk = new SimDisk()
    const { journal, append, clock } = await openJournal(disk)
    disk.stall()
    append(1)
    await quiet()
    const flushed = journal.flush()
    clock.advance(10_000)
    await flushed
    await journal.flush()
  })
})
