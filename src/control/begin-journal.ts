import {
  type Fleet,
  type FleetOrder,
  type OrderOutcome,
  type PlanDocument,
  samePlan,
} from '../device/index.js'
import type { Log } from '../log.js'
import type { BridgeMemory } from './bridge-memory.js'

/** Puts an order among the frames; resolves when it has been obeyed. */
export type Obey = (order: FleetOrder) => Promise<OrderOutcome>

export const MODEL_CHANGED = 'the model has changed: what was known of these devices does not hold'
const LEAPT = 'readings have left that the disk did not take: all devices go on in a later epoch'

/** Where keys were used that the journal does not tell of, it tells of the leap over them; from here on it is whole. */
export async function makeWhole(memory: BridgeMemory, obey: Obey, log: Log): Promise<void> {
  const { epochLeap: epochs, journal } = memory
  const leapt = epochs > 0 ? obey({ do: 'leap', epochs }) : undefined
  await journal.tellsAll()
  if (!leapt) return
  await leapt
  log.warn({ epochs }, LEAPT)
}

/** What was accepted before was of the devices of then; what comes from here on is of those that are configured. */
export async function beginPlan(
  plan: PlanDocument | undefined,
  fleet: Fleet,
  obey: Obey,
  log: Log,
): Promise<void> {
  if (!plan || samePlan(plan, fleet.document)) return
  const outcome = await obey({ do: 'plan', plan })
  const forgotten = outcome.ok ? (outcome.change?.forgotten ?? []) : []
  if (forgotten.length > 0) log.info({ devices: forgotten }, MODEL_CHANGED)
}
