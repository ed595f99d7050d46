import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import type { FilePort, JournalDurability } from '../journal/index.js'
import type { Log } from '../log.js'
import type { BridgeMemoryOptions, Machine } from './bridge-memory.js'

/** The memory that a configuration asks for; undefined where it asks for none (`durability: end-to-end`, a cluster). */
export function memoryOptions(
  { journal, cluster }: Configuration,
  directory: string,
  ports: {
    readonly files: FilePort
    readonly clock: Clock
    readonly machine: Machine
    readonly log: Log
  },
): BridgeMemoryOptions | undefined {
  if (cluster) return undefined
  const { maxBytes, durability } = journal
  const kept = keptDurability(durability)
  return kept && { directory, ...ports, maxBytes, durability: kept }
}

function keptDurability(
  durability: Configuration['journal']['durability'],
): JournalDurability | undefined {
  switch (durability.kind) {
    case 'batched':
      return durability
    case 'end-to-end':
      return undefined
    default:
      return { kind: durability.kind }
  }
}
