import { cpus } from 'node:os'
import { type CrashPlan, crashPoints } from '../test/journal/crash-points.js'

/**
 * Cuts the power, or kills the process, before every step of the disk in lives of 200 operations, and looks at what is
 * left. Ends with an error at the first point where an accepted frame is lost, the order is broken or a checkpoint goes
 * back. `node dist/bench/power-loss.js [points] [first seed]`
 */
const points = Number(process.argv[2] ?? 100_000)
const seed = Number(process.argv[3] ?? 1)

const plans: readonly { readonly share: number; readonly plan: CrashPlan }[] = [
  { share: 0.4, plan: { durability: 'strict', end: 'power-loss', faults: 0 } },
  { share: 0.2, plan: { durability: 'strict', end: 'power-loss', faults: 0.02 } },
  { share: 0.1, plan: { durability: 'strict', end: 'power-loss', faults: 0.1 } },
  { share: 0.1, plan: { durability: 'strict', end: 'kill', faults: 0.05 } },
  { share: 0.1, plan: { durability: 'batched', end: 'kill', faults: 0 } },
  { share: 0.1, plan: { durability: 'os', end: 'kill', faults: 0 } },
]

console.log(
  `crash points, seeds from ${seed} on, Node ${process.versions.node}, ${cpus().length} cores`,
)
let all = 0
const began = performance.now()
for (const { share, plan } of plans) {
  const tally = await crashPoints(Math.ceil(points * share), seed, plan)
  all += tally.points
  console.log(
    `${plan.durability.padEnd(8)} ${plan.end.padEnd(10)} ${(100 * plan.faults).toFixed(0).padStart(3)} % of calls fail: ` +
      `${tally.points} points (${tally.trimmed} with a trimmed journal), ${tally.entries} entries read, ` +
      `${tally.unpromised} more than promised, 0 accepted lost`,
  )
}
const seconds = (performance.now() - began) / 1000
console.log(`${all} points in ${seconds.toFixed(0)} s: 0 accepted frames lost, order kept`)
