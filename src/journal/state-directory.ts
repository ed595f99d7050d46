import { join, resolve } from 'node:path'
import { errorMessage, type FilePort } from './file-port.js'
import { StateError } from './state-error.js'

export interface StateDirectoryOptions {
  /** `--state-dir`. */
  readonly option?: string
  /** `state_dir` of the configuration. */
  readonly configured?: string
  /** Where relative paths begin. */
  readonly cwd: string
}

const NAME = 'alec-bridge'
/** For a service without a home. */
const SYSTEM = '/var/lib'

/**
 * Where the state lives: `--state-dir`, `state_dir`, `$STATE_DIRECTORY`, `$XDG_STATE_HOME/alec-bridge`,
 * `~/.local/state/alec-bridge`, `/var/lib/alec-bridge`. What is set but empty counts as not set.
 */
export function stateDirectory(
  { option, configured, cwd }: StateDirectoryOptions,
  env: Readonly<Record<string, string | undefined>>,
): string {
  // The service manager lists several where the unit declares several; the first is ours.
  const own = option || configured || env.STATE_DIRECTORY?.split(':')[0]
  if (own) return resolve(cwd, own)
  // The XDG specification has relative paths ignored.
  const xdg = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : undefined
  const home = env.HOME ? resolve(cwd, env.HOME, '.local/state') : SYSTEM
  return join(xdg ?? home, NAME)
}

/** Makes the state directory, for its owner alone, where it is not there; rejects with `ERR_STATE_DIRECTORY`. */
export async function createStateDirectory(files: FilePort, directory: string): Promise<void> {
  try {
    await files.makeDirectory(directory)
  } catch (cause) {
    const message = `the state directory ${directory} cannot be made: ${errorMessage(cause)}`
    throw new StateError('ERR_STATE_DIRECTORY', message, { cause })
  }
}
