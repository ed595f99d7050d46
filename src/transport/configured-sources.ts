import type { Clock } from '../clock.js'
import type { Configuration } from '../config/configuration.js'
import type { BrokerLinks } from './broker-links.js'
import { createLineSource } from './line-source.js'
import { MqttSource } from './mqtt-source.js'
import type { Source } from './source.js'

const UNLIMITED = Object.freeze({ perSecond: 1e9, burst: 1e9 })

/** The doors that a configuration names, still closed. */
export function configuredSources(
  configuration: Configuration,
  links: BrokerLinks,
  ports: { readonly clock: Clock; readonly random: () => number },
): Source[] {
  const { baseTopic, sources, limits, cluster } = configuration
  // What a cluster's broker has more of waits there, and is taken as fast as it can be: there is nothing to turn away.
  const portLimit = cluster
    ? UNLIMITED
    : { perSecond: limits.portFramesPerSecond, burst: limits.portBurst }
  return sources.map((config) =>
    config.kind === 'serial'
      ? createLineSource(config, { ...ports, portLimit })
      : new MqttSource({
          config,
          baseTopic,
          uplink: links.input,
          downlink: links.output,
          clock: ports.clock,
          portLimit,
        }),
  )
}
