import { type PlannedDevice, type PlannedWay, planFleet } from './plan.js'
import type { Scenario } from './schema.js'

export interface BridgeConfigOptions {
  /** Where the lines are, by their id: a terminal's path or `tcp://host:port`; what `Fleet.addresses` says. */
  readonly addresses: ReadonlyMap<string, string>
}

/** A bridge's base topic where none is configured. */
const defaultBaseTopic = 'alec'

/**
 * What a bridge has to be told to receive a scenario's fleet, in the shape of its configuration file: models,
 * sources and devices. Every declaration is true of the signals. A line whose address is not known is left out.
 */
export function bridgeConfigFor(
  scenario: Scenario,
  { addresses }: BridgeConfigOptions,
): { version: 1; models: object; sources: object[]; devices: object } {
  const { devices, ways } = planFleet(scenario)
  const models = new Map<string, object>()
  for (const device of devices) {
    if (!models.has(device.model)) models.set(device.model, modelOf(device, scenario.speed))
  }
  return {
    version: 1,
    models: Object.fromEntries(models),
    sources: [...ways.values()].flatMap((way) => sourceOf(way, addresses)),
    devices: Object.fromEntries(devices.map(({ spec, model }) => [spec.id, { model }])),
  }
}

function modelOf({ spec }: PlannedDevice, speed: number): object {
  const compact = spec.frames === 'compact'
  return {
    frames: compact ? 'compact' : 'standard',
    profile: spec.profile,
    // The shortest time between two frames: never more than it is.
    interval: `${Math.max(1, Math.floor(spec.intervalMs / speed))}ms`,
    scale: spec.scale,
    ...(compact && { keyframe_interval: spec.keyframeInterval }),
    ...(spec.checksum && { checksum: true }),
    ...(spec.suppresses && { suppresses: true }),
    ...(spec.frames === 'plain-multi' && { multi: 'plain' }),
    ...(spec.frames === 'adaptive-multi' && { multi: 'adaptive' }),
    channels: spec.channels.map(({ name, kind, source }) => ({
      name,
      quantity: kind.quantity,
      unit: kind.unit,
      resolution: Number(kind.resolution),
      min: kind.min,
      max: kind.max,
      max_step: kind.maxStep,
      ...(!compact && { source }),
    })),
  }
}

function sourceOf(way: PlannedWay, addresses: ReadonlyMap<string, string>): object[] {
  if (way.kind === 'mqtt') {
    const { baseTopic } = way
    const downlink = { topic: `${baseTopic}/{device}/command` }
    return [
      {
        mqtt: {
          topic: `${baseTopic}/{device}/frame`,
          ...(baseTopic !== defaultBaseTopic && { downlink }),
        },
      },
    ]
  }
  const path = addresses.get(way.id)
  if (path === undefined) return []
  const { framing, crc, address } = way.format
  const [first] = way.devices
  const devices =
    address === 'byte'
      ? {
          address,
          devices: Object.fromEntries(
            way.devices.map((device) => [device.address, device.spec.id]),
          ),
        }
      : { device: first?.spec.id }
  return [{ serial: { path, framing, crc, ...devices } }]
}
