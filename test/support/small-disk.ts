import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const SMALL_DISK_BYTES = 1024 * 1024

/** True where no file system can be mounted and its tests must be left out, which it says on the terminal. */
export function withoutSmallDisk(): boolean {
  try {
    new SmallDisk().remove()
    return false
  } catch {
    console.warn('SKIPPED: a tmpfs cannot be mounted here: only root may')
    return true
  }
}

/** A real file system of 1 MiB, in memory. */
export class SmallDisk {
  readonly directory = mkdtempSync(join(tmpdir(), 'alec-small-'))

  constructor() {
    const options = `size=${SMALL_DISK_BYTES}`
    try {
      run('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', this.directory)
    } catch (error) {
      rmdirSync(this.directory)
      throw error
    }
  }

  remove(): void {
    run('umount', this.directory)
    rmdirSync(this.directory)
  }
}

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'ignore' })
