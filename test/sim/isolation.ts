import type { FaultKind } from './fault-kinds.js'
import type { Plan } from './plan.js'
import { simulate } from './simulation.js'

/** What goes wrong with one device alone. */
const own: readonly FaultKind[] = [
  'loss',
  'bursts',
  'silences',
  'duplicates',
  'reorders',
  'reboots',
  'not-finite',
  'truncated',
  'garbage',
  'flood',
]

/**
 * Runs a world with and without one of its devices; what the others' readings differ by, or undefined (I8). Their
 * bytes must be the same: no device may be felt by another.
 */
export async function leak(plan: Plan): Promise<string | undefined> {
  const absent = plan.devices.find(({ line }) => line === undefined)?.node.id
  if (absent === undefined || plan.devices.length < 2) return undefined
  const strengths = new Map([...plan.strengths].filter(([kind]) => own.includes(kind)))
  // Requests for keyframes have one budget: what they bring is no isolated matter, so devices do not hear them.
  strengths.set('downlink-loss', 1)
  const steady = { ...plan, strengths, steady: true, window: 10_000, maxQueued: 1_000_000 }
  const whole = await simulate(steady)
  const without = await simulate({ ...steady, absent })
  const broken = whole.violation ?? without.violation
  if (broken) return `seed ${plan.seed}: ${broken.what}`
  for (const [device, expected] of without.readings) {
    const got = whole.readings.get(device) ?? []
    const at = expected.findIndex((payload, i) => payload !== got[i])
    if (at >= 0 || got.length !== expected.length) {
      const where = at < 0 ? expected.length : at
      return `I8: seed ${plan.seed}: ${device} says ${got[where]} beside ${absent}, ${expected[where]} without`
    }
  }
  return undefined
}
