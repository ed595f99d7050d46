import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { faultKinds } from '../test/sim/fault-kinds.js'
import { longScale, type Plan, planOf, shortScale } from '../test/sim/plan.js'
import { shrink } from '../test/sim/shrink.js'
import { type Outcome, simulate } from '../test/sim/simulation.js'
import { again } from './simulate/again.js'

/**
 * Runs the bridge in simulated worlds, one a seed, and holds it against its invariants. Exits with 1 at the first
 * violation, after looking for a smaller world that shows it.
 *
 * node dist/bench/simulate.js --seeds 1..200 [--without crashes,loss] [--only loss] [--with edits,requests] [--json]
 * node dist/bench/simulate.js --seed 7 [--trace 100]
 * node dist/bench/simulate.js --hours 100000    big worlds, until their devices have lived so many hours together
 *
 * With `SIM_LEDGER=FILE` in the environment the hours are run in pieces: each goes on behind the world that the last one
 * ended with, as FILE says, and ends with the world in which `--minutes` are over.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    hours: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    without: { type: 'string', default: '' },
    only: { type: 'string' },
    with: { type: 'string', default: '' },
    trace: { type: 'string', default: '60' },
    'no-shrink': { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const hours = values.hours === undefined ? undefined : Number(values.hours)
const [first = 1, last = first] = (values.seeds ?? values.seed).split('..').map(Number)

function planFor(seed: number): Plan {
  const scale = hours === undefined ? shortScale : longScale
  const plan = planOf(seed, scale, values.with.split(','))
  const without = values.without.split(',')
  const only = values.only?.split(',')
  const wanted = [...plan.strengths].filter(
    ([kind]) => !without.includes(kind) && (only === undefined || only.includes(kind)),
  )
  return { ...plan, strengths: new Map(wanted) }
}

const describe = ({ seed, horizonMs, devices, lines, strengths }: Plan): string =>
  [
    `seed ${seed}, ${(horizonMs / 60_000).toFixed(1)} min of faults`,
    `faults: ${[...strengths].map(([kind, strength]) => `${kind} ${strength.toFixed(2)}`).join(', ') || 'none'}`,
    ...devices.map(({ node, line, qos }) => {
      const { id, frames, profile, intervalMs, channels } = node
      const way = line ? `line ${line.id}` : `MQTT, QoS ${qos}`
      return `  ${id}: ${frames}, ${profile}, ${channels.length} channels, each ${intervalMs} ms, by ${way}`
    }),
    ...lines.map(({ id, format, baudRate }) => `  ${id}: ${format.framing}, ${baudRate} baud`),
  ].join('\n')

async function explain(plan: Plan, outcome: Outcome): Promise<void> {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  say(`VIOLATION at ${outcome.violation?.atMs} ms: ${outcome.violation?.what}\n${describe(plan)}`)
  // A big world takes a minute, and there would be hundreds.
  const isShrunk = hours === undefined && !values['no-shrink']
  const shrunk = isShrunk ? await shrink(plan, outcome) : { plan, outcome, tries: 0 }
  if (shrunk.tries > 0) {
    say(`\nthe smallest of ${shrunk.tries} worlds that show it: ${shrunk.outcome.violation?.what}`)
    say(describe(shrunk.plan))
  }
  say(`\nthe last that happened:\n${shrunk.outcome.trace.slice(-Number(values.trace)).join('\n')}`)
  say(`\nagain: ${again(plan.seed, values)}`)
}

const nothing = {
  seeds: 0,
  failed: 0,
  events: 0,
  frames: 0,
  deliveries: 0,
  repeats: 0,
  deviceHours: 0,
  seconds: 0,
  pieces: 0,
  nextSeed: first,
}
const ledger = process.env.SIM_LEDGER
const total: typeof nothing =
  hours !== undefined && ledger && existsSync(ledger)
    ? JSON.parse(readFileSync(ledger, 'utf8'))
    : nothing
total.pieces++
const before = total.seconds
const started = performance.now()
const failures: { seed: number; what: string }[] = []
while (hours === undefined ? total.nextSeed <= last : total.deviceHours < hours) {
  if (total.seconds - before >= Number(values.minutes) * 60) break
  const seed = total.nextSeed++
  const plan = planFor(seed)
  const outcome = await simulate(plan)
  total.seeds++
  for (const key of ['events', 'frames', 'deliveries', 'repeats', 'deviceHours'] as const)
    total[key] += outcome[key]
  total.seconds = before + (performance.now() - started) / 1000
  if (ledger && !outcome.violation) writeFileSync(ledger, JSON.stringify(total))
  if (!outcome.violation) continue
  total.failed++
  failures.push({ seed, what: outcome.violation.what })
  process.exitCode = 1
  if (values['keep-going']) {
    process.stderr.write(`seed ${seed}: ${outcome.violation.what.slice(0, 300)}\n`)
    continue
  }
  await explain(plan, outcome)
  break
}
const report = { ...total, kinds: faultKinds.length, failures }
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  process.stdout.write(
    `${total.seeds} worlds, ${total.deviceHours.toFixed(0)} device-hours, ${total.frames} frames, ` +
      `${total.deliveries} readings delivered (${total.repeats} repeats), ${total.events} events ` +
      `in ${total.seconds.toFixed(1)} s; ${total.failed} violated an invariant\n`,
  )
}
