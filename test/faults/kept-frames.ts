import { systemClock } from '../../src/clock.js'
import { BridgeMemory } from '../../src/control/index.js'
import type { Frame } from '../../src/framing/index.js'
import { diskFiles, type FilePort } from '../../src/journal/index.js'
import { thisMachine } from '../../src/machine.js'

const refuse = () => Promise.reject(new Error('only looked at'))

const readOnlyFiles: FilePort = {
  ...diskFiles,
  write: refuse,
  append: refuse,
  truncate: refuse,
  rename: refuse,
  unlink: refuse,
  syncDirectory: refuse,
  makeDirectory: refuse,
}

/** The frames that the journal of a bridge holds, as the bridge itself would read them; nothing is changed. */
export async function keptFrames(stateDir: string): Promise<readonly Frame[]> {
  const ignore = () => {}
  const { journal } = await BridgeMemory.openUnlocked({
    directory: stateDir,
    files: readOnlyFiles,
    clock: systemClock,
    machine: thisMachine(systemClock.wall),
    durability: { kind: 'strict' },
    maxBytes: 2 ** 30,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  })
  const frames: Frame[] = []
  const reader = journal.read(0)
  for (let entries = await reader.next(); entries.length > 0; entries = await reader.next()) {
    for (const entry of entries) if (entry.kind === 'frame') frames.push(entry.frame)
  }
  return frames
}
