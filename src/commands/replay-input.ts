import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { type CapturedFrame, readCapture } from '../capture/index.js'
import type { CommandIo } from './io.js'

/** Which frames of a capture are wanted. */
export interface Choice {
  readonly device?: readonly string[]
  /** Unix milliseconds, inclusive. */
  readonly from?: number
  readonly until?: number
}

/** What has not come out of a capture. */
export interface InputFaults {
  faults: number
  torn: boolean
}

/**
 * The frames of a capture up to `until`, of the devices that are wanted; those before `from` as well. What cannot be read
 * is said with its place, and skipped. Rejects with the system's error where there is no such file.
 */
export async function* chosenFrames(
  path: string,
  choice: Choice,
  faults: InputFaults,
  io: CommandIo,
): AsyncGenerator<CapturedFrame> {
  const name = path === '-' ? 'standard input' : path
  const wanted = choice.device && new Set(choice.device)
  const input = path === '-' ? io.stdin : createReadStream(resolve(io.cwd, path))
  for await (const entry of readCapture(input)) {
    if (io.signal.aborted) return
    const say = (words: string) => io.stderr(`${name}:${entry.line}: ${words}\n`)
    switch (entry.kind) {
      case 'frame': {
        const { frame } = entry
        if (wanted && !wanted.has(frame.device)) break
        // A wall clock may go back: later frames may be earlier ones.
        if (choice.until === undefined || frame.wall <= choice.until) yield frame
        break
      }
      case 'fault':
        faults.faults++
        say(`${entry.reason}; skipped`)
        break
      case 'torn':
        faults.torn = true
        say('the last line is not complete: whoever wrote it was stopped; skipped')
        break
      case 'foreign':
        faults.faults++
        say(`a capture of version ${entry.version}, and this program reads version 1: update it`)
    }
  }
}
