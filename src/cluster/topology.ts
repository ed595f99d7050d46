/** What a group of bridges shares on its broker. All names begin with the group, so that groups do not meet. */
export interface Topology {
  /** Spreads frames over the queues by their routing keys, always in the same way. */
  readonly exchange: string
  /** One per partition, by its number. */
  readonly queues: readonly string[]
  /** Where nothing is ever sent: every bridge of the group stands at its end, and the broker counts them. */
  readonly attendance: string
}

export const topologyOf = (group: string, partitions: number): Topology => ({
  exchange: `alec.${group}.frames`,
  attendance: `alec.${group}.bridges`,
  queues: Array.from({ length: partitions }, (_, n) => `alec.${group}.${n}`),
})

/** The exchange that the broker's MQTT listener publishes to. */
export const MQTT_EXCHANGE = 'amq.topic'

/** A topic filter as a binding: the broker makes dots of slashes. */
export const bindingOf = (filter: string): string =>
  filter
    .split('/')
    .map((level) => (level === '+' ? '*' : level))
    .join('.')

/** The topic that a routing key was; ids and our topics hold no dots. */
export const topicOf = (routingKey: string): string => routingKey.replaceAll('.', '/')
