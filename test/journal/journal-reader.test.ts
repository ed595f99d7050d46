import { describe, expect, it } from 'vitest'
import type { AppendFile, JournalReader } from '../../src/journal/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { SimDisk } from '../support/sim-disk.js'
import { frameOf, numberOf, type OpenJournal, openJournal, quiet, readAll } from './open-journal.js'

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

interface Reading {
  readonly reader: JournalReader
  /** The entry that it stands after. */
  at: number
}

/** Reads once: what comes follows what came before, but for what was removed in between. */
async function readOn(reading: Reading, removed: number, what: string): Promise<number> {
  const entries = await reading.reader.next()
  const numbers = entries.map(numberOf)
  const [first] = numbers
  if (first === undefined) return 0
  expect(numbers, what).toEqual(range(first, first + numbers.length - 1))
  if (first !== reading.at + 1) {
    expect(first, what).toBeGreaterThan(reading.at)
    expect(first - 1, what).toBeLessThanOrEqual(removed)
  }
  reading.at = first + numbers.length - 1
  return numbers.length
}

/** Writes, removes and reads in the order that a seed gives; every reader gets all there is. */
async function mixed(seed: number, disk: SimDisk): Promise<OpenJournal> {
  const random = mulberry(seed)
  const opened = await openJournal(disk, { limits: { segmentBytes: 600 } })
  const { journal, append, taken } = opened
  let n = 0
  let removed = 0
  const readings: Reading[] = [{ reader: journal.read(0), at: 0 }]
  for (let step = 0; step < 150; step++) {
    const what = `seed ${seed}, step ${step}`
    const choice = random()
    if (choice < 0.4) for (let left = random() * 12; left > 0; left--) append(++n)
    else if (choice < 0.55) await quiet(Math.floor(random() * 20))
    else if (choice < 0.62) {
      const at = Math.floor(random() * (taken.length + 1))
      readings.push({ reader: journal.read(at), at })
    } else if (choice < 0.67) {
      const keepAfter = Math.floor(random() * (taken.length + 1))
      journal.checkpoint(keepAfter)
      await journal.settle()
      await journal.trim(keepAfter)
      removed = Math.max(removed, keepAfter)
    } else {
      const reading = readings[Math.floor(random() * readings.length)]!
      // Nothing is read that is not safe.
      await readOn(reading, removed, what)
      expect(reading.at, what).toBeLessThanOrEqual(taken.length)
    }
  }
  await journal.flush()
  for (const reading of readings) {
    const what = `seed ${seed}, at the end`
    while ((await readOn(reading, removed, what)) > 0) {}
    expect(reading.at, what).toBe(n)
    expect(await reading.reader.next(), what).toEqual([])
  }
  return opened
}

const nameOf = (first: number) => `j-${String(first).padStart(16, '0')}.seg`
const flipped = (data: Uint8Array, at: number) =>
  data.map((byte, i) => (i === at ? byte ^ 0xff : byte))

/** A disk whose syncs can be held up while all else goes on, and that gives one frame damaged. */
class SlowDisk extends SimDisk {
  damaged: Uint8Array | undefined
  #held: Promise<void> | undefined

  holdSyncs(): () => void {
    let release = () => {}
    this.#held = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  override async append(path: string): Promise<AppendFile> {
    const file = await super.append(path)
    return {
      ...file,
      sync: async () => {
        await this.#held
        await file.sync()
      },
    }
  }

  override async read(path: string): Promise<Uint8Array> {
    const data = await super.read(path)
    return this.damaged ? flipped(data, Buffer.from(data).indexOf(this.damaged)) : data
  }
}

