import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskFiles } from '../../src/journal/index.js'
import { SMALL_DISK_BYTES, SmallDisk, withoutSmallDisk } from '../support/small-disk.js'
import { numberOf, openJournal, readAll } from './open-journal.js'

describe.skipIf(withoutSmallDisk())('F-42: a real disk of 1 MiB', () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = new SmallDisk()
  })
  afterEach(() => disk.remove())

  it.each([0, 7, 501])(
    'that is full is written to again once there is space, and nothing is lost (%i bytes to spare)',
    async (spare) => {
      const { directory } = disk
      const ballast = join(directory, 'ballast')
      writeFileSync(ballast, Buffer.alloc(SMALL_DISK_BYTES / 2 + spare))
      const { journal, clock, append, taken, heard } = await openJournal(diskFiles, { directory })
      let n = 0
      while (journal.state.kind === 'working') {
        for (let group = 0; group < 50; group++) append(++n)
        await journal.flush()
        if (n > 50_000) throw new Error('the disk is never full')
      }
      const safe = taken.length
      expect(journal.state).toMatchObject({ kind: 'failing', code: 'ENOSPC' })
      expect(heard.entries.length).toBe(n)
      expect(safe).toBeLessThan(n)
      unlinkSync(ballast)
      clock.advance(5000)
      await journal.flush()
      expect(journal.state).toEqual({ kind: 'working' })
      append(++n)
      await journal.close()
      const again = await openJournal(diskFiles, { directory })
      const numbers = (await readAll(again.journal)).map(numberOf)
      expect(numbers).toEqual(Array.from({ length: n }, (_, i) => i + 1))
      expect(again.heard.lost).toEqual([])
    },
  )
})
