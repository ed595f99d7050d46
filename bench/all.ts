import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rowsOf } from './all/rows.js'
import { machine } from './machine.js'
import { type MeasuredDocument, type MeasuredRow, table } from './measurement.js'

/**
 * Everything that is measured, in one table: medians, their spread, machine and versions. The short forms of the scripts take
 * about ten minutes; `--long` takes those that the published figures come from. Ends with 1 where a script does.
 *
 * node dist/bench/all.js [--only throughput,latency] [--long] [--json]
 */
interface Script {
  readonly name: string
  readonly short: readonly string[]
  readonly long: readonly string[]
}

/** Numbers of serial lines. */
const PORTS = ['--durability', 'os', '--devices', '1,8,32']

const SCRIPTS: readonly Script[] = [
  { name: 'stress', short: ['--runs', '3', '--share', '0.3'], long: [] },
  { name: 'scale', short: ['--devices', '100,10000'], long: ['--devices', '100,10000,100000'] },
  { name: 'throughput', short: ['--rounds', '3', '--seconds', '2'], long: [] },
  {
    name: 'latency',
    short: ['--table', '--rates', '1000', '--durability', 'strict,os', '--seconds', '5'],
    long: ['--table', '--rounds', '3'],
  },
  {
    name: 'latency',
    short: ['--table', '--doors', 'uart', ...PORTS, '--rates', '1000', '--seconds', '3'],
    long: ['--table', '--doors', 'uart', ...PORTS, '--rates', '1000,5000', '--rounds', '3'],
  },
  { name: 'footprint', short: ['--rounds', '3', '--idle', '3'], long: [] },
]

/** Debian keeps the broker where not every user looks. */
const SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` }

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const only = values.only?.split(',')
const measured: MeasuredRow[] = []
const failures: string[] = []
for (const { name, short, long } of SCRIPTS) {
  if (only && !only.includes(name)) continue
  const script = fileURLToPath(new URL(`${name}.js`, import.meta.url))
  const args = [script, ...(values.long ? long : short), '--json']
  // What takes minutes shall not look as if it had stopped.
  if (!values.json) process.stderr.write(`${name} …\n`)
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) failures.push(`${name}: ${stderr.trim()}`)
  if (stdout !== '') measured.push(...rowsOf(JSON.parse(stdout)))
}

const ok = failures.length === 0
const document: MeasuredDocument = {
  machine: machine(),
  versions: versions(),
  measured,
  failures,
  ok,
}
const named = Object.entries(document.versions).map(([name, version]) => `${name} ${version}`)
process.stdout.write(
  values.json
    ? `${JSON.stringify(document)}\n`
    : `${document.machine}, ${named.join(', ')}\n${table(measured)}`,
)
for (const failure of failures) process.stderr.write(`${failure}\n`)
if (!ok) process.exitCode = 1

/** Of what the figures depend on. */
function versions(): Readonly<Record<string, string>> {
  const packageOf = (path: string) =>
    (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version
  const mosquitto = spawnSync('mosquitto', ['-h'], { encoding: 'utf8', env: SBIN }).stdout ?? ''
  return {
    'alec-bridge': packageOf('package.json'),
    mqtt: packageOf('node_modules/mqtt/package.json'),
    aedes: packageOf('node_modules/aedes/package.json'),
    mosquitto: /version (\S+)/.exec(mosquitto)?.[1] ?? 'unknown',
  }
}
