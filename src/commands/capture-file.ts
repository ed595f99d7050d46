import { open, unlink } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CaptureTarget } from '../capture/index.js'
import type { CommandIo } from './io.js'

/** A file to capture into, or standard output. */
export interface OpenedTarget {
  readonly target: CaptureTarget
  /** As people know it. */
  readonly name: string
  /** Takes it away again; nothing that was there before. */
  discard(): Promise<void>
}

/** `-` is standard output. Rejects with the system's error, `EEXIST` where there is such a file. */
export async function openTarget(path: string, io: CommandIo): Promise<OpenedTarget> {
  if (path === '-')
    return { target: toStdout(io), name: 'standard output', discard: async () => {} }
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
    discard: () => unlink(whole),
  }
}

const toStdout = (io: CommandIo): CaptureTarget => ({
  write: async (bytes) => io.stdout(new TextDecoder().decode(bytes)),
  sync: async () => {},
  close: async () => {},
})
