import type { Clock } from '../clock.js'
import type { Configuration, SerialSourceConfig } from '../config/index.js'
import { finderByMatch, type LineEnd, lineSettings } from '../transport/index.js'
import { type DoctorFinding, fail, fine, warn } from './doctor-finding.js'
import { portAccess, type SystemPaths } from './port-access.js'

/** The ports of a configuration; what a running bridge has open is left alone. */
export async function portChecks(
  { sources }: Configuration,
  isRunning: boolean,
  clock: Clock,
  system: SystemPaths,
): Promise<DoctorFinding[]> {
  const serial = sources.filter((source) => source.kind === 'serial')
  return Promise.all(serial.map((source) => portCheck(source, isRunning, clock, system)))
}

async function portCheck(
  source: SerialSourceConfig,
  isRunning: boolean,
  clock: Clock,
  system: SystemPaths,
): Promise<DoctorFinding> {
  const { path, match } = source
  if (path?.startsWith('tcp:')) return tcpCheck(path, source, isRunning, clock)
  if (path !== undefined) return accessCheck(`port ${path}`, path, isRunning, system)
  const finder = finderByMatch(match ?? {})
  const name = `port ${finder.address}`
  const finding = await finder.find()
  if (!finding.ok) return fail(name, finding.end.reason, 'see `alec-bridge ports`')
  return accessCheck(`${name} (${finding.path})`, finding.path, isRunning, system)
}

async function accessCheck(
  name: string,
  path: string,
  isRunning: boolean,
  system: SystemPaths,
): Promise<DoctorFinding> {
  const { verdict, message, advice = '', heldBy } = await portAccess(path, system)
  if (verdict === 'ok') {
    // Of processes of other users only root can tell.
    return isRunning ? fine(name, 'may be opened, or the bridge has it open') : fine(name, message)
  }
  const isOurs = isRunning && verdict === 'busy' && heldBy.every(({ command }) => isNode(command))
  if (isOurs) return fine(name, `${message}: the bridge`)
  return fail(name, message, advice)
}

/** A thread of ours may be shown by another name than the program's. */
const isNode = (command: string): boolean => /^(?:node|MainThread|alec-bridge)/.test(command)

/** A serial server often takes one connection only, and that is the bridge's while it runs. */
async function tcpCheck(
  path: string,
  source: SerialSourceConfig,
  isRunning: boolean,
  clock: Clock,
): Promise<DoctorFinding> {
  const name = `port ${path}`
  if (isRunning)
    return warn(name, 'left alone: the bridge has it', 'see bridge/status for how it is')
  const end = await new Promise<LineEnd>((resolve) => {
    const line = lineSettings(source, clock).door.open({
      onOpened: () => line.close(),
      onData: () => {},
      readDelayMs: () => 0,
      onClosed: resolve,
    })
  })
  return end.code === 'stopped'
    ? fine(name, 'takes connections')
    : fail(name, end.reason, 'see there')
}
