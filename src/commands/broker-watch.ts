import type { Clock } from '../clock.js'
import type { BrokerDoor } from '../transport/index.js'
import { BrokerProbe } from './broker-probe.js'
import { pause, stopped } from './ending.js'

export interface BrokerWatchOptions {
  readonly door: () => BrokerDoor
  readonly clock: Clock
  /** How long the broker may take for each answer. */
  readonly timeoutMs: number
  readonly filters: Iterable<string>
  /** A connection is about to be tried: whoever wants its messages listens now. */
  readonly onOpen: (probe: BrokerProbe) => void
  /** Everything is subscribed. */
  readonly onListening: (probe: BrokerProbe) => void
  /** It was there, and is not any more; or cannot be had again, for another reason than before. */
  readonly onAway: (reason: string) => void
}

const RETRY_MS = 2000

/**
 * Listens to a broker until the signal is aborted; one that was there once is waited for. Resolves to why it could not
 * begin, where it could not.
 */
export async function watchBroker(
  options: BrokerWatchOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { door, clock, timeoutMs, onOpen, onListening, onAway } = options
  const stop = stopped(signal)
  let wasThere = false
  let told = ''
  while (!signal.aborted) {
    const probe = new BrokerProbe(door(), clock, timeoutMs)
    try {
      onOpen(probe)
      const refusal = await Promise.race([begin(probe, options.filters), stop])
      if (signal.aborted) break
      if (refusal === undefined) {
        wasThere = true
        onListening(probe)
        const end = await Promise.race([probe.ended(), stop])
        if (!end) break
        told = end.reason
        onAway(told)
      } else if (!wasThere) return refusal
      else if (refusal !== told) {
        told = refusal
        onAway(told)
      }
    } finally {
      await probe.close()
    }
    await pause(RETRY_MS, clock, signal)
  }
  return undefined
}

/** Undefined once everything is subscribed; else why not. */
async function begin(probe: BrokerProbe, filters: Iterable<string>): Promise<string | undefined> {
  const refusal = await probe.connected()
  if (refusal) return refusal.reason
  for (const filter of filters) {
    const answer = await probe.subscribe(filter)
    if (!answer.ok) return `${filter} cannot be read: ${answer.reason}`
  }
  return undefined
}
