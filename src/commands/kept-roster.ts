import { isRoster, type Roster, type RosterStore } from '../control/index.js'
import { diskFiles, type FilePort, StateFile } from '../journal/index.js'
import type { Log } from '../log.js'

/** In the state directory. */
const NAME = 'devices'

/** What requests have made of the devices, as it was kept, and where it is kept. */
export async function openRoster(
  directory: string,
  log: Pick<Log, 'warn'>,
  files: FilePort = diskFiles,
): Promise<{ readonly roster: Roster | undefined; readonly rosterStore: RosterStore }> {
  const file = new StateFile({ directory, files, name: NAME })
  const { value, damaged } = await file.load()
  for (const one of damaged) log.warn({ ...one, directory }, 'damaged state set aside')
  const roster = isRoster(value) ? value : undefined
  if (value !== undefined && !roster)
    log.warn({ file: NAME, directory }, 'what requests have made of the devices cannot be read')
  return { roster, rosterStore: { save: (next) => file.save(next) } }
}
