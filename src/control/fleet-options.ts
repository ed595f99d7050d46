import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import {
  compileProfile,
  type DeviceModels,
  type FleetOptions,
  type FleetPlan,
} from '../device/index.js'
import { mqttSourceId } from '../names.js'
import { type BucketPolicy, defaultCircuitPolicy } from '../resilience/index.js'

/** The fleet that a configuration describes. */
export function fleetOptions(
  configuration: Configuration,
  clock: Clock,
  epochBase = 0,
): FleetOptions {
  const { cluster } = configuration
  return {
    ...planOf(configuration),
    policy: { circuit: defaultCircuitPolicy, flood: floodPolicy(configuration) },
    // A store that the bridges share may lose what it was told, and nobody would know: epochs that begin with the minute
    // are greater than any before.
    epochBase: cluster ? () => Math.floor(clock.wall() / 60_000) : epochBase,
    onDemand: cluster !== undefined,
    born: { mono: clock.mono(), wall: clock.wall() },
  }
}

/** What one device may send. */
export const floodPolicy = ({ limits }: Configuration): BucketPolicy => ({
  perSecond: limits.framesPerSecond,
  burst: limits.burst,
})

/** The devices of a configuration: of a large fleet a map of their models would take megabytes. */
const modelsOf = (devices: Configuration['devices']): DeviceModels => ({
  get: (id) => devices.get(id)?.model,
  has: (id) => devices.has(id),
  *[Symbol.iterator]() {
    for (const [id, { model }] of devices) yield [id, model] as const
  },
})

/** Which devices there are, and how their frames are decoded. */
export function planOf(configuration: Configuration): FleetPlan {
  const { models, devices, sources, unknownDevices, defaultModel } = configuration
  return {
    profiles: new Map(Array.from(models, ([name, model]) => [name, compileProfile(model)])),
    devices: modelsOf(devices),
    unknownDevices,
    ...(defaultModel !== undefined && { defaultProfile: defaultModel }),
    reorderWindows: new Map(
      sources.flatMap((source) =>
        source.kind === 'mqtt'
          ? [[mqttSourceId(source.topic, source.device), source.reorderWindow] as const]
          : [],
      ),
    ),
    ways: waysOf(sources),
  }
}

/** What the doors know devices by, where that is not their ids; all of it, where a device has several doors. */
function waysOf(sources: Configuration['sources']): ReadonlyMap<string, string> {
  const ways = new Map<string, string>()
  for (const { devices } of sources) {
    for (const [known, id] of devices ?? []) {
      const before = ways.get(id)
      if (before !== undefined || String(known) !== id)
        ways.set(id, before === undefined ? String(known) : `${before} ${known}`)
    }
  }
  return ways
}
