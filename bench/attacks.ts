import { parseArgs } from 'node:util'
import { attacksOnBroker, attacksOnProgram } from './attacks/onslaught.js'
import { type Outcome, Siege } from './attacks/siege.js'

/**
 * Attacks a broker process and the program itself, and says what a healthy client noticed of it: the p99 of its
 * round trips against what it is in silence, and by how much the victim, busy already, has grown. Beside it stands, for the
 * floods of the program, what the client noticed while as many connections went to nobody: that much of it is the machine's, and
 * what connections that are given up at once are compared with. Exits with 1 where a victim died, took what it should not,
 * lost an acknowledged message, or grew by more than 32 MiB.
 *
 * node dist/bench/attacks.js --packets 1000000 --seed 1 [--parts patterns,unlimited,program,given-up] [--json]
 */
const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    parts: { type: 'string', default: 'patterns,unlimited,program,given-up' },
    json: { type: 'boolean', default: false },
  },
})
const packets = Number(values.packets)
const seed = Number(values.seed)
const MOST_GROWTH_MIB = 32

async function under(
  kind: 'broker' | 'program',
  part: string,
  course: (siege: Siege) => AsyncGenerator<Outcome>,
): Promise<Outcome[]> {
  if (!values.parts.split(',').includes(part)) return []
  const siege = await Siege.of(kind)
  const outcomes: Outcome[] = []
  for await (const outcome of course(siege)) outcomes.push(outcome)
  await siege.end()
  return outcomes
}

const patterns = await under('broker', 'patterns', async function* (siege) {
  for (const { name } of attacksOnBroker) yield await siege.attack(name)
})
// So many packets need thousands of connections a second, which the program does not let in: what others notice of that is
// no property of it.
const unlimited = await under('broker', 'unlimited', async function* (siege) {
  const name = `${packets} mutated packets, no limit on connections`
  yield await siege.attack(name, { kind: 'mutation', seed, packets })
})
const onProgram = await under('program', 'program', async function* (siege) {
  for (const { name } of attacksOnProgram) yield await siege.attack(name)
  const name = 'mutated packets without end, connections limited as the program does'
  yield await siege.flood({ name, order: { kind: 'mutation', seed } })
})
// Whatever the program answers, this goes on; what it takes to refuse a connection is mostly the system's.
const givenUp = await under('program', 'given-up', async function* (siege) {
  const name = 'connections without end, each given up as soon as it is open'
  yield await siege.flood({ name, order: { kind: 'knocking' } })
})
const outcomes = [...patterns, ...unlimited, ...onProgram, ...givenUp]

const failed = outcomes.filter(
  ({ faults, lost, growthMiB, alive }) =>
    faults.length > 0 || lost > 0 || !alive || !(growthMiB <= MOST_GROWTH_MIB),
)
const overSilence = ({ p99Ms, silentP99Ms }: Outcome) => p99Ms / silentP99Ms
const overAside = ({ p99Ms, asideP99Ms }: Outcome) => p99Ms / asideP99Ms
const worst = (list: readonly Outcome[], ratio: (one: Outcome) => number) =>
  Math.max(...list.map(ratio).filter((one) => !Number.isNaN(one)))
const report = {
  packets,
  seed,
  attacks: outcomes.length,
  failed: failed.length,
  worstP99Ratio: Math.max(
    worst([...patterns, ...onProgram], overSilence),
    worst(givenUp, overAside),
  ),
  limitedOverAside: worst(onProgram, overAside),
  givenUpOverSilence: worst(givenUp, overSilence),
  unlimitedOverSilence: worst(unlimited, overSilence),
  mostGrowthMiB: Math.max(...outcomes.map(({ growthMiB }) => growthMiB)),
  outcomes,
}
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const figure = (value: number, digits: number) =>
    Number.isNaN(value) ? '–' : value.toFixed(digits)
  const rows = outcomes.map((one) => {
    const said = one.alive ? one.faults.join('; ') || 'withstood' : 'died'
    const figures = [
      figure(one.seconds, 1),
      figure(one.silentP99Ms, 2),
      figure(one.asideP99Ms, 2),
      figure(one.p99Ms, 2),
      figure(overSilence(one), 2),
      one.lost,
      figure(one.growthMiB, 1),
    ]
    return `| ${[one.attack, said, ...figures].join(' | ')} |`
  })
  process.stdout.write(
    `${['| attack | outcome | s | p99 ms in silence | p99 ms, sent aside | p99 ms | over silence | lost | MiB more |', '| --- | --- | --- | --- | --- | --- | --- | --- | --- |', ...rows].join('\n')}\n`,
  )
}
process.exitCode = failed.length > 0 ? 1 : 0
