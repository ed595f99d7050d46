import { join, resolve } from 'node:path'
import type { Environment } from './environment.js'

/** Where a configuration may be. */
export interface Lookup {
  /** As it was given or is found, for people. */
  readonly candidates: readonly string[]
  /** True where somebody named it: then it must be there. */
  readonly named: boolean
}

/** `--config`, `$ALEC_BRIDGE_CONFIG`, else the usual places in their order. */
export function lookup(path: string | undefined, env: Environment): Lookup {
  const named = path ?? (env.ALEC_BRIDGE_CONFIG || undefined)
  if (named !== undefined) return { candidates: [named], named: true }
  const home = env.HOME ? join(env.HOME, '.config') : undefined
  const personal = env.XDG_CONFIG_HOME || home
  return {
    candidates: [
      'alec-bridge.yaml',
      ...(personal === undefined ? [] : [join(personal, 'alec-bridge', 'config.yaml')]),
      '/etc/alec-bridge/config.yaml',
    ],
    named: false,
  }
}

export const absolute = (path: string, cwd: string): string => resolve(cwd, path)
