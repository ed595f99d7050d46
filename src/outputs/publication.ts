/** What happens to a publication while the broker is away: kept in order, only the last per topic, or dropped (counted). */
export type WhileAway = 'queue' | 'latest' | 'drop'

export interface Publication {
  readonly topic: string
  readonly payload: string | Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly whileAway: WhileAway
  /** By which a repeated delivery is recognised: the same for the same frame, whatever happens. */
  readonly key?: string
  /** By which who asked for it recognises an answer (MQTT 5). */
  readonly correlation?: Uint8Array
  /** What is said here is not to be believed after this. */
  readonly expirySeconds?: number
}

/** A retained state: whoever comes later sees the last one, so the last one is all that must arrive. */
export const retained = (topic: string, payload: string): Publication => ({
  topic,
  payload,
  qos: 1,
  retain: true,
  whileAway: 'latest',
})

/** Makes the broker forget what is retained on a topic. */
export const cleared = (topic: string): Publication => retained(topic, '')
