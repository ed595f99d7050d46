import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfiguration } from '../../src/config/index.js'
import { ROOT, serviceFlags } from './unit-file.js'

const CONFIG = join(ROOT, 'config')
const read = (file: string): string => readFileSync(join(CONFIG, file), 'utf8')

/** The instructions of the Dockerfile, continued lines joined. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter(Boolean)
  .map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    return { name, rest: rest.replace(/\s+/g, ' ') }
  })
const all = (name: string) =>
  instructions.filter((one) => one.name === name).map(({ rest }) => rest)
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
const inLast = (name: string) =>
  lastStage.filter((one) => one.name === name).map(({ rest }) => rest)

/** What is copied from the working copy. */
const sources = all('COPY')
  .filter((rest) => !rest.startsWith('--from='))
  .flatMap((rest) => rest.split(' ').slice(0, -1))

describe('the Dockerfile', () => {
  it('has only instructions that there are', () => {
    const known = 'FROM ENV WORKDIR COPY RUN USER VOLUME STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'
    expect(instructions.filter(({ name }) => !known.split(' ').includes(name))).toEqual([])
  })

  it('copies what is there, and what its ignore file lets through', () => {
    const admitted = read('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    expect(sources.length).toBeGreaterThan(5)
    for (const source of sources) {
      expect(existsSync(join(ROOT, source)), source).toBe(true)
      expect(admitted, source).toContain(source.replace(/^\.\//, ''))
    }
  })

  it('builds in one stage, and runs in another without what building needs', () => {
    expect(all('FROM')).toHaveLength(2)
    expect(all('RUN').join('\n')).toContain('npm prune --omit=dev')
    expect(inLast('COPY').filter((rest) => rest.startsWith('--from=build'))).toEqual([
      '--from=build /build/node_modules ./node_modules',
      '--from=build /build/dist ./dist',
    ])
  })

  it('lets no package run a script of its own', () => {
    const npm = all('RUN').flatMap((rest) =>
      rest.split('&&').filter((part) => /npm (ci|prune|install)/.test(part)),
    )
    expect(npm).toHaveLength(2)
    for (const command of npm) expect(command).toContain('--ignore-scripts')
  })

  it('runs as nobody of power, with the flags of the service', () => {
    expect(inLast('USER')).toEqual(['1000:1000'])
    expect(inLast('ENV').join(' ')).toContain(`NODE_OPTIONS="${serviceFlags()}"`)
  })

  it('asks for its health by the verb, of the configuration that it runs', () => {
    const [check = ''] = inLast('HEALTHCHECK')
    const words: unknown = JSON.parse(check.slice(check.indexOf('[')))
    const [run, ...where] = JSON.parse(inLast('CMD')[0] ?? '[]') as string[]
    expect(run).toBe('run')
    expect(words).toEqual(['node', 'dist/src/cli.js', 'healthcheck', ...where])
  })
})

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly build?: { readonly context: string; readonly dockerfile: string }
        readonly volumes: readonly string[]
        readonly environment?: Readonly<Record<string, string>>
        readonly ports?: readonly string[]
        readonly cap_drop: readonly string[]
        readonly read_only: boolean
        readonly security_opt: readonly string[]
      }
    >
  >
  readonly volumes: Readonly<Record<string, unknown>>
}

describe('the compose example', () => {
  const compose = parse(read('compose.yaml'), { uniqueKeys: true }) as Compose
  const services = Object.entries(compose.services)

  it('mounts files that are there and volumes that it declares', () => {
    const mounts = services.flatMap(([, { volumes }]) =>
      volumes.map((one) => one.split(':')[0] ?? ''),
    )
    expect(mounts.length).toBeGreaterThanOrEqual(4)
    for (const mount of mounts) {
      if (mount.startsWith('.')) expect(existsSync(join(CONFIG, mount)), mount).toBe(true)
      else expect(Object.keys(compose.volumes)).toContain(mount)
    }
  })

  it('builds from the Dockerfile, with the repository as its context', () => {
    const { context = '', dockerfile = '' } = compose.services.bridge?.build ?? {}
    expect(join(CONFIG, context, dockerfile)).toBe(join(CONFIG, 'Dockerfile'))
  })

  it('gives nobody more than it needs, and opens the broker to this machine alone', () => {
    for (const [name, service] of services) {
      expect(service.cap_drop, name).toEqual(['ALL'])
      expect(service.read_only, name).toBe(true)
      expect(service.security_opt, name).toEqual(['no-new-privileges:true'])
      for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/)
    }
  })

  it('runs the bridge with an example that is valid, at the broker beside it', () => {
    const bridge = compose.services.bridge
    const [example = ''] = bridge?.volumes[0]?.split(':') ?? []
    const loaded = loadConfiguration({
      path: join(CONFIG, example),
      env: bridge?.environment ?? {},
      cwd: CONFIG,
    })
    expect(loaded.ok ? [] : loaded.problems).toEqual([])
    const { broker } = loaded.ok ? loaded.configuration : { broker: undefined }
    const [url = ''] = broker?.kind === 'external' ? broker.urls : []
    expect(Object.keys(compose.services)).toContain(new URL(url).hostname)
  })
})

describe('the udev rules', () => {
  it('have the form of rules', () => {
    const rules = read('99-alec-serial.rules')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('# '))
      .map((line) => line.replace(/^#/, ''))
    expect(rules.length).toBeGreaterThanOrEqual(4)
    const part = String.raw`[A-Z]+(\{\w+\})?(==|!=|=|\+=|:=)"[^"]*"`
    for (const rule of rules) {
      if (rule !== '') expect(rule).toMatch(new RegExp(`^${part}(, ${part})*$`))
    }
  })
})
