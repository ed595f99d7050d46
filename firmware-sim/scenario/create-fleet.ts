import { join } from 'node:path'
import type { Clock } from '../../src/clock.js'
import { SimulatedDevice } from '../device.js'
import { LineFaults } from '../faults/index.js'
import { Fleet } from '../fleet.js'
import type { FleetMember } from '../fleet-member.js'
import { Line, type Link, MemoryLink, MqttLink, PtyLink, TcpLink } from '../links/index.js'
import { Random } from '../random.js'
import { type PlannedLine, type PlannedWay, planFleet } from './plan.js'
import type { Scenario } from './schema.js'

export interface CreateFleetOptions {
  readonly clock: Clock
  /** For MQTT links that name no broker themselves; default `mqtt://127.0.0.1:1883`. */
  readonly brokerUrl?: string
  /** An existing directory for symlinks to the pseudo-terminals, named after their links; none without it. */
  readonly linkDir?: string
  /** Takes every bare frame instead of terminals, ports and brokers, so no wire damages it on the way. */
  readonly deliver?: (device: string, frame: Uint8Array) => void
}

/** A member before its link is there. */
type Wired = Omit<FleetMember, 'link'> & { readonly address: number }

/**
 * Builds a scenario's fleet; nothing is opened yet. The same seed and start give the same frames, and a
 * device's frames are the same whatever other devices there are.
 */
export function createFleet(scenario: Scenario, options: CreateFleetOptions): Fleet {
  const { clock } = options
  const random = new Random(scenario.seed)
  const startMs = scenario.start ?? Math.floor(clock.wall())
  const members: FleetMember[] = []
  for (const way of planFleet(scenario).ways.values()) {
    const wired = way.devices.map(({ spec, rates, address }) => ({
      address,
      device: new SimulatedDevice(spec, rates, random, startMs),
      ...(way.kind !== 'mqtt' && {
        lineFaults: new LineFaults(rates, random.fork(spec.id).fork('wire')),
      }),
    }))
    const link = linkOf(way, wired, options)
    for (const { address, ...member } of wired) members.push({ ...member, link })
  }
  return new Fleet(members, { clock, startMs, speed: scenario.speed })
}

function linkOf(way: PlannedWay, wired: readonly Wired[], options: CreateFleetOptions): Link {
  if (options.deliver) return new MemoryLink(way.id, options.deliver)
  if (way.kind !== 'mqtt') return lineLink(way, wired, options)
  return new MqttLink({
    id: way.id,
    url: way.url ?? options.brokerUrl ?? 'mqtt://127.0.0.1:1883',
    baseTopic: way.baseTopic,
    qos: way.qos,
    devices: wired.map(({ device }) => device.id),
  })
}

function lineLink(way: PlannedLine, wired: readonly Wired[], options: CreateFleetOptions): Link {
  const nodes = wired.map(({ device, address, lineFaults }) => ({
    device: device.id,
    address,
    ...(lineFaults && { faults: lineFaults }),
  }))
  const line = new Line(way.id, way.format, nodes)
  if (way.kind === 'tcp') return new TcpLink(line, way)
  return new PtyLink(line, options.linkDir ? { symlink: join(options.linkDir, way.id) } : {})
}
