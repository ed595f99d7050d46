import { topicFault } from '../topic-filter.js'

/** What of a CONNECT decides whether it is let in. */
export interface ConnectRequest {
  readonly clientId: string
  readonly will?: { readonly topic: string } | undefined
}

/** A refusal with its CONNACK return code (MQTT 3.1.1, table 3.1). */
export interface ConnectFault {
  readonly returnCode: 2 | 5
  readonly reason: 'client-id' | 'will-topic'
}

const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9_.:|@-]{0,127}$/

/** Why nobody at all may connect to the embedded broker like this, or `undefined` where somebody may. */
export function connectFault({ clientId, will }: ConnectRequest): ConnectFault | undefined {
  // An empty id gets a fresh one from the broker. Inherited names (`constructor`) have crashed brokers.
  if (clientId !== '' && (!CLIENT_ID.test(clientId) || clientId in Object.prototype)) {
    return { returnCode: 2, reason: 'client-id' }
  }
  // The broker would take a forbidden will now and refuse it only when the client is gone.
  if (will && topicFault(will.topic) !== undefined) return { returnCode: 5, reason: 'will-topic' }
  return undefined
}