describe('a reader', () => {
  it('gets every entry once and in order, while more are written and old ones go', async () => {
    for (let seed = testSeed; seed < testSeed + 25; seed++) {
      const { heard } = await mixed(seed, new SimDisk())
      expect(heard.damaged, `seed ${seed}`).toEqual([])
    }
  })

  it('at the end goes on when the segment that it has read has grown', async () => {
    const { journal, append } = await openJournal(new SimDisk())
    const reader = journal.read(0)
    for (const n of range(1, 5)) {
      append(n)
      await journal.flush()
      expect((await reader.next()).map(numberOf)).toEqual([n])
      expect(await reader.next()).toEqual([])
    }
  })

  it('does not get what is written but not yet safe, and gets it once it is', async () => {
    const disk = new SimDisk()
    const { journal, append, clock } = await openJournal(disk)
    append(1)
    await journal.flush()
    const reader = journal.read(0)
    disk.fault = (step) => (step === 'sync' || step === 'write' ? 'EIO' : undefined)
    append(2)
    await quiet()
    expect((await reader.next()).map(numberOf)).toEqual([1])
    expect(await reader.next()).toEqual([])
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    expect((await reader.next()).map(numberOf)).toEqual([2])
  })

  it('does not take the torn rest of a group that failed for what was written again', async () => {
    const disk = new SimDisk()
    const { journal, append, clock } = await openJournal(disk)
    append(1)
    await journal.flush()
    disk.fault = (step) => (step === 'sync' || step === 'truncate' ? 'EIO' : undefined)
    for (const n of [2, 3]) append(n)
    await quiet()
    disk.fault = undefined
    clock.advance(2000)
    await quiet()
    const files = new Map(disk.files)
    const first = files.get('j-0000000000000001.seg')!
    const second = Buffer.from(first).indexOf(frameOf(2).bytes)
    expect(second).toBeGreaterThan(0)
    const next = await openJournal(new SimDisk([...files, [nameOf(1), flipped(first, second)]]))
    expect((await readAll(next.journal)).map(numberOf)).toEqual([1, 2, 3])
  })

  it('gets what becomes safe behind an entry that is damaged', async () => {
    const disk = new SlowDisk()
    const { journal, append, heard } = await openJournal(disk)
    for (const n of [1, 2]) append(n)
    await journal.flush()
    disk.damaged = frameOf(2).bytes
    const release = disk.holdSyncs()
    append(3)
    await quiet()
    const reader = journal.read(0)
    expect((await reader.next()).map(numberOf)).toEqual([1])
    expect(await reader.next()).toEqual([])
    release()
    await journal.flush()
    expect((await reader.next()).map(numberOf)).toEqual([3])
    expect(heard.lost).toEqual([{ from: 2, to: 2 }])
  })

  it('gets many entries in several steps', async () => {
    const { journal, append } = await openJournal(new SimDisk())
    for (const n of range(1, 10_000)) append(n)
    await journal.flush()
    const reader = journal.read(0)
    const lengths: number[] = []
    for (let some = await reader.next(); some.length > 0; some = await reader.next()) {
      lengths.push(some.length)
    }
    expect(lengths).toEqual([4096, 4096, 10_000 - 2 * 4096])
  })

  it('says what is missing at the end as well', async () => {
    const disk = new SimDisk()
    const first = await openJournal(disk)
    for (const n of [1, 2, 3]) {
      first.append(n)
      await first.journal.flush()
    }
    const second = await openJournal(disk.kill(), { after: 10 })
    expect((await readAll(second.journal)).map(numberOf)).toEqual([1, 2, 3])
    expect(second.heard.lost).toEqual([{ from: 4, to: 10 }])
  })
})

describe('the newest entries', () => {
  it('are had from memory, as far as that reaches back', async () => {
    const { journal, append } = await openJournal(new SimDisk())
    expect(journal.recent(0)).toEqual([])
    for (const n of range(1, 20_000)) {
      append(n)
      if (n % 500 === 0) await journal.flush()
    }
    expect(journal.recent(0)).toBeUndefined()
    expect(journal.recent(20_000)).toEqual([])
    expect(journal.recent(16_000)?.map(numberOf)).toEqual(range(16_001, 20_000))
  })

  it('are there also while the disk fails', async () => {
    const disk = new SimDisk()
    const { journal, append } = await openJournal(disk)
    disk.fault = () => 'EIO'
    append(1)
    await quiet()
    append(2)
    expect(journal.recent(0)?.map(numberOf)).toEqual([1, 2])
  })
})
