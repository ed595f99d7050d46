import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '../clock.js'
import { type Configuration, formatProblem, loadConfiguration } from '../config/index.js'
import { brokerDoor } from '../transport/index.js'
import { type BrokerLook, brokerChecks } from './doctor-broker.js'
import { type DoctorFinding, fail, fine, warn } from './doctor-finding.js'
import { httpChecks } from './doctor-http.js'
import { clockCheck, diskCheck, nodeVersion } from './doctor-machine.js'
import { portChecks } from './doctor-ports.js'
import { type CommandIo, Exit } from './io.js'
import { stateDirectoryOf } from './kept-state.js'
import { type SystemPaths, systemPaths } from './port-access.js'

export interface DoctorOptions {
  readonly config?: string
  readonly stateDir?: string
  /** How long the broker may take for each answer. */
  readonly timeout?: number
  readonly json?: boolean
}

export interface DoctorPorts {
  readonly clock: Clock
  readonly nodeVersion: string
  readonly door: BrokerLook['door']
  readonly system: SystemPaths
}

const TIMEOUT_MS = 3000

export const realPorts: DoctorPorts = {
  clock: systemClock,
  nodeVersion: process.versions.node,
  door: (access, clientId, clock) => brokerDoor(access, { clientId, clean: true }, clock),
  system: systemPaths,
}

/**
 * Looks at everything that a bridge rests on: what is well, what is not, and what to do. A running bridge is not
 * disturbed. Resolves to the exit code: 0 where nothing fails, 78 for the configuration, else 69.
 */
export async function doctor(
  options: DoctorOptions,
  io: CommandIo,
  ports: DoctorPorts = realPorts,
): Promise<number> {
  const { clock } = ports
  const findings: DoctorFinding[] = []
  const add = (...more: readonly DoctorFinding[]) => {
    findings.push(...more)
    if (!options.json) for (const finding of more) io.stdout(textOf(finding))
  }
  add(nodeVersion(ports.nodeVersion), clockCheck(clock.wall()))
  const configuration = look(options.config, io, add)
  if (configuration) {
    add(
      ...(await diskCheck(
        stateDirectoryOf(options.stateDir, configuration, io),
        configuration,
        clock,
      )),
    )
    const broker = await brokerChecks(configuration, {
      door: ports.door,
      clock,
      timeoutMs: options.timeout ?? TIMEOUT_MS,
      nonce: randomBytes(8).toString('hex'),
    })
    add(...broker.findings)
    add(...(await httpChecks(configuration, broker.isRunning)))
    add(...(await portChecks(configuration, broker.isRunning, clock, ports.system)))
  }
  const failed = findings.filter(({ verdict }) => verdict === 'fail').length
  const warned = findings.filter(({ verdict }) => verdict === 'warn').length
  if (options.json) io.stdout(`${JSON.stringify({ ok: failed === 0, checks: findings })}\n`)
  else io.stdout(`${findings.length} checks: ${failed} failed, ${warned} doubtful\n`)
  if (!configuration) return Exit.configuration
  return failed === 0 ? Exit.ok : Exit.unavailable
}

function look(
  path: string | undefined,
  io: CommandIo,
  add: (...findings: readonly DoctorFinding[]) => void,
): Configuration | undefined {
  const outcome = loadConfiguration({
    ...(path !== undefined && { path }),
    env: io.env,
    cwd: io.cwd,
  })
  const advice = 'see `alec-bridge check`'
  if (!outcome.ok) {
    for (const problem of outcome.problems)
      add(fail('configuration', formatProblem(problem), advice))
    return undefined
  }
  const { configuration, warnings } = outcome
  for (const warning of warnings) add(warn('configuration', formatProblem(warning), advice))
  const { file = 'from variables', devices, sources } = configuration
  if (warnings.length === 0)
    add(fine('configuration', `${file}, devices: ${devices.size}, sources: ${sources.length}`))
  return configuration
}

const WORDS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

function textOf({ check, verdict, seen, advice }: DoctorFinding): string {
  const line = `${WORDS[verdict]}  ${check}: ${seen}\n`
  return advice === undefined ? line : `${line}      do: ${advice}\n`
}
