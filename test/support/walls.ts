import { type Import, importsOf, type SourceFile } from './import-graph.js'
import { type Token, tokenize } from './source-tokens.js'

/** What one room may do; see "Rooms and walls" in the architecture document. */
interface Room {
  /** Rooms it may import; `types:` in front where only their types. */
  readonly rooms: readonly string[] | 'all'
  /** Packages it may import. */
  readonly npm: readonly string[] | 'any'
  readonly node: boolean
  /** Pure: no clock, chance, console, process, Buffer. Doors: time only through `Clock`. Free: anything. */
  readonly world: 'pure' | 'dates-from-numbers' | 'doors' | 'browser' | 'free'
}

const door = (...rooms: string[]): Room => ({ rooms, npm: 'any', node: true, world: 'doors' })

const ROOMS: Readonly<Record<string, Room>> = {
  alec: { rooms: [], npm: ['xxhash-wasm', 'crc'], node: false, world: 'pure' },
  framing: { rooms: [], npm: ['crc'], node: false, world: 'pure' },
  resilience: { rooms: [], npm: [], node: false, world: 'pure' },
  device: { rooms: ['alec', 'framing', 'resilience'], npm: [], node: false, world: 'pure' },
  survey: { rooms: ['alec', 'framing', 'device'], npm: [], node: false, world: 'pure' },
  capture: {
    rooms: ['types:framing', 'spelling'],
    npm: [],
    node: false,
    world: 'dates-from-numbers',
  },
  outputs: { rooms: ['device', 'resilience'], npm: [], node: false, world: 'dates-from-numbers' },
  journal: door('types:framing', 'clock'),
  transport: door('framing', 'types:outputs', 'types:config', 'resilience', 'clock'),
  http: door(
    'device',
    'types:outputs',
    'types:config',
    'types:control',
    'types:journal',
    'types:transport',
    'resilience',
    'clock',
    'types:log',
  ),
  explanation: {
    rooms: ['alec', 'device', 'spelling'],
    npm: [],
    node: false,
    world: 'dates-from-numbers',
  },
  page: {
    rooms: ['types:alec', 'device', 'explanation', 'spelling', 'types:http', 'types:resilience'],
    npm: 'any',
    node: false,
    world: 'browser',
  },
  control: {
    rooms: [
      'types:framing',
      'device',
      'outputs',
      'capture',
      'config',
      'resilience',
      'types:transport',
      'journal',
      'types:cluster',
      'clock',
      'types:log',
    ],
    npm: [],
    node: false,
    world: 'doors',
  },
  config: door(),
  cluster: door('journal', 'types:device', 'transport', 'types:config', 'resilience', 'clock'),
  bridge: { rooms: 'all', npm: [], node: false, world: 'doors' },
  'bridge-options': { rooms: 'all', npm: [], node: false, world: 'pure' },
  'turn-pace': { rooms: [], npm: [], node: false, world: 'pure' },
  clock: { rooms: ['turn-pace'], npm: [], node: false, world: 'free' },
  log: { rooms: [], npm: [], node: false, world: 'pure' },
  spelling: { rooms: [], npm: [], node: false, world: 'pure' },
  names: { rooms: [], npm: [], node: false, world: 'pure' },
  'topic-filter': { rooms: [], npm: [], node: false, world: 'pure' },
  'password-line': { rooms: [], npm: [], node: false, world: 'pure' },
  'process-gauge': door('types:control'),
  machine: door('types:control', 'clock'),
  commands: { rooms: 'all', npm: 'any', node: true, world: 'free' },
  program: { rooms: 'all', npm: 'any', node: true, world: 'free' },
  'heap-growth': { rooms: [], npm: [], node: true, world: 'free' },
  'small-heap': { rooms: ['heap-growth'], npm: [], node: false, world: 'free' },
  cli: { rooms: 'all', npm: 'any', node: true, world: 'free' },
  'firmware-sim': { rooms: ['alec', 'framing', 'clock'], npm: [], node: false, world: 'doors' },
  'firmware-sim doors': door('firmware-sim', 'alec', 'framing', 'clock'),
  'firmware-sim main': { rooms: 'all', npm: 'any', node: true, world: 'free' },
}

/** What every room may import: the one place where ids, topics and the lines of password files are judged. */
const COMMON: readonly string[] = ['names', 'topic-filter', 'password-line']

