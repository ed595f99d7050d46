import type { Clock } from '../clock.js'
import type { BrokerProbe } from './broker-probe.js'

/** A broker sends what it keeps at once; after so long without any of it, that was all. */
const QUIET_MS = 1000

/** What a broker keeps on these filters, by topic; or why it cannot be asked. */
export async function retainedOn(
  probe: BrokerProbe,
  filters: readonly string[],
  clock: Clock,
): Promise<ReadonlyMap<string, string> | string> {
  const kept = new Map<string, string>()
  let onKept = () => {}
  const stop = probe.listen(({ topic, payload, retain }) => {
    if (!retain) return
    kept.set(topic, new TextDecoder().decode(payload))
    onKept()
  })
  try {
    for (const filter of filters) {
      const answer = await probe.subscribe(filter)
      if (!answer.ok) return `${filter} cannot be read: ${answer.reason}`
    }
    await new Promise<void>((resolve) => {
      let cancel = clock.setTimer(QUIET_MS, resolve)
      onKept = () => {
        cancel()
        cancel = clock.setTimer(QUIET_MS, resolve)
      }
    })
    return kept
  } finally {
    stop()
    for (const filter of filters) probe.unsubscribe(filter)
  }
}
