import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/clock.js'
import type { Frame } from '../../src/framing/index.js'
import { diskFiles, findJournal, Journal } from '../../src/journal/index.js'
import { type Course, portion } from './course.js'

const FRAMES = 200_000
/** So many are on their way to the disk at most. */
const BATCH = 4096

const frame: Frame = {
  device: 'greenhouse-1',
  bytes: Uint8Array.of(0xa1, 0x31, 0x07, 0x55, 0x10, 0x8f, 0x2a),
  mono: 86_400_000.25,
  wall: 1_767_225_600_000,
  integrity: 'crc32',
  source: 'line-1',
}

/** Compact frames into the journal on the real disk, without waiting for it (`durability: os`). */
export const journalAppend: Course = {
  name: 'journal append',
  does: `frames into the journal below the directory of temporary files, up to ${BATCH} on their way`,
  unit: 'frames',
  async prepare(share) {
    const count = portion(FRAMES, share)
    const directory = mkdtempSync(join(tmpdir(), 'alec-stress-'))
    const journal = await openIn(directory)
    return async () => {
      let safe = 0
      for (let n = 1; n <= count; n++) {
        journal.append(frame, () => {
          safe++
        })
        if (n % BATCH === 0) await journal.flush()
      }
      await journal.flush()
      await journal.close()
      rmSync(directory, { recursive: true })
      if (safe !== count) throw new Error(`${safe} of ${count} frames are safe`)
      return count
    }
  },
}

async function openIn(directory: string): Promise<Journal> {
  const quiet = () => {}
  return new Journal({
    directory,
    files: diskFiles,
    clock: systemClock,
    durability: { kind: 'os' },
    maxBytes: 256 * 2 ** 20,
    found: await findJournal(diskFiles, directory),
    after: 0,
    boot: { id: '', uptimeMs: () => performance.now() },
    handlers: {
      onEntries: quiet,
      onHole: quiet,
      onState: (state) => {
        if (state.kind === 'failing') throw new Error(`${directory}: ${state.reason}`)
      },
      onDamaged: quiet,
      onLost: quiet,
    },
  })
}
