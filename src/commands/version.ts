import { existsSync, readFileSync } from 'node:fs'

/** The root of this package, whether this runs from `src` or from `dist/src`. */
export const packageRoot: URL = ['../../', '../../../']
  .map((up) => new URL(up, import.meta.url))
  .find((root) => existsSync(new URL('package.json', root))) as URL

const manifest = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as {
  readonly version: string
}

/** The version of this package. */
export const version: string = manifest.version
