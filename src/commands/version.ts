import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of this package, whether this runs from `src` or from `dist/src`. */
export const packageRoot: URL = ['../../', '../../../']
  .map((up) => new URL(up, import.meta.url))
  .find((root) => existsSync(new URL('package.json', root))) as URL

/** Where the build puts the dashboard's page. */
export const pageDirectory: string = fileURLToPath(new URL('dist/src/page/', packageRoot))

const manifest = JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as {
  readonly version: string
}

/** The version of this package. */
export const version: string = manifest.version
