import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Configuration, SerialSourceConfig } from '../config/index.js'
import type { Source, SourceState } from '../transport/index.js'
import type { CaptureEars, CaptureInlet, Deaf } from './capture-inlet.js'
import { stopped } from './ending.js'
import { Exit } from './io.js'

/** The serial source of a configuration at this path, whatever name of it was given. */
export function serialSourceAt(
  path: string,
  { sources }: Configuration,
  cwd: string,
): SerialSourceConfig | undefined {
  const serial = sources.filter((source) => source.kind === 'serial')
  const real = (name: string) => realPath(resolve(cwd, name))
  return (
    serial.find((source) => source.path === path) ??
    serial.find((source) => isFile(source.path) && isFile(path) && real(source.path) === real(path))
  )
}

const isFile = (path: string | undefined): path is string =>
  path !== undefined && !/^\w+:\/\//.test(path)

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** A serial line that this program opens itself. One that was open once is opened again when it goes away. */
export class PortInlet implements CaptureInlet {
  readonly sources: readonly string[]
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
    this.sources = [source.id]
  }

  async listen(ears: CaptureEars, signal: AbortSignal): Promise<Deaf | undefined> {
    let wasOpen = false
    let told = ''
    const failed = new Promise<Deaf>((resolve) => {
      const follow = (state: SourceState) => {
        if (state.kind === 'open') {
          wasOpen = true
          told = ''
          ears.onNews(`listening at ${this.#source.id}`)
        } else if (state.kind === 'away' && !wasOpen) {
          const isForbidden = state.code === 'EACCES' || state.code === 'EPERM'
          const exit = isForbidden ? Exit.noPermission : Exit.unavailable
          resolve({ exit, reason: state.reason })
        } else if (state.kind === 'away' && state.reason !== told) {
          told = state.reason
          ears.onNews(`${state.reason} (nothing is heard until it is back)`)
        }
      }
      this.#source.start({
        onFrame: (frame) => {
          ears.onFrame(frame)
          return true
        },
        onState: follow,
        onUnknown: (id, reason) => ears.onRefused(`address ${id}: ${reason}`),
      })
    })
    try {
      return await Promise.race([failed, stopped(signal)])
    } finally {
      await this.#source.stop()
      for (const [reason, count] of Object.entries(this.#source.counters().rejected))
        if (reason !== 'unknown-id') ears.onRefused(`no frame: ${reason}`, count)
    }
  }
}
