import type { Log } from '../log.js'
import type { OutgoingMessage } from '../transport/index.js'
import { partLog } from './part-log.js'

/** Hears every message that is handed to the broker, and writes it down where somebody wants to read that. */
export function publishLog(
  log: Log,
  heard: (message: OutgoingMessage) => void = () => {},
): (message: OutgoingMessage) => void {
  const published = partLog(log, 'publish')
  return (message) => {
    heard(message)
    if (!published.writesDebug?.()) return
    const { topic, payload, qos, retain } = message
    published.debug({ topic, bytes: payload.length, qos, retain }, 'published')
  }
}
