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

/**
 * Where keys were used that the journal does not tell of, it tells of the leap over them; from here on it is whole.
 * `tellStates` puts into it what the fleet knows: the newest snapshot may be of entries that the journal never had, and who
 * brings a backlog begins with an older one.
 */
export async function makeWhole(
  memory: BridgeMemory,
  obey: Obey,
  tellStates: () => Promise<void>,
  log: Log,
): Promise<void> {
  const { epochLeap: epochs, journal, checkpoint, snapshots } = memory
  if (epochs > 0) {
    await obey({ do: 'leap', epochs })
    if (snapshots.newestOrdinal > checkpoint) await tellStates()
    log.warn({ epochs }, LEAPT)
  }
  await journal.tellsAll()
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
