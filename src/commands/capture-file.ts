import { open, unlink } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Clock } from '../clock.js'
import { stdoutTarget } from './capture-stdout.js'
import type { OpenedTarget } from './capture-target.js'
import type { CommandIo } from './io.js'

/** `-` is standard output. Rejects with the system's error, `EEXIST` where there is such a file. */
export async function openTarget(path: string, io: CommandIo, clock: Clock): Promise<OpenedTarget> {
  if (path === '-') return stdoutTarget(io, clock)
  const whole = resolve(io.cwd, path)
  // Only ever written at its end, and never over something else.
  const file = await open(whole, 'ax')
  return {
    target: {
      write: (bytes) => file.writeFile(bytes),
      sync: () => file.datasync(),
      close: () => file.close(),
    },
    name: path,
    slowness: 'the disk was too slow',
    hurry: () => () => {},
    discard: () => unlink(whole),
  }
}
