import type { Clock } from '../clock.js'
import {
  type BrokerAccess,
  type BrokerConnection,
  type BrokerDoor,
  brokerDoor,
  type ConnectionEnd,
} from '../transport/index.js'

/** How brokers refuse, or cannot even refuse, a version that they do not speak. */
export const OTHER_VERSION: ReadonlySet<string> = new Set([
  'connack-1',
  'connack-132',
  'protocol-error',
  'closed',
  'ECONNRESET',
  'EPIPE',
])
/** The door takes the older version after one refusal, or two silences. */
const MOST_TRIES = 3

/**
 * A door for who comes in once, beside a bridge: a broker that speaks another version of MQTT is no reason to be turned
 * away. The bridge's own links find that out over their reconnects.
 */
export const visitorDoor = (access: BrokerAccess, clientId: string, clock: Clock): BrokerDoor =>
  insistent(brokerDoor(access, { clientId, clean: true }, clock), MOST_TRIES * access.urls.length)

/** Tries again, at once, where the version may be what a broker does not like. */
export function insistent(door: BrokerDoor, mostTries: number): BrokerDoor {
  return {
    address: door.address,
    keepsSession: door.keepsSession,
    open(handlers) {
      let tries = 0
      let isOver = false
      const open = (): BrokerConnection => {
        tries++
        return door.open({
          onConnected(resumed) {
            isOver = true
            handlers.onConnected(resumed)
          },
          onMessage: (message) => handlers.onMessage(message),
          onClosed(end: ConnectionEnd) {
            if (isOver || tries >= mostTries || !OTHER_VERSION.has(end.code)) handlers.onClosed(end)
            else connection = open()
          },
        })
      }
      let connection = open()
      return {
        publish: (...message) => connection.publish(...message),
        subscribe: (...subscription) => connection.subscribe(...subscription),
        unsubscribe: (filter) => connection.unsubscribe(filter),
        close() {
          isOver = true
          connection.close()
        },
        abort() {
          isOver = true
          connection.abort()
        },
      }
    },
  }
}
