import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { SnapshotStore } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { numberOf, openJournal, readAll } from './open-journal.js'
import { stateOf, wholeState } from './states.js'

const FRAMES = 12
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

type Files = [name: string, data: Uint8Array][]

const storeOn = (files: SimDisk) =>
  new SnapshotStore({ directory: STATE, files, clock: new ManualClock() })

/** Three segments, two checkpoints, two snapshots. */
async function smallState(): Promise<Files> {
  const disk = new SimDisk()
  const store = storeOn(disk)
  await store.load()
  const { journal, append } = await openJournal(disk, { limits: { segmentBytes: 330 } })
  for (const n of range(1, FRAMES)) {
    append(n)
    await journal.flush()
    if (n % 5 > 0) continue
    journal.checkpoint(n - 3)
    await journal.settle()
    await store.save(stateOf(n), journal.settled)
  }
  await journal.close()
  expect(disk.names.length).toBe(5)
  return disk.files
}

/** Opens what is there as the bridge does: what it reads is what was written, in order, and it goes on behind it. */
async function startsOn(files: Files, what: string): Promise<number[]> {
  const disk = new SimDisk(files)
  const store = storeOn(disk)
  const { snapshot } = wholeState(await store.load())
  const { journal, append, taken, heard } = await openJournal(disk, { after: store.newestOrdinal })
  const { settled } = journal
  const entries = await readAll(journal)
  const numbers = entries.map(numberOf)
  const last = numbers.at(-1) ?? 0
  // Each that is missing and is not behind the last is named.
  const unnamed = range(1, last).filter(
    (n) => !numbers.includes(n) && !heard.lost.some(({ from, to }) => from <= n && n <= to),
  )
  append(FRAMES + 1)
  await journal.flush()
  const holds = {
    snapshot: snapshot === undefined || isDeepStrictEqual(snapshot, stateOf(snapshot.ordinal)),
    settled: [0, 2, 7].includes(settled),
    content: entries.every(({ ordinal }, i) => ordinal === numbers[i] && ordinal <= FRAMES),
    order: numbers.every((n, i) => n > (numbers[i - 1] ?? 0)),
    named: unnamed.length === 0,
    goesOn: taken.includes(FRAMES + 1) && journal.lastOrdinal > last,
    rereads: numberOf((await readAll(journal)).at(-1)!) === FRAMES + 1,
  }
  expect(holds, what).toEqual(ALL_HOLD)
  return numbers
}

const ALL_HOLD = {
  snapshot: true,
  settled: true,
  content: true,
  order: true,
  named: true,
  goesOn: true,
  rereads: true,
}

/** Changes every byte position of every file, one at a time. */
async function everyByte(
  change: (data: Uint8Array, at: number) => Uint8Array,
): Promise<{ name: string; at: number; numbers: number[] }[]> {
  const files = await smallState()
  const outcomes: { name: string; at: number; numbers: number[] }[] = []
  for (const [name, data] of files) {
    for (let at = 0; at < data.length; at++) {
      const changed = files.map(([other, bytes]): Files[number] => [
        other,
        other === name ? change(bytes, at) : bytes,
      ])
      outcomes.push({ name, at, numbers: await startsOn(changed, `${name}, byte ${at}`) })
    }
  }
  return outcomes
}

it('F-45: any flipped byte of any file costs at most one entry', async () => {
  const outcomes = await everyByte((data, at) =>
    data.map((byte, i) => (i === at ? byte ^ 0x41 : byte)),
  )
  const costs = outcomes.map(({ numbers }) => FRAMES - numbers.length)
  expect(Math.max(...costs)).toBe(1)
  expect(costs.filter((cost) => cost === 1).length).toBeGreaterThan(500)
})

it('F-45: any file may be cut at any byte: what is before stays', async () => {
  const outcomes = await everyByte((data, at) => data.subarray(0, at))
  for (const { name, at, numbers } of outcomes) {
    const first = Number(/^j-(\d+)/.exec(name)?.[1] ?? 0)
    if (first > 1)
      expect(numbers.slice(0, first - 1), `${name}, ${at}`).toEqual(range(1, first - 1))
    if (first === 0) expect(numbers.length, `${name}, ${at}`).toBe(FRAMES)
  }
})

it('F-45: any byte may stand there twice', async () => {
  const outcomes = await everyByte((data, at) =>
    Buffer.concat([data.subarray(0, at + 1), data.subarray(at)]),
  )
  for (const { name, at, numbers } of outcomes) {
    expect(numbers.length, `${name}, ${at}`).toBeGreaterThanOrEqual(FRAMES - 1)
  }
})

it('F-45: any file may be gone or empty', async () => {
  const files = await smallState()
  for (const [name] of files) {
    await startsOn(
      files.filter(([other]) => other !== name),
      `without ${name}`,
    )
    const emptied = files.map(([other, data]): Files[number] => [
      other,
      other === name ? new Uint8Array() : data,
    ])
    await startsOn(emptied, `${name} is empty`)
  }
})
