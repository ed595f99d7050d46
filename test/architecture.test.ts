import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importCycles, importsOf, readSources, type SourceFile } from './support/import-graph.js'
import { tokenize } from './support/source-tokens.js'
import { wallViolations } from './support/walls.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const house = readSources(root, 'src', 'firmware-sim')

const file = (path: string, ...lines: string[]): SourceFile => ({ path, text: lines.join('\n') })
const violations = (path: string, ...lines: string[]) => wallViolations([file(path, ...lines)])

const linesOf = ({ text }: SourceFile): number => text.replace(/\n$/, '').split('\n').length

describe('the house', () => {
  it('has files in its rooms', () => {
    expect(house.length).toBeGreaterThan(20)
  })

  it('has no import through a wall, and no clock, chance or console where there is none', () => {
    expect(wallViolations(house)).toEqual([])
  })

  it('has no import that finds no file', () => {
    const paths = new Set(house.map(({ path }) => path))
    const lost = house.flatMap((source) =>
      importsOf(source)
        .filter(
          ({ relative, target }) => relative && /\.[cm]?tsx?$/.test(target) && !paths.has(target),
        )
        .map(({ target }) => `${source.path} imports ${target}`),
    )
    expect(lost).toEqual([])
  })

  it('has no import cycle', () => {
    expect(importCycles(house)).toEqual([])
  })

  it('has no file above 350 lines', () => {
    const large = house.filter((source) => linesOf(source) > 350)
    expect(large.map((source) => `${source.path}: ${linesOf(source)}`)).toEqual([])
  })

  it('has 90 % of its files at 200 lines or less, and half at 80 or less', () => {
    const sizes = house.map(linesOf).sort((a, b) => a - b)
    const quantile = (share: number) => sizes[Math.ceil(sizes.length * share) - 1]
    expect(quantile(0.9)).toBeLessThanOrEqual(200)
    expect(quantile(0.5)).toBeLessThanOrEqual(80)
  })

  it('has a hallway of at most 150 lines', () => {
    const hallway = house.filter(({ path }) => path === 'src/bridge.ts')
    for (const source of hallway) expect(linesOf(source)).toBeLessThanOrEqual(150)
  })
})

