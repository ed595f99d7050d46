import { describe, expect, it } from 'vitest'
import { DropNotes } from '../../src/control/drop-notes.js'
import type { NewEntry } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'

/** Notes of a journal whose disk is as slow as the test wants it to be. */
function rig() {
  const written: number[] = []
  const waiting: { entry: NewEntry; taken: (() => void) | undefined }[] = []
  const logged: unknown[] = []
  const log = { warn: (fields: object) => void logged.push(fields) }
  const journal = {
    note: (entry: NewEntry, taken?: () => void) => void waiting.push({ entry, taken }),
    flush: async () => {},
    state: { kind: 'working' } as const,
    counters: () => ({ written: 0, unjournaled: 0, commits: 0, failures: 0, lost: 0 }),
  }
  const notes = new DropNotes({ journal, clock: new ManualClock(), log: log as never })
  const commit = () => {
    for (const { entry, taken } of waiting.splice(0)) {
      if (entry.kind === 'dropped') written.push(entry.count)
      taken?.()
    }
  }
  return { notes, commit, written, logged }
}

describe('F-41: a frame that is refused', () => {
  it('is acknowledged once the journal names it', () => {
    const { notes, commit, written } = rig()
    let taken = 0
    notes.refuse('d1', () => taken++)
    expect(taken).toBe(0)
    commit()
    expect([taken, written]).toEqual([1, [1]])
  })

  it('is acknowledged at once where less than a tenth is unnamed, which a crash may take', () => {
    const { notes, commit, written } = rig()
    let taken = 0
    for (let n = 1; n <= 10_000; n++) {
      notes.refuse('d1', () => taken++)
      const named = written.reduce((sum, count) => sum + count, 0)
      expect(taken - named).toBeLessThanOrEqual(n / 10)
      commit()
    }
    expect(taken).toBe(10_000)
    expect(written.length).toBeLessThan(80)
  })

  it('is named with all others when there is room again, and logged with those of a sweep', () => {
    const { notes, commit, written, logged } = rig()
    for (let n = 0; n < 1000; n++) notes.refuse('d1', () => {})
    for (let n = 0; n < 5; n++) notes.refuse('d2')
    notes.nameRefused(false)
    expect(logged).toEqual([{ readings: 1005, devices: 2 }])
    notes.refuse('d1')
    notes.nameRefused(true)
    commit()
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(1006)
    notes.nameRefused(true)
    expect(logged).toHaveLength(2)
  })
})
