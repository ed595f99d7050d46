import { parseArgs } from 'node:util'
import { brokerAttacks, inputAttacks, type Target } from './attacks/attacks.js'
import { mutationFlood } from './attacks/mutation.js'
import { HealthyClient } from './attacks/pulse.js'
import { slowConnections } from './attacks/slow.js'
import { Victim, type VictimOptions } from './attacks/victim.js'

/**
 * Attacks a broker process and the program itself, and says what a healthy client noticed of it: the p99 of its
 * round trips against what it was before, and by how much the victim, busy already, has grown. Exits with 1 where a victim
 * died, took what it should not, lost an acknowledged message, or grew by more than 32 MiB.
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
const LIMITED_MS = 20_000
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
  readonly lost: number
  readonly growthMiB: number
  readonly alive: boolean
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

async function underAttack(
  options: VictimOptions,
  list: readonly (readonly [name: string, run: (target: Target) => Promise<readonly string[]>])[],
): Promise<Outcome[]> {
  const victim = await Victim.start(options)
  const healthy = await HealthyClient.start(victim.url)
  const warm = options.brokerOnly ? (sent: number) => sent < WARM_UP : during(WARM_UP_MS)
  await mutationFlood(victim, warm, seeded(99))
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  await pause(1000)
  await healthy.read()
  await pause(BASELINE_MS)
  const baseline = await healthy.read()
  const rssBefore = victim.rss
  const outcomes: Outcome[] = []
  for (const [attack, run] of list) {
    const begin = performance.now()
    const faults = await run(victim).catch((error: unknown) => [String(error)])
    const seconds = (performance.now() - begin) / 1000
    const pulse = await healthy.read()
    const isSample = pulse.sent >= 50
    outcomes.push({
      attack,
      faults,
      seconds,
      p99Ratio: isSample ? pulse.p99 / baseline.p99 : Number.NaN,
      p99Ms: isSample ? pulse.p99 : Number.NaN,
      lost: pulse.lost,
      growthMiB: victim.isAlive ? victim.rss - rssBefore : Number.NaN,
      alive: victim.isAlive,
    })
  }
  await healthy.stop()
  await victim.stop()
  return outcomes
}

const patterns = await underAttack(
  { brokerOnly: true },
  brokerAttacks.map(({ name, run }) => [name, run] as const),
)
// So many packets need thousands of connections a second, which the program does not let in: what others notice of that is
// no property of it.
const unlimited = await underAttack({ brokerOnly: true }, [
  [
    `${packets} mutated packets, no limit on connections`,
    async (target) => {
      await mutationFlood(target, (sent) => sent < packets, seeded(Number(values.seed)))
      return []
    },
  ],
])
const onProgram = await underAttack({}, [
  ...inputAttacks.map(({ name, run }) => [name, run] as const),
  [
    '200 connections that say a byte a second',
    async (target) =>
      (await slowConnections(target, 200)) < 8000 ? [] : ['they are kept for more than 8 s'],
  ],
  [
    `mutated packets for ${LIMITED_MS / 1000} s, connections limited as the program does`,
    async (target) => {
      await mutationFlood(target, during(LIMITED_MS), seeded(Number(values.seed)))
      return []
    },
  ],
])
const outcomes = [...patterns, ...unlimited, ...onProgram]

const failed = outcomes.filter(
  ({ faults, lost, growthMiB, alive }) =>
    faults.length > 0 || lost > 0 || !alive || !(growthMiB <= MOST_GROWTH_MIB),
)
const worstRatio = (list: readonly Outcome[]) =>
  Math.max(...list.map(({ p99Ratio }) => p99Ratio).filter((ratio) => !Number.isNaN(ratio)))
const report = {
  packets,
  seed: Number(values.seed),
  attacks: outcomes.length,
  failed: failed.length,
  worstP99Ratio: worstRatio([...patterns, ...onProgram]),
  unlimitedP99Ratio: worstRatio(unlimited),
  mostGrowthMiB: Math.max(...outcomes.map(({ growthMiB }) => growthMiB)),
  outcomes,
}
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`)
else {
  const figure = (value: number, digits: number) =>
    Number.isNaN(value) ? '–' : value.toFixed(digits)
  const rows = outcomes.map(
    ({ attack, faults, seconds, p99Ms, p99Ratio, lost, growthMiB, alive }) =>
      `| ${attack} | ${alive ? faults.join('; ') || 'withstood' : 'died'} | ${figure(seconds, 1)} | ${figure(p99Ms, 1)} | ${figure(p99Ratio, 1)} | ${lost} | ${figure(growthMiB, 1)} |`,
  )
  process.stdout.write(
    `${['| attack | outcome | s | p99 ms | p99 / before | lost | MiB more |', '| --- | --- | --- | --- | --- | --- | --- |', ...rows].join('\n')}\n`,
  )
}
process.exitCode = failed.length > 0 ? 1 : 0
