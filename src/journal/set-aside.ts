import { join } from 'node:path'
import { discard, errorMessage, type FilePort } from './file-port.js'
import type { Damage } from './snapshot.js'

/** A file that cannot be used, or the directory itself. */
export interface DamagedFile {
  readonly name: string
  readonly damage: Damage
  readonly message: string
  /** The name that it has now; absent where the disk did not let it be renamed. */
  readonly keptAs?: string
}

/** As many damaged files are kept for people to look at; a failing disk must not fill up with them. */
const KEPT = 5
const CORRUPT = /\.corrupt-([1-9]\d{0,8})$/

/** Takes a damaged file out of the way, and says what became of it. Never rejects. */
export async function reject(
  files: FilePort,
  directory: string,
  { name, damage, message }: Omit<DamagedFile, 'keptAs'>,
): Promise<DamagedFile> {
  try {
    return { name, damage, message, keptAs: await setAside(files, directory, name) }
  } catch (error) {
    return { name, damage, message: `${message}; it stays in place: ${errorMessage(error)}` }
  }
}

/**
 * Takes a damaged file out of the way: `s-7` becomes `s-7.corrupt-1`, the next one, whatever its name,
 * `….corrupt-2`. Only the latest few of a directory are kept. Returns the new name; rejects as the disk does.
 */
export async function setAside(files: FilePort, directory: string, name: string): Promise<string> {
  const before = (await files.list(directory))
    .map((other) => ({ other, number: Number(CORRUPT.exec(other)?.[1] ?? 0) }))
    .filter(({ number }) => number > 0)
    .sort((a, b) => b.number - a.number)
  const kept = `${name}.corrupt-${(before[0]?.number ?? 0) + 1}`
  await files.rename(join(directory, name), join(directory, kept))
  for (const { other } of before.slice(KEPT - 1)) await discard(files, join(directory, other))
  return kept
}
