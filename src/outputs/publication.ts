/** What happens to a publication while the broker is away: kept in order, only the last per topic, or dropped (counted). */
export type WhileAway = 'queue' | 'latest' | 'drop'

export interface Publication {
  readonly topic: string
  readonly payload: string | Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly whileAway: WhileAway
}
