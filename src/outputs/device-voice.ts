import type { DeviceEvent, DeviceStatus, Verdict } from '../device/index.js'
import { topic } from '../names.js'
import { readingsFeature } from '../resilience/index.js'
import { type DeviceTopics, TopicsOnDemand } from './device-topics.js'
import { eventFeature, eventPublication, mustArrive } from './events.js'
import type { Publication } from './publication.js'
import { type ReadingsOptions, ReadingsWriter } from './readings.js'
import type { FlowPlace } from './said-statuses.js'
import type { Shedder } from './shedder.js'
import { statusPublications } from './status.js'
import {
  flowOf,
  nextStatusFlow,
  type StatusFlow,
  type StatusFlowPolicy,
  statusDueAt,
} from './status-flow.js'

export interface VoiceOptions {
  readonly baseTopic: string
  /** The bridge's id. */
  readonly bridge: string
  /** Whose the keys of readings are: the bridge's, or those of all that share the device. */
  readonly keysOf?: string
  readonly readings: ReadingsOptions
  readonly statusFlow: StatusFlowPolicy
  readonly shedder: Shedder
  /** False where frames wait elsewhere until there is time for them: then none is thrown away for want of it. */
  readonly shedsReadings?: boolean
}

const NOTHING: readonly Publication[] = Object.freeze([])

/** All that is published of one device. */
export class DeviceVoice {
  readonly #device: string
  readonly #channels: readonly string[]
  readonly #options: VoiceOptions
  readonly #said: FlowPlace

  /** `said` keeps what was said last of its status: a voice of its own need not be kept for each device. */
  constructor(
    device: string,
    channels: readonly string[],
    options: VoiceOptions,
    said: FlowPlace = { flow: undefined },
  ) {
    this.#said = said
    this.#device = device
    this.#channels = channels
    this.#options = options
  }

  get topics(): DeviceTopics {
    return new TopicsOnDemand(`${this.#options.baseTopic}/${this.#device}`, this.#channels)
  }

  /** What of a frame must arrive, in this order: the gap before it, then its readings. */
  delivery(verdict: Verdict): readonly Publication[] {
    const { shedder, readings, shedsReadings = true } = this.#options
    const gaps = this.#tell(verdict.events, true)
    if (verdict.kind !== 'readings') return gaps
    if (shedsReadings && shedder.sheds(readingsFeature(verdict.priority), verdict.seq)) return gaps
    const perChannel = readings.perChannel && !shedder.sheds('per-channel-topics')
    const words = this.#writer().publications(verdict, perChannel)
    return gaps.length === 0 ? words : [...gaps, ...words]
  }

  // measured: made anew for each frame it costs 50 ns, kept for each device 200 bytes.
  #writer(): ReadingsWriter {
    const { bridge, keysOf = bridge, readings } = this.#options
    return new ReadingsWriter(this.topics, readings, `${keysOf}/${this.#device}`)
  }

  /** What has happened, but for what `delivery` says of it. */
  events(events: readonly DeviceEvent[]): readonly Publication[] {
    return this.#tell(events, false)
  }

  /** Readings that will never come, because a limit dropped them. */
  dropped(event: DeviceEvent & { type: 'readings_dropped' }): Publication {
    return eventPublication(event, this.topics)
  }

  #tell(events: readonly DeviceEvent[], thatMustArrive: boolean): readonly Publication[] {
    // Most frames have none.
    if (events.length === 0) return NOTHING
    const publications: Publication[] = []
    for (const event of events) {
      if (mustArrive(event) !== thatMustArrive) continue
      const feature = eventFeature(event)
      if (feature !== undefined && this.#options.shedder.sheds(feature)) continue
      publications.push(eventPublication(event, this.topics))
    }
    return publications
  }

  /** The status, where there is something new to say and it is not too early; times in milliseconds. */
  status(status: DeviceStatus, mono: number, wall: number): readonly Publication[] {
    const { flow: before, share } = this.#said
    const flow = nextStatusFlow(before, status, mono, this.#options.statusFlow, share)
    if (flow === before) return NOTHING
    this.#said.flow = flow
    return this.#say(status, before, wall)
  }

  /** When there will be something to say of a device of which nothing changes; monotonic milliseconds. */
  statusDueAt(status: DeviceStatus): number {
    const { flow, share } = this.#said
    if (!flow) return Number.NEGATIVE_INFINITY
    return statusDueAt(flow, status, this.#options.statusFlow, share)
  }

  /** The whole status, for a broker that may know nothing. Throws a RangeError where the device's id is not valid. */
  birth(status: DeviceStatus, mono: number, wall: number): Publication[] {
    const { baseTopic } = this.#options
    topic(baseTopic, this.#device)
    this.#said.flow = flowOf(status, mono, true)
    return this.#say(status, undefined, wall)
  }

  #say(status: DeviceStatus, published: StatusFlow | undefined, wall: number): Publication[] {
    const { bridge, shedder } = this.#options
    const details = published === undefined || !shedder.sheds('status-details')
    return statusPublications(status, published, this.topics, { bridge, wall, details })
  }
}
