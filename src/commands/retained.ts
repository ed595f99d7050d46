import type { Clock } from '../clock.js'
import type { BrokerProbe } from './broker-probe.js'

/** A broker sends what it keeps at once; after so long without any of it, that was all. */
const QUIET_MS = 1000

/** Resolves once nothing of what the broker keeps has come for a while; to false where it is gone. */
export function settled(probe: BrokerProbe, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isThere: boolean) => {
      cancel()
      stop()
      resolve(isThere)
    }
    const wait = () => clock.setTimer(QUIET_MS, () => end(true))
    let cancel = wait()
    const stop = probe.listen(({ retain }) => {
      if (!retain) return
      cancel()
      cancel = wait()
    })
    void probe.ended().then(() => end(false))
  })
}

/** What a broker keeps on these filters, by topic; or why it cannot be asked. */
export async function retainedOn(
  probe: BrokerProbe,
  filters: readonly string[],
  clock: Clock,
): Promise<ReadonlyMap<string, string> | string> {
  const kept = new Map<string, string>()
  const stop = probe.listen(({ topic, payload, retain }) => {
    if (!retain) return
    kept.set(topic, new TextDecoder().decode(payload))
  })
  try {
    for (const filter of filters) {
      const answer = await probe.subscribe(filter)
      if (!answer.ok) return `${filter} cannot be read: ${answer.reason}`
    }
    await settled(probe, clock)
    return kept
  } finally {
    stop()
    for (const filter of filters) probe.unsubscribe(filter)
  }
}
