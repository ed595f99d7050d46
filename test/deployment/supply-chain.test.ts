import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './unit-file.js'

interface LockedPackage {
  readonly version: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

const json = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
const manifest = json('package.json') as Record<
  'dependencies' | 'optionalDependencies' | 'devDependencies',
  object
>
const lock = json('package-lock.json') as { readonly packages: Record<string, LockedPackage> }
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')
const atRuntime = locked.filter(([, { dev }]) => !dev)

/** Its native part comes prebuilt in the package: the script would only build what nobody waits for. */
const SCRIPTS_NOT_RUN = ['node_modules/@serialport/bindings-cpp']
const LICENCES = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0']
/** Only while we build. */
const LICENCES_OF_TOOLS = [...LICENCES, 'MPL-2.0', 'MIT OR Apache-2.0']
/** The oldest that have no hole that is known to us. */
const FLOORS = { aedes: [1, 2, 0], mqtt: [5, 16, 0] }

/** What a package says of its licence; undefined where it is for another machine and not installed. */
function licenceOf(path: string): string | undefined {
  const file = join(path, 'package.json')
  if (!statSync(join(ROOT, file), { throwIfNoEntry: false })) return undefined
  const { license, licenses } = json(file) as { license?: unknown; licenses?: unknown }
  if (typeof license === 'string') return license
  const types = [license, licenses]
    .flat()
    .map((one) => (one as { type?: string } | undefined)?.type)
  return types.find((type) => type !== undefined) ?? 'none'
}

describe('what we depend on', () => {
  it('is locked with its hash, all of it', () => {
    expect(locked.length).toBeGreaterThan(50)
    const open = locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    expect(open.map(([path]) => path)).toEqual([])
  })

  it('is asked for in exact versions, those that are locked', () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest
    const asked = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies })
    for (const [name, version] of asked) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/)
      expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version)
    }
  })

  it('is at most 110 packages at run time', () => {
    expect(atRuntime.length).toBeGreaterThan(20)
    expect(atRuntime.length).toBeLessThanOrEqual(110)
  })

  it('has no script that would have to run when it is installed, but for those that we know and skip', () => {
    const scripted = atRuntime.filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(scripted.map(([path]) => path)).toEqual(SCRIPTS_NOT_RUN)
    expect(readFileSync(join(ROOT, '.ci/setup.mjs'), 'utf8')).toContain("'--ignore-scripts'")
  })

  it('has licences that let everybody use us', () => {
    const wrong = locked.flatMap(([path, { dev }]) => {
      const licence = licenceOf(path)
      const allowed = dev ? LICENCES_OF_TOOLS : LICENCES
      return licence === undefined || allowed.includes(licence) ? [] : [`${path}: ${licence}`]
    })
    expect(wrong).toEqual([])
    const looked = atRuntime.filter(([path]) => licenceOf(path) !== undefined)
    expect(looked.length).toBeGreaterThan(atRuntime.length / 2)
  })

  it.each(Object.entries(FLOORS))(
    'has no %s that is older than the last known hole',
    (name, floor) => {
      const version = lock.packages[`node_modules/${name}`]?.version.split('.').map(Number) ?? []
      const differs = floor.findIndex((part, index) => part !== version[index])
      if (differs >= 0) expect(version[differs]).toBeGreaterThan(floor[differs] ?? 0)
    },
  )
})
