import type { Fleet } from '../device/index.js'
import type { JournalEntry } from '../journal/index.js'
import type { BridgeMemory } from './bridge-memory.js'
import { takeTo } from './delivery.js'

/**
 * Brings a fleet to where an earlier run left it: the snapshot, then the journal behind it. Returns the devices whose
 * model has changed since: what was known of them does not hold. `look` sees what is taken in, and `lookBack` entries
 * before that.
 */
export async function restoreFleet(
  { snapshot, journal }: BridgeMemory,
  fleet: Fleet,
  take: (entry: JournalEntry) => void = (entry) => takeTo(fleet, entry),
  look: (entry: JournalEntry) => void = () => {},
  lookBack = 0,
): Promise<readonly string[]> {
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
