import { isDeviceId } from '../names.js'
import type { BrokerUserConfig, EmbeddedBrokerConfig } from './configuration.js'
import type { UserInput } from './schema/broker.js'
import type { ConfigurationInput } from './schema/root.js'
import type { Secrets } from './secrets.js'
import { requestFilters } from './topics.js'

/** The embedded broker as the doors take it. */
export function embeddedConfig(
  { broker: { embedded }, base_topic, limits }: ConfigurationInput,
  { listener, users: passwords }: Secrets,
): EmbeddedBrokerConfig {
  const { cert, key, ca } = listener ?? {}
  return {
    kind: 'embedded',
    host: embedded?.host ?? '127.0.0.1',
    port: embedded?.port ?? 1883,
    // A source lets in no more than this; what a client sends over it can wait with the client.
    publishRate: { perSecond: limits.port_frames_per_second, burst: limits.port_burst },
    ...(cert !== undefined &&
      key !== undefined && { tls: { cert, key, ...(ca !== undefined && { ca }) } }),
    ...(embedded?.users && {
      users: embedded.users.map((user, index) => userConfig(user, passwords?.[index], base_topic)),
    }),
  }
}

function userConfig(user: UserInput, password: string | undefined, base: string): BrokerUserConfig {
  const { name, admin, persistent, client_ids, publish, subscribe } = user
  // Nothing said: it is the device of this name.
  const isDevice = !publish && !subscribe && !admin && isDeviceId(name)
  return {
    name,
    ...(password !== undefined && { password }),
    clientIds: client_ids ?? [name],
    publish: publish ?? (isDevice ? [`${base}/${name}/frame`] : []),
    subscribe: subscribe ?? (isDevice ? [`${base}/${name}/command`] : []),
    // What is asked of the bridge itself is for those who may do everything.
    ...(!admin && { forbidden: requestFilters(base) }),
    admin,
    persistent,
  }
}
