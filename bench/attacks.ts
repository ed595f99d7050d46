import { parseArgs } from 'node:util'
import { brokerAttacks, inputAttacks, type Target } from './attacks/attacks.js'
import { knock } from './attacks/knocking.js'
import { mutationFlood } from './attacks/mutation.js'
import { HealthyClient, type Pulse } from './attacks/pulse.js'
import { slowConnections } from './attacks/slow.js'
import { Victim, type VictimKind } from './attacks/victim.js'
import { percentile } from './percentile.js'

/**
 * Attacks a broker process and the program itself, and says what a healthy client noticed of it: the p99 of its
 * round trips against what it was before, and by how much the victim, busy already, has grown. Beside it stands, for the
 * floods of the program, what the client noticed while as many connections went to nobody: that much of it is the machine's. Exits
 * with 1 where a victim died, took what it should not, lost an acknowledged message, or grew by more than 32 MiB.
 *
 * node dist/bench/attacks.js --packets 1000000 --seed 1 [--json]
 */
const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const packets = Number(values.packets)
const MOST_GROWTH_MIB = 32
const BASELINE_MS = 12_000
/** A flood comes in rounds, each beside one of silence and one aside: what the machine does by itself meets all alike. */
const ROUNDS = 4
const ROUND_MS = 5000
/** From the end of a flood until the last of it has been dealt with. */
const SETTLE_MS = 1500
const FLOOD_S = (ROUNDS * ROUND_MS) / 1000
/**
 * Mutated packets before anything is measured. A process that has had little to do grows, whoever keeps it busy,
 * by what the engine then sets aside for young objects (measured: 64 MiB to 150; its heap after a collection stays
 * at 17).
 */
const WARM_UP = 30_000
/** The same for the program, which lets few connections in. */
const WARM_UP_MS = 10_000

interface Outcome {
  readonly attack: string
  readonly faults: readonly string[]
  readonly seconds: number
  /** Of the healthy client, during the attack over before it; NaN where the attack was too short for a percentile. */
  readonly p99Ratio: number
  readonly p99Ms: number
  /** Of the healthy client, while as many connections as in this attack went to nobody; NaN where that was not tried. */
  readonly asideP99Ms: number
  readonly lost: number
  readonly growthMiB: number
  readonly alive: boolean
}

interface Course {
  readonly name: string
  run(target: Target): Promise<readonly string[]>
}

interface Flood {
  readonly name: string
  /** Goes on while it is wanted, with no more new connections a second than `perSecond`; resolves to how many there were. */
  flood(target: Target, wanted: () => boolean, perSecond?: number): Promise<number>
}