/** The room that a file is in; undefined outside the house. */
export function roomOf(path: string): string | undefined {
  if (/^firmware-sim\/main\.ts$/.test(path)) return 'firmware-sim main'
  // Links open terminals and sockets, scenarios are files.
  if (/^firmware-sim\/(links|scenario)\//.test(path)) return 'firmware-sim doors'
  if (path.startsWith('firmware-sim/')) return 'firmware-sim'
  return /^src\/([^/]+?)(?:\.ts$|\/)/.exec(path)?.[1]
}

/** Everything in these sources that goes through a wall, one line each. */
export const wallViolations = (sources: readonly SourceFile[]): string[] =>
  sources.flatMap((source) => {
    const name = roomOf(source.path)
    const room = name === undefined ? undefined : ROOMS[name]
    if (name === undefined || room === undefined) return [`${source.path}: is in no known room`]
    const tokens = tokenize(source.text)
    return [
      ...importsOf(source).flatMap((one) => {
        const fault = importFault(name, room, one)
        return fault === undefined ? [] : [`${source.path}:${one.line}: ${fault}`]
      }),
      ...globalFaults(room, source.path, tokens),
    ]
  })

function importFault(name: string, room: Room, one: Import): string | undefined {
  const { specifier, target, relative, typesOnly } = one
  const imports = `${name} imports ${typesOnly ? 'types of ' : ''}${relative ? target : specifier}`
  if (one.exportsAll) return `${imports} by export *: a barrel lists names`
  if (specifier === '(computed)') return `${imports}: nobody can say what that is`
  if (!relative) {
    if (target.startsWith('node:'))
      return room.node ? undefined : `${imports}: no node: modules here`
    if (room.npm === 'any' || room.npm.includes(target)) return undefined
    return `${imports}: no ${room.npm.length > 0 ? 'other package' : 'packages'} here`
  }
  const other = roomOf(target)
  if (other === undefined) return `${imports}: that is outside the house`
  if (sameHouse(name, other) || mayImport(room, other)) return undefined
  if (!mayImport(room, `types:${other}`)) return `${imports}: not a room below it`
  return typesOnly ? undefined : `${imports}: only its types, by import type`
}

const mayImport = (room: Room, other: string): boolean =>
  room.rooms === 'all' || room.rooms.includes(other) || COMMON.includes(other)

/** The parts of the simulated firmware are one room, but for what they may do. */
const sameHouse = (a: string, b: string): boolean => a.split(' ')[0] === b.split(' ')[0]

const CLOCK = ['performance', 'setTimeout', 'setInterval', 'setImmediate']
const PURE = new Set([
  ...CLOCK,
  'console',
  'process',
  'Buffer',
  'crypto',
  'queueMicrotask',
  'globalThis',
  'fetch',
])
const DOORS = new Set([...CLOCK, 'console'])
/** The process's own face to the world: for commands alone. */
const FACE = new Set('argv stdout stderr stdin exit exitCode on once kill abort'.split(' '))

function globalFaults(room: Room, path: string, tokens: readonly Token[]): string[] {
  const faults: string[] = []
  tokens.forEach(({ kind, text, line }, index) => {
    if (kind !== 'word' || tokens[index - 1]?.text === '.') return
    const fault =
      text === 'any' && room.world !== 'browser'
        ? 'any'
        : globalFault(room.world, path, tokens, index)
    if (fault !== undefined) faults.push(`${path}:${line}: uses ${fault}`)
  })
  return faults
}

function globalFault(
  world: Room['world'],
  path: string,
  tokens: readonly Token[],
  index: number,
): string | undefined {
  const text = tokens[index]?.text ?? ''
  const member = tokens[index + 1]?.text === '.' ? tokens[index + 2]?.text : undefined
  if (world === 'browser' || path === 'src/clock.ts') return undefined
  if (text === 'Date') return dateFault(world, tokens, index)
  if (world === 'free') return undefined
  if (text === 'Math' && member === 'random') return 'Math.random'
  if (world === 'doors') {
    if (text === 'process' && FACE.has(member ?? '')) return `process.${member}`
    return DOORS.has(text) ? text : undefined
  }
  return PURE.has(text) ? text : undefined
}

/** Reading the wall clock is for `clock.ts`; to word a time that was handed in is for outputs and commands. */
function dateFault(
  world: Room['world'],
  tokens: readonly Token[],
  index: number,
): string | undefined {
  const made = tokens[index - 1]?.text === 'new'
  const wordsANumber = made && tokens[index + 1]?.text === '(' && tokens[index + 2]?.text !== ')'
  if (world === 'dates-from-numbers') return wordsANumber ? undefined : 'Date'
  if (world === 'pure') return 'Date'
  const calculates = ['UTC', 'parse'].includes(tokens[index + 2]?.text ?? '')
  if (calculates && tokens[index + 1]?.text === '.') return undefined
  return wordsANumber && world === 'free' ? undefined : 'Date'
}
