import type { JournalView } from '../views.js'
import type { Family } from './family.js'

/** What is kept until it is published. */
export function journalFamilies(journal: JournalView): Family[] {
  const one = (name: string, type: Family['type'], help: string, read: () => number): Family => ({
    name: `journal_${name}`,
    help,
    type,
    read: () => [[read()]],
  })
  return [
    one('bytes', 'gauge', 'Bytes of the journal on the disk.', () => journal.bytes),
    one(
      'fill_ratio',
      'gauge',
      'How much of its room the journal takes; what has left makes room when it is needed.',
      () => journal.fill,
    ),
    one('failing', 'gauge', 'Whether the journal cannot be written.', () =>
      Number(journal.state.kind === 'failing'),
    ),
    one(
      'unsettled_entries',
      'gauge',
      'Entries behind the written checkpoint: what would be published again after a crash, or waits to be.',
      () => Math.max(0, journal.lastOrdinal - journal.settled),
    ),
    one('written_entries_total', 'counter', 'Entries written.', () => journal.counters().written),
    one(
      'unjournaled_entries_total',
      'counter',
      'Entries that went on while the disk failed, and are not in the journal.',
      () => journal.counters().unjournaled,
    ),
    one('commits_total', 'counter', 'Writes that are safe.', () => journal.counters().commits),
    one('failures_total', 'counter', 'Writes that failed.', () => journal.counters().failures),
    one('lost_entries_total', 'counter', 'Entries that were lost.', () => journal.counters().lost),
  ]
}