/** A sequence of xorshift numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Whether it is still within so much time from now. */
function during(ms: number): () => boolean {
  const end = performance.now() + ms
  return () => performance.now() < end
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Of a handful, the slowest is no percentile. */
const p99Of = ({ sent, p99 }: Pulse) => (sent >= 50 ? p99 : Number.NaN)

async function underAttack(
  kind: VictimKind,
  courses: readonly Course[],
  floods: readonly Flood[] = [],
): Promise<Outcome[]> {
  const victim = await Victim.start(kind)
  const healthy = await HealthyClient.start(victim.url)
  const warm = kind === 'broker' ? (sent: number) => sent < WARM_UP : during(WARM_UP_MS)
  await mutationFlood(victim, warm, seeded(99))
  await pause(1000)
  await healthy.read()
  await pause(BASELINE_MS)
  const baseline = await healthy.read()
  const rssBefore = victim.rss
  const outcomes: Outcome[] = []
  for (const { name, run } of courses) {
    const begin = performance.now()
    const faults = await run(victim).catch((error: unknown) => [String(error)])
    const seconds = (performance.now() - begin) / 1000
    const pulse = await healthy.read()
    const p99 = p99Of(pulse)
    outcomes.push({
      attack: name,
      faults,
      seconds,
      p99Ratio: p99 / baseline.p99,
      p99Ms: p99,
      asideP99Ms: Number.NaN,
      lost: pulse.lost,
      growthMiB: victim.isAlive ? victim.rss - rssBefore : Number.NaN,
      alive: victim.isAlive,
    })
  }
  const sink = await Victim.start('sink')
  for (const { name, flood } of floods) {
    const [silent, flooded, aside]: [number[], number[], number[]] = [[], [], []]
    let lost = 0
    const hear = async (times: number[], meanwhile: Promise<unknown>) => {
      await healthy.read()
      await meanwhile
      const pulse = await healthy.read()
      times.push(...pulse.times)
      lost += pulse.lost
    }
    for (let round = 0; round < ROUNDS; round++) {
      await pause(SETTLE_MS)
      await hear(silent, pause(ROUND_MS))
      const flooding = flood(victim, during(ROUND_MS))
      await hear(flooded, flooding)
      const perSecond = ((await flooding) * 1000) / ROUND_MS
      await hear(aside, flood(sink, during(ROUND_MS), perSecond))
    }
    const p99 = percentile(flooded, 0.99)
    outcomes.push({
      attack: name,
      faults: [],
      seconds: (ROUNDS * ROUND_MS) / 1000,
      p99Ratio: p99 / percentile(silent, 0.99),
      p99Ms: p99,
      asideP99Ms: percentile(aside, 0.99),
      lost,
      growthMiB: victim.isAlive ? victim.rss - rssBefore : Number.NaN,
      alive: victim.isAlive,
    })
  }
  await sink.stop()
  await healthy.stop()
  await victim.stop()
  return outcomes
}

const seed = Number(values.seed)
const patterns = await underAttack('broker', brokerAttacks)
// So many packets need thousands of connections a second, which the program does not let in: what others notice of that is
// no property of it.
const unlimited = await underAttack('broker', [
  {
    name: `${packets} mutated packets, no limit on connections`,
    async run(target) {
      await mutationFlood(target, (sent) => sent < packets, seeded(seed))
      return []
    },
  },
])
const slow: Course = {
  name: '200 connections that say a byte a second',
  run: async (target) =>
    (await slowConnections(target, 200)) < 8000 ? [] : ['they are kept for more than 8 s'],
}
const onProgram = await underAttack(
  'program',
  [...inputAttacks, slow],
  [
    {
      name: `mutated packets for ${FLOOD_S} s, connections limited as the program does`,
      flood: (target, wanted, perSecond) => mutationFlood(target, wanted, seeded(seed), perSecond),
    },
  ],
)
// Whatever the program answers, this goes on; what it takes to refuse a connection is mostly the system's.
const givenUp = await underAttack(
  'program',
  [],
  [{ name: `connections for ${FLOOD_S} s, each given up as soon as it is open`, flood: knock }],
)
const outcomes = [...patterns, ...unlimited, ...onProgram, ...givenUp]

const failed = outcomes.filter(
  ({ faults, lost, growthMiB, alive }) =>
    faults.length > 0 || lost > 0 || !alive || !(growthMiB <= MOST_GROWTH_MIB),
)
const worst = (ratios: readonly number[]) =>
  Math.max(...ratios.filter((ratio) => !Number.isNaN(ratio)))
const againstSilence = (list: readonly Outcome[]) => worst(list.map(({ p99Ratio }) => p99Ratio))
/** Where a flood was sent to nobody as well, what that does to the client is the machine's, and not the victim's. */
const ownRatio = ({ p99Ratio, p99Ms, asideP99Ms }: Outcome) =>
  Number.isNaN(asideP99Ms) ? p99Ratio : p99Ms / asideP99Ms
const report = {
  packets,
  seed,
  attacks: outcomes.length,
  failed: failed.length,
  worstP99Ratio: worst([...patterns, ...onProgram, ...givenUp].map(ownRatio)),
  limitedAgainstSilence: againstSilence(onProgram),
  givenUpAgainstSilence: againstSilence(givenUp),
  unlimitedAgainstSilence: againstSilence(unlimited),
  mostGrowthMiB: Math.max(...outcomes.map(({ growthMiB }) => growthMiB)),
  outcomes,
}
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const figure = (value: number, digits: number) =>
    Number.isNaN(value) ? '–' : value.toFixed(digits)
  const rows = outcomes.map(
    ({ attack, faults, seconds, p99Ms, p99Ratio, asideP99Ms, lost, growthMiB, alive }) =>
      `| ${attack} | ${alive ? faults.join('; ') || 'withstood' : 'died'} | ${figure(seconds, 1)} | ${figure(p99Ms, 1)} | ${figure(p99Ratio, 1)} | ${figure(asideP99Ms, 1)} | ${lost} | ${figure(growthMiB, 1)} |`,
  )
  process.stdout.write(
    `${['| attack | outcome | s | p99 ms | p99 / before | p99 ms, sent aside | lost | MiB more |', '| --- | --- | --- | --- | --- | --- | --- | --- |', ...rows].join('\n')}\n`,
  )
}
process.exitCode = failed.length > 0 ? 1 : 0
