import type { Fleet } from '../device/index.js'
import type { JournalEntry } from '../journal/index.js'
import type { BridgeMemory } from './bridge-memory.js'
import { takeTo } from './delivery.js'

/**
 * Brings a fleet to where an earlier run left it: the snapshot, then the journal behind it. Returns the devices whose
 * model has changed since: what was known of them does not hold.
 */
export async function restoreFleet(
  { snapshot, journal }: BridgeMemory,
  fleet: Fleet,
  take: (entry: JournalEntry) => void = (entry) => takeTo(fleet, entry),
): Promise<readonly string[]> {
  const forgotten = snapshot ? fleet.restore(snapshot.devices) : []
  const reader = journal.read(snapshot?.ordinal ?? 0)
  for (let entries = await reader.next(); entries.length > 0; entries = await reader.next()) {
    for (const entry of entries) take(entry)
  }
  return forgotten
}