describe('an import through a wall is reported', () => {
  it.each([
    [
      'upward',
      'src/alec/x.ts',
      "import { Session } from '../device/index.js'",
      'alec imports src/device/index.ts: not a room below it',
    ],
    [
      'upward for its types',
      'src/alec/x.ts',
      "import type { Session } from '../device/index.js'",
      'alec imports types of src/device/index.ts: not a room below it',
    ],
    [
      'upward by re-export',
      'src/resilience/index.ts',
      "export { topic } from '../outputs/names.js'",
      'resilience imports src/outputs/names.ts: not a room below it',
    ],
    [
      'upward at run time',
      'src/framing/x.ts',
      "const m = await import('../transport/tcp.js')",
      'framing imports src/transport/tcp.ts: not a room below it',
    ],
    [
      'sideways',
      'src/http/x.ts',
      "import { open } from '../cluster/index.js'",
      'http imports src/cluster/index.ts: not a room below it',
    ],
    [
      'of values where only types are allowed',
      'src/transport/x.ts',
      "import { topic } from '../outputs/index.js'",
      'transport imports src/outputs/index.ts: only its types, by import type',
    ],
    [
      'of a package into a pure room',
      'src/device/x.ts',
      "import mqtt from 'mqtt'",
      'device imports mqtt: no packages here',
    ],
    [
      'of another package into the codec',
      'src/alec/x.ts',
      "import { deflate } from 'pako/dist/x.js'",
      'alec imports pako/dist/x.js: no other package here',
    ],
    [
      'of node into a pure room',
      'src/outputs/x.ts',
      "import 'node:fs'",
      'outputs imports node:fs: no node: modules here',
    ],
    [
      'of the clock into a pure room',
      'src/device/x.ts',
      "import type { Clock } from '../clock.js'",
      'device imports types of src/clock.ts: not a room below it',
    ],
    [
      'of the firmware into the bridge',
      'src/transport/x.ts',
      "import { Node } from '../../firmware-sim/node.js'",
      'transport imports firmware-sim/node.ts: not a room below it',
    ],
    [
      'of the device room into the firmware',
      'firmware-sim/x.ts',
      "import { judge } from '../src/device/index.js'",
      'firmware-sim imports src/device/index.ts: not a room below it',
    ],
    [
      'of node into the firmware beside its links',
      'firmware-sim/x.ts',
      "import { connect } from 'node:net'",
      'firmware-sim imports node:net: no node: modules here',
    ],
    [
      'from outside',
      'src/config/x.ts',
      "import { it } from '../../test/x.js'",
      'config imports test/x.ts: that is outside the house',
    ],
    [
      'of something unknown',
      'src/config/x.ts',
      'await import(name)',
      'config imports (computed): nobody can say what that is',
    ],
    [
      'of all names',
      'src/device/index.ts',
      "export * from './session.js'",
      'device imports src/device/session.ts by export *: a barrel lists names',
    ],
  ])('%s', (_what, path, line, fault) => {
    expect(violations(path, line)).toEqual([`${path}:1: ${fault}`])
  })

  it.each([
    ['a hash into the codec', 'src/alec/x.ts', "import xxhash from 'xxhash-wasm'"],
    ['a checksum into framing', 'src/framing/x.ts', "import crc32 from 'crc/calculators/crc32'"],
    ['downward', 'src/device/x.ts', "import { parseFrame } from '../alec/index.js'"],
    ['within the room', 'src/config/schema/x.ts', "import { ID } from '../names.js'"],
    [
      'types where they are allowed',
      'src/transport/x.ts',
      "import type { Publication } from '../outputs/index.js'",
    ],
    ['the clock into a door', 'src/transport/x.ts', "import { setRepeating } from '../clock.js'"],
    [
      'packages into a link of the firmware',
      'firmware-sim/links/x.ts',
      "import { connect } from 'mqtt'",
    ],
    ['anything into the hallway', 'src/bridge.ts', "import { open } from './transport/index.js'"],
    [
      'anything into a command',
      'src/commands/x.ts',
      "import { Fleet } from '../../firmware-sim/fleet.js'",
    ],
  ])('but not %s', (_what, path, line) => {
    expect(violations(path, line)).toEqual([])
  })
})

describe('the world where it may not be seen is reported', () => {
  it.each([
    ['src/alec/x.ts', 'const now = Date.now()', 'Date'],
    ['src/alec/x.ts', 'const now = performance.now()', 'performance'],
    ['src/device/x.ts', 'const now = new Date(wall)', 'Date'],
    ['src/outputs/x.ts', 'const now = new Date()', 'Date'],
    ['src/outputs/x.ts', 'const now = Date.now()', 'Date'],
    ['src/resilience/x.ts', 'setTimeout(() => {}, 5)', 'setTimeout'],
    ['src/resilience/x.ts', 'const r = Math.random()', 'Math.random'],
    ['src/framing/x.ts', 'const b: Buffer | null = null', 'Buffer'],
    ['src/framing/x.ts', 'if (process.env.DEBUG) console.log(1)', 'process'],
    ['src/transport/x.ts', 'const now = new Date(wall)', 'Date'],
    ['src/transport/x.ts', 'setInterval(poll, 5)', 'setInterval'],
    ['src/transport/x.ts', 'const delay = 1000 * Math.random()', 'Math.random'],
    ['src/bridge.ts', "process.on('SIGTERM', stop)", 'process.on'],
    ['src/config/x.ts', 'process.exit(78)', 'process.exit'],
    ['src/commands/x.ts', 'const now = Date.now()', 'Date'],
    ['firmware-sim/x.ts', 'const now = Date.now()', 'Date'],
    ['src/config/x.ts', 'const tree = yaml as any', 'any'],
  ])('%s: %s', (path, line, what) => {
    expect(violations(path, line)[0]).toBe(`${path}:1: uses ${what}`)
  })

  it.each([
    ['src/outputs/x.ts', 'const text = new Date(wall).toISOString()'],
    ['src/alec/x.ts', '// Date.now() and any console.log', '/* Math.random()\n process */'],
    ['src/alec/x.ts', "const text = 'process, any' + `Buffer`", 'const pattern = /Date|"console/g'],
    ['src/alec/x.ts', 'const time = frame.performance / 2 / this.process'],
    ['src/clock.ts', 'const wall = Date.now()'],
    ['src/control/x.ts', 'const year = Date.UTC(2024, 0, 1)'],
    ['src/config/x.ts', 'const home = process.env.HOME'],
    ['src/commands/x.ts', 'setTimeout(stop, 5)', 'console.log(process.argv, new Date(wall))'],
  ])('but not in %s: %s', (path, ...lines) => {
    expect(violations(path, ...lines)).toEqual([])
  })

  it('inside a template literal', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
    const line = 'const text = `now: ${`at ${Date.now()}`} any`'
    expect(violations('src/alec/x.ts', line)).toEqual(['src/alec/x.ts:1: uses Date'])
  })

  it('a file in no room', () => {
    expect(violations('src/misc/x.ts')).toEqual(['src/misc/x.ts: is in no known room'])
  })
})

