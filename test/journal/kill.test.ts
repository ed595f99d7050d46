import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { diskFiles, SnapshotStore } from '../../src/journal/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { openJournal, ordinalsOf, readAll } from './open-journal.js'
import { StateProcesses } from './state-processes.js'
import { wholeState } from './states.js'

const KILLS = 8

let processes: StateProcesses
beforeAll(() => {
  processes = new StateProcesses()
})
afterAll(() => processes.stop())

it('a process that is killed while it saves leaves what it had acknowledged', async () => {
  const random = mulberry(testSeed)
  const directory = join(processes.directory, 'killed')
  mkdirSync(directory)
  let acknowledged = -1
  for (let kill = 1; kill <= KILLS; kill++) {
    const what = `seed ${testSeed}, kill ${kill}`
    // It goes on while it is told to end, so that the end is at any moment of a save.
    let left = 1 + Math.floor(random() * 20)
    await new Promise<void>((resolve, reject) => {
      const child = processes.startSaving(directory, (outcome) => {
        if (!outcome.ok) reject(new Error(`${what}: ${outcome.code} ${outcome.message}`))
        else acknowledged = outcome.ordinal
        if (--left === 0) child.kill('SIGKILL')
      })
      child.once('exit', resolve)
    })
    const store = new SnapshotStore({ directory, files: diskFiles, clock: systemClock })
    const { snapshot, damaged } = wholeState(await store.load())
    expect(damaged, what).toEqual([])
    expect(snapshot?.ordinal, what).toBeGreaterThanOrEqual(acknowledged)
    const numbers = snapshot?.devices.get('shed-1') as number[]
    expect(numbers.length, what).toBe(20_000)
    expect(numbers[8], what).toBe((snapshot?.ordinal ?? 0) + 1)
    expect(
      readdirSync(directory).every((name) => /^s-\d+$/.test(name)),
      what,
    ).toBe(true)
  }
  expect(acknowledged).toBeGreaterThan(KILLS)
})

it('F-43: a process that is killed while it appends leaves every entry that it had said to be safe', async () => {
  const random = mulberry(testSeed)
  const directory = join(processes.directory, 'appending')
  mkdirSync(directory)
  let safe = 0
  for (let kill = 1; kill <= KILLS; kill++) {
    const what = `seed ${testSeed}, kill ${kill}`
    let left = 1 + Math.floor(random() * 60)
    await new Promise<void>((resolve, reject) => {
      const child = processes.startAppending(directory, (said) => {
        if (typeof said === 'object') reject(new Error(`${what}: ${JSON.stringify(said)}`))
        else safe = Math.max(safe, said)
        if (--left === 0) child.kill('SIGKILL')
      })
      child.once('exit', resolve)
    })
    const { journal, heard } = await openJournal(diskFiles, { directory })
    const entries = await readAll(journal)
    expect(heard.damaged, what).toEqual([])
    expect(journal.lastOrdinal, what).toBeGreaterThanOrEqual(safe)
    expect(
      heard.lost.filter(({ from }) => from <= safe),
      what,
    ).toEqual([])
    expect(ordinalsOf(entries).slice(0, safe), what).toEqual(
      Array.from({ length: safe }, (_, i) => i + 1),
    )
    await journal.close()
  }
  expect(safe).toBeGreaterThan(20 * KILLS)
  expect(readdirSync(directory).length).toBeGreaterThan(1)
})
