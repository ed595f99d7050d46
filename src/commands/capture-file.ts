import { open, unlink } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Clock } from '../clock.js'
import { stdoutTarget } from './capture-stdout.js'
import type { OpenedTarget } from './capture-target.js'
import type { CommandIo } from './io.js'

/** A disk that has not taken what waits so long after the end is not waited for any more. */
const LAST_WRITTEN_MS = 5000

/** What a capture needs of a file, one call at a time. */
export interface OpenFile {
  writeFile(bytes: Uint8Array): Promise<void>
  datasync(): Promise<void>
  close(): Promise<void>
}

/** `-` is standard output. Rejects with the system's error, `EEXIST` where there is such a file. */
export async function openTarget(path: string, io: CommandIo, clock: Clock): Promise<OpenedTarget> {
  if (path === '-') return stdoutTarget(io, clock)
  const whole = resolve(io.cwd, path)
  // Only ever written at its end, and never over something else.
  const file = await open(whole, 'ax')
  return { ...fileTarget(file, clock), name: path, discard: () => unlink(whole) }
}

/** A file, for as long as its disk answers: one that hangs cannot hold up the end. */
export function fileTarget(
  file: OpenFile,
  clock: Clock,
): Pick<OpenedTarget, 'target' | 'slowness' | 'hurry'> {
  let isGivenUp = false
  let giveUp = () => {}
  const answered = (work: Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      giveUp = () => reject(new Error('the disk does not answer'))
      work.then(resolve, reject)
      if (isGivenUp) giveUp()
    })
  return {
    target: {
      write: (bytes) => answered(file.writeFile(bytes)),
      sync: () => answered(file.datasync()),
      close: () => answered(file.close()),
    },
    slowness: 'the disk was too slow',
    hurry: () =>
      clock.setTimer(LAST_WRITTEN_MS, () => {
        isGivenUp = true
        giveUp()
      }),
  }
}