describe('imports are found', () => {
  const specifiers = (...lines: string[]) => importsOf(file('src/a/b.ts', ...lines))

  it('over several lines, with comments between', () => {
    const found = specifiers(
      'import {',
      '  one, // from "elsewhere"',
      '  type two,',
      '} from /* here */ "./x.js"',
    )
    expect(found).toMatchObject([{ target: 'src/a/x.ts', typesOnly: false, line: 1 }])
  })

  it.each<[string, string, boolean]>([
    ["import './x.js'", 'src/a/x.ts', false],
    ["import a from '../x.js'", 'src/x.ts', false],
    ["import * as a from './x.js'", 'src/a/x.ts', false],
    ["import a, { type b } from './x.js'", 'src/a/x.ts', false],
    ["import type a from './x.js'", 'src/a/x.ts', true],
    ["import type { a } from './x.js'", 'src/a/x.ts', true],
    ["import type from './x.js'", 'src/a/x.ts', false],
    ["export { a } from './x.js'", 'src/a/x.ts', false],
    ["export type { a } from './x.js'", 'src/a/x.ts', true],
    ["export * as a from './x.js'", 'src/a/x.ts', false],
    ["const a = require('./x.js')", 'src/a/x.ts', false],
    ["type A = import('./x.js').A", 'src/a/x.ts', false],
    ["import a from '@scope/name/deep.js'", '@scope/name', false],
    ["import a from 'node:fs/promises'", 'node:fs/promises', false],
  ])('%s', (line, target, typesOnly) => {
    expect(specifiers(line)).toMatchObject([{ target, typesOnly }])
  })

  it.each([
    'const url = import.meta.url',
    "export const from = 'x'",
    "export type From = 'from' | 'x'",
    'export { a, b }',
    '// import a from "./x.js"',
    'const text = "import a from \'./x.js\'"',
  ])('but not in: %s', (line) => {
    expect(specifiers(line)).toEqual([])
  })
})

it('import cycles are found once each', () => {
  const sources = [
    file('src/a.ts', "import './b.js'"),
    file('src/b.ts', "import type { C } from './c.js'"),
    file('src/c.ts', "export { a } from './a.js'"),
    file('src/d.ts', "import './a.js'"),
    file('src/e.ts', "import './e.js'"),
  ]
  expect(importCycles(sources)).toEqual([['src/a.ts', 'src/b.ts', 'src/c.ts'], ['src/e.ts']])
})

it('slashes are told apart: division, comment, regular expression', () => {
  const tokens = tokenize('a = b / c / /x[/]y\\//g.test(d) // e')
  expect(tokens.map(({ text }) => text)).toEqual([
    'a',
    '=',
    'b',
    '/',
    'c',
    '/',
    '/x[/]y\\//g',
    '.',
    'test',
    '(',
    'd',
    ')',
  ])
})
