import { readFile, realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { found, LineSurvey } from '../survey/index.js'
import { LineError } from '../transport/index.js'
import { surveyed } from './init-devices.js'
import {
  byAddress,
  type LineCatch,
  type PortSetting,
  searchLine,
  usualSettings,
} from './init-line.js'
import { type Heard, type InitOptions, type InitPorts, LISTEN_MS } from './init-options.js'
import type { HeardLine } from './init-proposal.js'
import { type CommandIo, Exit } from './io.js'
import { stablePathOf } from './ports.js'

/** How long to look for settings of a port by which anything makes sense. */
const SEARCH_MS = 300_000

/** Listens to a port, and finds out how it is to be set first. */
export async function hearLine(
  path: string,
  options: InitOptions,
  io: CommandIo,
  ports: InitPorts,
): Promise<Heard> {
  const settings = await settingsFor(path, options)
  try {
    const result = await searchLine({
      settings,
      door: (setting) => ports.lineDoor(path, setting, ports.clock),
      clock: ports.clock,
      searchMs: SEARCH_MS,
      listenMs: options.listen ?? LISTEN_MS,
      ask: options.ask ?? true,
      signal: io.signal,
      onProgress: (text) => io.stderr(`${path}: ${text}\n`),
    })
    if (result.kind !== 'match') return lineFailure(path, result, io)
    const stable = await stablePathOf(path)
    return lineHeard(stable, await rateOf(path, result.setting, options), result, options, io)
  } catch (error) {
    if (!(error instanceof LineError)) throw error
    io.stderr(`${error.message}\n`)
    return Exit.usage
  }
}

async function settingsFor(
  path: string,
  { baudRate, parity }: InitOptions,
): Promise<readonly PortSetting[]> {
  // Behind TCP the rate is set over there, and a pseudo-terminal has none.
  if (path.startsWith('tcp:') || (await isPseudoTerminal(path)))
    return [{ baudRate: baudRate ?? 115_200, parity: parity ?? 'none' }]
  const fitting = usualSettings.filter(
    (setting) =>
      (baudRate === undefined || setting.baudRate === baudRate) &&
      (parity === undefined || setting.parity === parity),
  )
  if (fitting.length > 0) return fitting
  return [{ baudRate: baudRate ?? 115_200, parity: parity ?? 'none' }]
}

const isPseudoTerminal = async (path: string): Promise<boolean> =>
  (await realpath(path).catch(() => path)).startsWith('/dev/pts/')

async function rateOf(path: string, { baudRate }: PortSetting, options: InitOptions) {
  if (path.startsWith('tcp:')) return undefined
  if (await isPseudoTerminal(path))
    return found(baudRate, 'unknown', 'a pseudo-terminal takes any rate')
  const given = options.baudRate !== undefined
  return found(baudRate, 'certain', given ? 'as told' : 'at this rate the bytes make sense')
}

function lineFailure(
  path: string,
  result: Exclude<LineCatch, { kind: 'match' }>,
  io: CommandIo,
): number {
  if (result.kind === 'closed') {
    io.stderr(`${result.end.reason}\n`)
    return result.end.code === 'EACCES' ? Exit.noPermission : Exit.unavailable
  }
  const { bytes, tried } = result
  const rates = [...new Set(tried.map(({ baudRate }) => baudRate))].join(', ')
  io.stderr(
    bytes === 0
      ? `${path}: nothing came (at ${rates} baud): is the device on, are RX and TX the right way round?\n`
      : `${path}: ${bytes} bytes came, which make sense at none of ${rates} baud: other settings, or no ALEC frames\n`,
  )
  return Exit.unavailable
}

function lineHeard(
  path: string,
  baudRate: HeardLine['baudRate'],
  { match, setting }: Extract<LineCatch, { kind: 'match' }>,
  options: InitOptions,
  io: CommandIo,
  pathFinding?: HeardLine['pathFinding'],
): Heard {
  const { format, agreed, cut, parsed, followed } = match
  const crc = format.crc === 'none' ? '' : `, ${agreed} of ${cut} agree with their CRC`
  const source: HeardLine = {
    kind: 'line',
    path,
    ...(pathFinding && { pathFinding }),
    baudRate,
    parity: setting.parity,
    format,
    formatEvidence: `${parsed} frames${crc}, ${followed} count on from the one before`,
  }
  const sightings = new Map(
    [...byAddress(match)].map(([address, frames]) => [address < 0 ? '' : String(address), frames]),
  )
  return surveyed(source, sightings, options, io)
}

/** Reads what came out of a line. */
export async function hearFile(file: string, options: InitOptions, io: CommandIo): Promise<Heard> {
  const survey = new LineSurvey()
  try {
    survey.push(await readFile(resolve(io.cwd, file)), 0)
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n`)
    return Exit.ioError
  }
  survey.rest()
  const { match } = survey
  if (!match) {
    io.stderr(`${file}: ${survey.bytes} bytes, in which there are no ALEC frames\n`)
    return Exit.badData
  }
  const baudRate = found(115_200, 'unknown', 'a file does not tell; the usual one')
  const setting = { baudRate: 115_200, parity: 'none' } as const
  const path = '/dev/ttyUSB0'
  const pathFinding = { confidence: 'unknown', evidence: 'a file does not tell' } as const
  return lineHeard(path, baudRate, { kind: 'match', setting, match }, options, io, pathFinding)
}
