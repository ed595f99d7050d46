import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import {
  BridgeMemory,
  type BridgeMemoryOptions,
  fleetOptions,
  restoreFleet,
} from '../control/index.js'
import { Fleet, type Moment, planDocument, samePlan } from '../device/index.js'
import { diskFiles, type FilePort, StateError, stateDirectory } from '../journal/index.js'
import type { Log } from '../log.js'
import { thisMachine } from '../machine.js'
import { type CommandIo, Exit } from './io.js'

/** Where the state lives: as `run` finds it. */
export function stateDirectoryOf(
  stateDir: string | undefined,
  { stateDir: configured }: Configuration,
  io: CommandIo,
): string {
  const where = {
    cwd: io.cwd,
    ...(stateDir !== undefined && { option: stateDir }),
    ...(configured !== undefined && { configured }),
  }
  return stateDirectory(where, io.env)
}

/** The disk to one who may run beside a bridge: nothing is set aside, cleared up or written. */
export const readOnlyFiles: FilePort = {
  list: diskFiles.list,
  read: diskFiles.read,
  size: diskFiles.size,
  free: diskFiles.free,
  write: refuse,
  append: refuse,
  truncate: refuse,
  rename: refuse,
  unlink: refuse,
  syncDirectory: refuse,
  makeDirectory: refuse,
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('only looked at'))
}

/** What a bridge knows. */
export interface KeptState {
  /** By device id, as in a snapshot. */
  readonly devices: ReadonlyMap<string, unknown>
  /** Devices whose model has changed since. */
  readonly forgotten: readonly string[]
  /** By the clock of that bridge. */
  readonly now: Moment
  /** Replaces what is known of a device. */
  replace(device: string, state: unknown): void
}

/** What is known of all devices; whether a bridge runs on the directory makes no difference. Rejects with a `StateError`. */
export async function lookAtState(
  directory: string,
  configuration: Configuration,
  clock: Clock,
  io: CommandIo,
): Promise<Omit<KeptState, 'replace'>> {
  const options = optionsOf(directory, configuration, clock, io, readOnlyFiles)
  return keptState(await BridgeMemory.openUnlocked(options), configuration)
}

/**
 * Works on the state of a bridge that is stopped. Resolves to the exit code of `work`, or to 74 where the directory is
 * another's or the disk does not give it.
 */
export async function withState(
  directory: string,
  configuration: Configuration,
  clock: Clock,
  io: CommandIo,
  work: (kept: KeptState) => number,
): Promise<number> {
  try {
    const options = optionsOf(directory, configuration, clock, io, diskFiles)
    const memory = await BridgeMemory.open(options)
    try {
      const exit = work(await keptState(memory, configuration))
      await memory.journal.flush()
      return memory.journal.state.kind === 'failing' ? Exit.ioError : exit
    } finally {
      await memory.close()
    }
  } catch (error) {
    if (!(error instanceof StateError)) throw error
    io.stderr(`${error.message}\n`)
    return Exit.ioError
  }
}

async function keptState(memory: BridgeMemory, configuration: Configuration): Promise<KeptState> {
  const { clock, journal } = memory
  const options = fleetOptions(configuration, clock, memory.epochBase)
  const fleet = new Fleet(options, {
    onVerdict: () => {},
    onAccepted: () => {},
    onInternalError: () => {},
  })
  const forgotten = await restoreFleet(memory, fleet)
  const times = { mono: clock.mono(), wall: clock.wall() }
  const plan = planDocument(options)
  const isPlanned = samePlan(plan, fleet.document)
  // As the next start of the bridge will.
  const change = isPlanned ? undefined : fleet.change(options, times)
  return {
    devices: fleet.save(),
    forgotten: [...forgotten, ...(change?.forgotten ?? [])],
    now: times,
    replace: (device, state) => {
      // Under the model of then the state would be of no use.
      if (!isPlanned) journal.note({ kind: 'order', order: { do: 'plan', plan }, ...times })
      journal.note({ kind: 'state', device, state, ...times })
    },
  }
}

function optionsOf(
  directory: string,
  { journal: { maxBytes } }: Configuration,
  clock: Clock,
  io: CommandIo,
  files: FilePort,
): BridgeMemoryOptions {
  const machine = thisMachine(() => clock.wall())
  const log = wordsOn(io)
  // Whatever the bridge is configured for: what is changed here has to be kept.
  return { directory, files, clock, machine, log, maxBytes, durability: { kind: 'strict' } }
}

/** Nobody reads a log here: what it would warn of is said. */
export const wordsOn = (io: CommandIo): Log => ({
  debug: () => {},
  info: () => {},
  warn: (facts, message) => io.stderr(`warning: ${message}: ${wordsOf(facts)}\n`),
  error: (facts, message) => io.stderr(`error: ${message}: ${wordsOf(facts)}\n`),
})

const wordsOf = (facts: object): string =>
  Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
