import type { Fleet } from '../device/index.js'
import type { JournalEntry, Snapshot } from '../journal/index.js'
import type { BridgeMemory } from './bridge-memory.js'
import { takeTo } from './delivery.js'

/**
 * Brings a fleet to where an earlier run left it, under the plan of then: the snapshot, then the journal behind it.
 * Returns the devices of which nothing could be used, as they were kept under another model. `look` sees what is taken
 * in, and `lookBack` entries before that.
 */
export async function restoreFleet(
  memory: BridgeMemory,
  fleet: Fleet,
  take: (entry: JournalEntry) => void = (entry) => takeTo(fleet, entry),
  look: (entry: JournalEntry) => void = () => {},
  lookBack = 0,
): Promise<readonly string[]> {
  const { journal } = memory
  const snapshot = memory.takeSnapshot()
  if (snapshot) adoptPlan(fleet, snapshot)
  const forgotten = snapshot ? fleet.restore(snapshot.devices) : []
  const after = snapshot?.ordinal ?? 0
  const from = Math.max(Math.min(after, journal.lastOrdinal - lookBack), journal.firstOrdinal - 1)
  const reader = journal.read(Math.min(after, from))
  for (let entries = await reader.next(); entries.length > 0; entries = await reader.next()) {
    for (const entry of entries) {
      look(entry)
      if (entry.ordinal > after) take(entry)
    }
  }
  return forgotten
}

/**
 * Brings a new fleet to the plan that a snapshot was taken under. Where that is not known (an older version took it, or
 * there has been none yet) it is taken to be the one that is configured.
 */
export function adoptPlan(fleet: Fleet, { plan, epochBase }: Snapshot): void {
  if (plan !== undefined) fleet.adopt(plan, epochBase)
}
