import type { DeviceEvent, DeviceStatus, Verdict } from '../device/index.js'
import { readingsFeature } from '../resilience/index.js'
import { type DeviceTopics, deviceTopics } from './device-topics.js'
import { eventFeature, eventPublication } from './events.js'
import type { Publication } from './publication.js'
import { type ReadingsOptions, ReadingsWriter } from './readings.js'
import type { Shedder } from './shedder.js'
import { statusPublications } from './status.js'
import { nextStatusFlow, type StatusFlow, type StatusFlowPolicy } from './status-flow.js'

export interface VoiceOptions {
  readonly baseTopic: string
  /** The bridge's id. */
  readonly bridge: string
  readonly readings: ReadingsOptions
  readonly statusFlow: StatusFlowPolicy
  readonly shedder: Shedder
}

/** All that is published of one device: its topics, built once, and what was said last. */
export class DeviceVoice {
  readonly topics: DeviceTopics
  readonly #options: VoiceOptions
  readonly #writer: ReadingsWriter
  #flow: StatusFlow | undefined

  constructor(device: string, channels: readonly string[], options: VoiceOptions) {
    this.topics = deviceTopics(options.baseTopic, device, channels)
    this.#options = options
    this.#writer = new ReadingsWriter(this.topics, options.readings)
  }

  /** What a frame's verdict has to say: events first, they explain the readings. */
  verdict(verdict: Verdict): Publication[] {
    const publications = this.events(verdict.events)
    if (verdict.kind !== 'readings') return publications
    const { shedder, readings } = this.#options
    if (shedder.sheds(readingsFeature(verdict.priority), verdict.seq)) return publications
    const perChannel = readings.perChannel && !shedder.sheds('per-channel-topics')
    const words = this.#writer.publications(verdict, perChannel)
    return publications.length === 0 ? words : [...publications, ...words]
  }

  events(events: readonly DeviceEvent[]): Publication[] {
    const publications: Publication[] = []
    for (const event of events) {
      const feature = eventFeature(event)
      if (feature !== undefined && this.#options.shedder.sheds(feature)) continue
      publications.push(eventPublication(event, this.topics))
    }
    return publications
  }

  /** The status, where there is something new to say and it is not too early; times in milliseconds. */
  status(status: DeviceStatus, mono: number, wall: number): Publication[] {
    const before = this.#flow
    const flow = nextStatusFlow(before, status, mono, this.#options.statusFlow)
    if (flow === before) return []
    this.#flow = flow
    return this.#say(status, before?.published, wall)
  }

  /** The whole status, for a broker that may know nothing. */
  birth(status: DeviceStatus, mono: number, wall: number): Publication[] {
    this.#flow = { published: status, at: mono }
    return this.#say(status, undefined, wall)
  }

  #say(status: DeviceStatus, published: DeviceStatus | undefined, wall: number): Publication[] {
    const { bridge, shedder } = this.#options
    const details = published === undefined || !shedder.sheds('status-details')
    return statusPublications(status, published, this.topics, { bridge, wall, details })
  }
}
