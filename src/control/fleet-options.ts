import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import { compileProfile, type FleetOptions } from '../device/index.js'
import { mqttSourceId } from '../names.js'
import { defaultCircuitPolicy } from '../resilience/index.js'

/** The fleet that a configuration describes. */
export function fleetOptions(
  configuration: Configuration,
  clock: Clock,
  epochBase = 0,
): FleetOptions {
  const { models, devices, limits, sources, unknownDevices, defaultModel, cluster } = configuration
  return {
    profiles: new Map(Array.from(models, ([name, model]) => [name, compileProfile(model)])),
    devices: new Map(Array.from(devices, ([id, device]) => [id, device.model])),
    policy: {
      circuit: defaultCircuitPolicy,
      flood: { perSecond: limits.framesPerSecond, burst: limits.burst },
    },
    unknownDevices,
    ...(defaultModel !== undefined && { defaultProfile: defaultModel }),
    reorderWindows: new Map(
      sources.flatMap((source) =>
        source.kind === 'mqtt'
          ? [[mqttSourceId(source.topic, source.device), source.reorderWindow] as const]
          : [],
      ),
    ),
    // A store that the bridges share may lose what it was told, and nobody would know: epochs that begin with the minute
    // are greater than any before.
    epochBase: cluster ? () => Math.floor(clock.wall() / 60_000) : epochBase,
    onDemand: cluster !== undefined,
    born: { mono: clock.mono(), wall: clock.wall() },
  }
}
