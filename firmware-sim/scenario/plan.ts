import { deviceSourceId } from '../../src/alec/index.js'
import { formatProblems, type LineFormat } from '../../src/framing/index.js'
import { type FaultRates, noFaults } from '../faults/index.js'
import type { NodeChannel } from '../firmware.js'
import type { NodeSpec } from '../node.js'
import { sensorKinds } from '../signals/index.js'
import type { DeviceGroup, LinkSpec, Scenario } from './schema.js'

/** Where in a scenario something is, as keys and indices from the top. */
export type ScenarioPath = readonly (string | number)[]

/** Something in a scenario that contradicts something else in it. */
export interface PlanProblem {
  readonly path: ScenarioPath
  readonly message: string
}

export interface PlannedDevice {
  readonly spec: NodeSpec
  readonly rates: FaultRates
  /** Name of its model: one for each group. */
  readonly model: string
  /** The way that it is on. */
  readonly way: string
  /** 0 to 255 on a line of addresses, else -1. */
  readonly address: number
}

/** A serial line: a pseudo-terminal or a TCP port. */
export interface PlannedLine {
  readonly id: string
  readonly kind: 'pty' | 'tcp'
  readonly format: LineFormat
  readonly devices: PlannedDevice[]
  /** For TCP. */
  readonly host: string
  readonly port: number
}

export interface PlannedBroker {
  readonly id: string
  readonly kind: 'mqtt'
  readonly baseTopic: string
  readonly qos: 0 | 1 | 2
  readonly url: string | undefined
  readonly devices: PlannedDevice[]
}

export type PlannedWay = PlannedLine | PlannedBroker

export interface FleetPlan {
  readonly devices: readonly PlannedDevice[]
  readonly ways: ReadonlyMap<string, PlannedWay>
  /** Empty where the plan can be carried out. */
  readonly problems: readonly PlanProblem[]
}

