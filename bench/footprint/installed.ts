import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

interface Locked {
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
}

export interface Installed {
  readonly packages: number
  readonly packageMiB: number
  readonly ownMiB: number
  /** The largest first. */
  readonly sizes: readonly { readonly path: string; readonly mib: number }[]
}

/** What an installation for running holds, by the lock file; optional clients of a cluster are left out. */
export function installed(): Installed {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const paths = Object.entries(packages)
    .filter(([path, { dev, optional, devOptional }]) => path && !dev && !optional && !devOptional)
    .map(([path]) => path)
  const sizes = paths
    .map((path) => ({ path, mib: bytesIn(path, 'node_modules') / 2 ** 20 }))
    .sort((a, b) => b.mib - a.mib)
  const own = ['dist/src', 'dist/firmware-sim', 'config'].map((path) => bytesIn(path))
  return {
    packages: paths.length,
    packageMiB: sizes.reduce((sum, { mib }) => sum + mib, 0),
    ownMiB: own.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 20,
    sizes,
  }
}

/** Bytes of all files below a path, but for what is below directories of this name. */
function bytesIn(path: string, without?: string): number {
  if (!existsSync(path)) return 0
  return readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) return entry.name === without ? sum : sum + bytesIn(inside, without)
    return entry.isFile() ? sum + statSync(inside).size : sum
  }, 0)
}
