import type { BrokerUserConfig, Configuration, EmbeddedBrokerConfig } from '../config/index.js'
import type { BrokerAccess } from '../transport/index.js'

export interface Way {
  readonly access: BrokerAccess
  readonly clientId: string
}

/** Who comes in: its client id ends with the suffix; at an embedded broker with users, it is this one of them. */
export interface Visitor {
  readonly suffix: string
  readonly user: string
}

/** How to come in at the configured broker beside a running bridge, or why we cannot. */
export function wayIn({ broker, bridge }: Configuration, visitor: Visitor): Way | string {
  // Not the bridge's own id: the broker would end its connection.
  const own = (broker.kind === 'external' && broker.clientId) || `alec-${bridge.id}`
  const clientId = `${own}-${visitor.suffix}`
  if (broker.kind === 'external') return { access: broker, clientId }
  const access: BrokerAccess = {
    urls: [urlOf(broker)],
    // It speaks no other: to be asked in MQTT 5 first would be a refusal in its log and its counters, each time.
    protocol: '3.1.1',
    ...(broker.tls && { tls: { insecure: true } }),
  }
  if (!broker.users) return { access, clientId }
  const user = broker.users.find(({ name }) => name === visitor.user)
  if (!user) return `the embedded broker has users: give it one named ${visitor.user}`
  return { access: { ...access, ...loginOf(user) }, clientId: user.clientIds[0] ?? visitor.user }
}

const loginOf = ({ name, password }: BrokerUserConfig) =>
  password?.startsWith('scrypt:')
    ? { username: name }
    : { username: name, ...(password !== undefined && { password }) }

/** On this machine, wherever it listens: its certificate is for others. */
function urlOf({ host, port, tls }: EmbeddedBrokerConfig): string {
  const here = ['0.0.0.0', '::', '*'].includes(host) ? '127.0.0.1' : host
  return `${tls ? 'mqtts' : 'mqtt'}://${here.includes(':') ? `[${here}]` : here}:${port}`
}