// What a bridge accepts by default, and more than the longest frame that there is.
const longestFrame = 4096
const deviceId = /^(?!bridge$)[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/i

/** Works out every device of a scenario and how it is connected. */
export function planFleet(scenario: Scenario): FleetPlan {
  const planner = new Planner(scenario)
  for (const index of scenario.devices.keys()) planner.addGroup(index)
  return planner
}

class Planner implements FleetPlan {
  readonly devices: PlannedDevice[] = []
  readonly ways = new Map<string, PlannedWay>()
  readonly problems: PlanProblem[] = []
  readonly #scenario: Scenario
  readonly #ids = new Set<string>()
  readonly #models = new Set<string>()
  readonly #linesOf = new Map<string, number>()

  constructor(scenario: Scenario) {
    this.#scenario = scenario
  }

  addGroup(index: number): void {
    const group = this.#scenario.devices[index]!
    const path = ['devices', index]
    const { links } = this.#scenario
    const link = Object.hasOwn(links, group.link) ? links[group.link] : undefined
    if (!link) {
      const known = Object.keys(links).join(', ')
      this.#object([...path, 'link'], `no link is called ${group.link}; there are: ${known}`)
      return
    }
    if (group.profile === 'closed-loop' && group.frames !== 'compact') {
      this.#object(
        [...path, 'profile'],
        `closed-loop goes with compact frames, not ${group.frames}`,
      )
    }
    const channels = this.#channelsOf(group, path)
    const model = this.#modelOf(group)
    const found = this.problems.length
    for (let n = 1; n <= group.count; n++) {
      const id = group.name.replaceAll('{n}', String(n))
      this.#admit(id, [...path, group.count > 1 ? 'count' : 'name'])
      const way = this.#wayOf(group, link, id)
      const wanted = group.address === undefined ? undefined : group.address + n - 1
      const device = {
        spec: this.#specOf(group, id, channels),
        rates: { ...noFaults, ...this.#scenario.faults, ...group.faults },
        model,
        way: way.id,
        address: this.#addressOn(way, wanted, [...path, 'address']),
      }
      // The others of the group would only have the same problem.
      if (this.problems.length > found) return
      way.devices.push(device)
      this.devices.push(device)
    }
  }

  #object(path: ScenarioPath, message: string): void {
    this.problems.push({ path, message })
  }

  #admit(id: string, path: ScenarioPath): void {
    const known = id.toLowerCase()
    if (!deviceId.test(id)) {
      this.#object(
        path,
        `${id} is no device id: expected 1 to 64 letters, digits, _ and -, and not bridge`,
      )
    } else if (this.#ids.has(known)) {
      this.#object(path, `there is a device ${id} already (case does not count); {n} numbers them`)
    }
    this.#ids.add(known)
  }

  #channelsOf(group: DeviceGroup, path: ScenarioPath): NodeChannel[] {
    const names = new Map<string, number>()
    const sources = new Map<number, string>()
    const multi = group.frames.endsWith('multi')
    return group.channels.map((channel, index) => {
      const at = [...path, 'channels', index]
      const { name } = channel
      if (names.has(name)) this.#object(at, `channel ${names.get(name)} is called ${name} already`)
      names.set(name, index)
      const source = channel.source ?? deviceSourceId(name)
      if (multi && source > 255) {
        this.#object([...at, 'source'], `a multi frame names entries by 0 to 255, not ${source}`)
      }
      const other = sources.get(source)
      if (group.frames !== 'compact' && other !== undefined && other !== name) {
        this.#object(
          at,
          `${name} has source ${source}, and so has ${other}: give one another source`,
        )
      }
      sources.set(source, name)
      return { name, kind: sensorKinds[channel.kind], source }
    })
  }

  #modelOf(group: DeviceGroup): string {
    const stem = group.name.replaceAll('{n}', '').replace(/^[-_]+|[-_]+$/g, '') || 'model'
    let model = stem
    for (let n = 2; this.#models.has(model); n++) model = `${stem}-${n}`
    this.#models.add(model)
    return model
  }

  #specOf(group: DeviceGroup, id: string, channels: readonly NodeChannel[]): NodeSpec {
    return {
      id,
      channels,
      frames: group.frames,
      profile: group.profile,
      intervalMs: group.interval,
      keyframeInterval: group.keyframe_interval,
      scale: group.scale,
      checksum: group.checksum,
      suppresses: group.suppresses,
      timeLapse: this.#scenario.time_lapse,
    }
  }

  /** The device's way: a broker and a line of addresses take in all devices of the link, else each has a line. */
  #wayOf(group: DeviceGroup, link: LinkSpec, device: string): PlannedWay {
    const shared = 'mqtt' in link || ('pty' in link ? link.pty : link.tcp).address === 'byte'
    // No link's name has a dot in it.
    const id = shared || !this.ways.has(group.link) ? group.link : `${group.link}.${device}`
    const way = this.ways.get(id) ?? this.#newWay(id, group.link, link)
    this.ways.set(id, way)
    return way
  }

  #newWay(id: string, name: string, link: LinkSpec): PlannedWay {
    if ('mqtt' in link) {
      const { base_topic: baseTopic, qos, url } = link.mqtt
      return { id, kind: 'mqtt', baseTopic, qos, url, devices: [] }
    }
    const kind = 'pty' in link ? 'pty' : 'tcp'
    const { framing, crc, address } = 'pty' in link ? link.pty : link.tcp
    const format = { framing, crc, address, maxFrame: longestFrame }
    for (const problem of formatProblems(format)) this.#object(['links', name, kind], problem)
    const before = this.#linesOf.get(name) ?? 0
    this.#linesOf.set(name, before + 1)
    const { host, port } = 'tcp' in link ? link.tcp : { host: '', port: 0 }
    return { id, kind, format, host, port: port === 0 ? 0 : port + before, devices: [] }
  }

  #addressOn(way: PlannedWay, wanted: number | undefined, path: ScenarioPath): number {
    if (way.kind === 'mqtt' || way.format.address === 'none') {
      if (wanted !== undefined) {
        this.#object(path, `link ${way.id} has no addresses: address: byte would give it some`)
      }
      return -1
    }
    const taken = new Set(way.devices.map(({ address }) => address))
    let address = wanted ?? 1
    while (wanted === undefined && taken.has(address)) address++
    if (taken.has(address)) this.#object(path, `address ${address} of ${way.id} is taken already`)
    if (address > 255) this.#object(path, `addresses go up to 255, not ${address}`)
    return address
  }
}
