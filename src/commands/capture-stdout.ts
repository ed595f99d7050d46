import type { Clock } from '../clock.js'
import type { OpenedTarget } from './capture-target.js'
import type { CommandIo } from './io.js'

/** A reader that has not taken what waits so long after the end takes nothing any more. */
const LAST_TAKEN_MS = 5000

/**
 * Standard output, as fast as its reader takes it: meanwhile frames wait in the capture, which is bounded. A reader that
 * hangs cannot hold up the end.
 */
export function stdoutTarget(io: CommandIo, clock: Clock): OpenedTarget {
  const { stdoutReader } = io
  let giveUp = () => {}
  const taken = () =>
    new Promise<void>((resolve, reject) => {
      giveUp = () => {
        stdoutReader?.abandon()
        reject(new Error('its reader has stopped taking anything'))
      }
      if (stdoutReader) void stdoutReader.taken().then(resolve)
      else resolve()
    })
  return {
    target: {
      async write(bytes) {
        io.stdout(new TextDecoder().decode(bytes))
        await taken()
      },
      sync: async () => {},
      close: async () => {},
    },
    name: 'standard output',
    slowness: 'its reader was too slow',
    hurry: () => clock.setTimer(LAST_TAKEN_MS, () => giveUp()),
    discard: async () => {},
  }
}
