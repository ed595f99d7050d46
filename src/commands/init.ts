import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { checkConfiguration } from '../config/index.js'
import { isDeviceId } from '../names.js'
import { told } from './configuration.js'
import { hearFile, hearLine } from './init-hear-line.js'
import { hearTopic } from './init-hear-topic.js'
import { type Heard, type InitOptions, type InitPorts, realPorts } from './init-options.js'
import { documentOf, proposalOf } from './init-proposal.js'
import { initReport, unknowns } from './init-report.js'
import { yamlOf } from './init-yaml.js'
import { type CommandIo, Exit } from './io.js'

/**
 * Listens to a line or a topic that nobody has described, and proposes a configuration for it. Resolves to the exit
 * code: 69 where nothing was heard that makes sense.
 */
export async function init(
  options: InitOptions,
  io: CommandIo,
  ports: InitPorts = realPorts,
): Promise<number> {
  const problem = usageProblem(options)
  if (problem !== undefined) {
    io.stderr(`${problem}\n`)
    return Exit.usage
  }
  const startedAt = ports.clock.mono()
  const heard = await hear(options, io, ports)
  if (typeof heard === 'number') return heard
  const { source, devices } = heard
  const entries = proposalOf(source, devices)
  const document = documentOf(entries)
  const checked = told(checkConfiguration(document, { cwd: io.cwd }), io)
  if (!checked.ok) return checked.exit
  const seconds = Math.round((ports.clock.mono() - startedAt) / 1000)
  const report = initReport(source, devices, seconds)
  const yaml = yamlOf(entries, report)
  for (const line of unknowns(source, devices)) io.stderr(`cannot be told: ${line}\n`)
  const written = options.write === undefined || (await write(options.write, yaml, options, io))
  if (options.json) io.stdout(`${JSON.stringify({ configuration: document, proposal: entries })}\n`)
  else if (options.write === undefined) io.stdout(yaml)
  return written ? Exit.ok : Exit.ioError
}

function usageProblem({ port, broker, topic, file, device }: InitOptions): string | undefined {
  const given = [port, broker, file].filter((one) => one !== undefined)
  if (given.length !== 1) return 'give one of --port, --broker (with --topic) and --file'
  if (topic !== undefined && broker === undefined) return '--topic needs --broker: which one?'
  if (device !== undefined && !isDeviceId(device)) {
    return `--device takes a letter or digit, then up to 63 letters, digits, _ or -, and not bridge: got ${JSON.stringify(device)}`
  }
  return undefined
}

async function write(
  file: string,
  yaml: string,
  { force = false }: InitOptions,
  io: CommandIo,
): Promise<boolean> {
  try {
    await writeFile(resolve(io.cwd, file), yaml, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    const why = exists ? 'is there already: --force replaces it' : String(error)
    io.stderr(`${file}: ${why}\n`)
    return false
  }
  io.stderr(`written: ${file}. Now: alec-bridge run -c ${file}\n`)
  return true
}

function hear(options: InitOptions, io: CommandIo, ports: InitPorts): Promise<Heard> {
  if (options.port !== undefined) return hearLine(options.port, options, io, ports)
  if (options.file !== undefined) return hearFile(options.file, options, io)
  return hearTopic(options.broker ?? '', options, io, ports)
}
