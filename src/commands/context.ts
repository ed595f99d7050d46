import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Clock, systemClock } from '../clock.js'
import { Settings } from '../control/index.js'
import {
  compileProfile,
  type DeviceProfile,
  exportContext,
  importContext,
  keepDevice,
  keptMemory,
  type Moment,
  type SessionMemory,
} from '../device/index.js'
import { bytesOf, hexOf, jsonLine } from '../spelling.js'
import { load, modelOf } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import { openRoster } from './kept-roster.js'
import { stateDirectoryOf, withState, wordsOn } from './kept-state.js'
import { shownDevice, shownText } from './shown-device.js'

export interface ContextOptions {
  readonly config?: string
  readonly stateDir?: string
  readonly json?: boolean
}

export interface ContextExportOptions extends ContextOptions {
  /** The file to write; without it hexadecimal digits go to stdout. */
  readonly output?: string
  /** Also where it is not known to the bit: the nearest guess, which the bytes say that it is. */
  readonly force?: boolean
}

export interface ContextImportOptions extends ContextOptions {
  /** How long ago the device exported it, in milliseconds. */
  readonly age?: number
}

/** One device in the state directory of a bridge that is stopped. */
interface Opened {
  readonly device: string
  readonly directory: string
  readonly profile: DeviceProfile
  /** What is kept of the device, or why nothing is. */
  readonly memory: ReturnType<typeof keptMemory>
  /** By the clock of the bridge. */
  readonly now: Moment
  keep(memory: SessionMemory): void
}

/**
 * Writes what a stopped bridge knows of a device's encoder as an ALCS file. Resolves to the exit code: 65 where
 * nothing is known, or not to the bit and not forced.
 */
export async function contextExport(
  device: string,
  options: ContextExportOptions,
  io: CommandIo,
  clock: Clock = systemClock,
): Promise<number> {
  return opened(device, options, io, clock, ({ profile, memory, directory }) => {
    const exported = typeof memory === 'string' ? undefined : exportContext(profile, memory)
    if (!exported) return nothingKept(device, directory, memory, io)
    const { alcs, doubts, remedy } = exported
    for (const doubt of doubts) io.stderr(`${doubt}\n`)
    if (doubts.length > 0 && !options.force) {
      io.stderr(
        'not exported, as this is not the state of the encoder; --force exports the nearest guess, which no bridge imports\n',
      )
      io.stderr(`with the bridge running: ${remedy}\n`)
      return Exit.badData
    }
    if (options.output !== undefined) return write(resolve(io.cwd, options.output), alcs, io)
    const hex = hexOf(alcs)
    io.stdout(options.json ? jsonLine({ device, alcs: hex, doubts }) : `${hex}\n`)
    return Exit.ok
  })
}

/**
 * Makes a device exact by the ALCS state that its encoder exported: binary, or hexadecimal digits. Resolves to
 * the exit code: 65 where the state does not fit the device's model, 74 where the file cannot be read.
 */
export async function contextImport(
  device: string,
  file: string,
  options: ContextImportOptions,
  io: CommandIo,
  clock: Clock = systemClock,
): Promise<number> {
  return opened(device, options, io, clock, ({ profile, memory, now, keep }) => {
    const alcs = read(resolve(io.cwd, file), io)
    if (!alcs) return Exit.ioError
    const before = typeof memory === 'string' ? undefined : memory
    const outcome = importContext(profile, alcs, now.mono - (options.age ?? 0), before)
    if (!outcome.ok) {
      for (const problem of outcome.problems) io.stderr(`${file}: ${problem}\n`)
      return Exit.badData
    }
    keep(outcome.memory)
    if (options.json) io.stdout(jsonLine({ device, ...shownDevice(profile, outcome.memory, now) }))
    else io.stderr(`device ${device} goes on from ${file}: start the bridge now\n`)
    return Exit.ok
  })
}

/** Shows what a stopped bridge knows of a device's encoder. Resolves to the exit code: 65 where nothing is known. */
export async function contextShow(
  device: string,
  options: ContextOptions,
  io: CommandIo,
  clock: Clock = systemClock,
): Promise<number> {
  return opened(device, options, io, clock, ({ profile, memory, directory, now }) => {
    const shown = typeof memory === 'string' ? undefined : shownDevice(profile, memory, now)
    if (!shown) return nothingKept(device, directory, memory, io)
    io.stdout(options.json ? jsonLine({ device, ...shown }) : shownText(device, shown))
    return Exit.ok
  })
}

async function opened(
  device: string,
  options: ContextOptions,
  io: CommandIo,
  clock: Clock,
  work: (opened: Opened) => number,
): Promise<number> {
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const directory = stateDirectoryOf(options.stateDir, loaded.value, io)
  // Requests may have taken devices in that the file does not know.
  const { roster } = await openRoster(directory, wordsOn(io))
  const { current: configuration } = new Settings(loaded.value, roster)
  const model = modelOf(configuration, device, io)
  if (!model.ok) return model.exit
  const profile = compileProfile(model.value)
  return withState(directory, configuration, clock, io, ({ devices, forgotten, now, replace }) => {
    const kept = keptMemory(profile, devices.get(device))
    const memory = forgotten.includes(device) ? 'other-model' : kept
    const keep = (known: SessionMemory) => replace(device, keepDevice(profile, known))
    return work({ device, directory, profile, memory, now, keep })
  })
}

function nothingKept(
  device: string,
  directory: string,
  memory: Opened['memory'],
  io: CommandIo,
): number {
  const why =
    memory === 'other-model'
      ? 'it was kept under another model, and does not hold any more'
      : 'nothing is known of it'
  io.stderr(`device ${device}: ${why} (${directory})\n`)
  return Exit.badData
}

function read(path: string, io: CommandIo): Uint8Array | undefined {
  try {
    const bytes = readFileSync(path)
    return bytesOf(bytes.toString('latin1')) ?? bytes
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
    return undefined
  }
}

function write(path: string, bytes: Uint8Array, io: CommandIo): number {
  try {
    writeFileSync(path, bytes)
    return Exit.ok
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
    return Exit.ioError
  }
}
