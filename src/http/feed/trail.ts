import type { ChannelReading, DeviceEvent, ReadingsVerdict, Verdict } from '../../device/index.js'
import { History, pointsIn } from './history.js'
import type { EventMessage, FrameMessage } from './messages.js'
import { Ring } from './ring.js'

/** How much is kept of each device. */
export interface TrailLimits {
  /** Bytes of readings. */
  readonly historyBytes: number
  readonly frames: number
  readonly events: number
}

const HISTORY_BUDGET = 16 * 2 ** 20
const MOST_POINTS = 2000
const LEAST_POINTS = 16
const FRAMES_BUDGET = 40_000
const MOST_FRAMES = 120
const LEAST_FRAMES = 4
const EVENTS_BUDGET = 20_000
const MOST_EVENTS = 100
const LEAST_EVENTS = 4
/** What is longer is shown by its length alone. */
const MOST_FRAME_BYTES = 1024

/** What all devices together may take, divided among so many. */
export const trailLimits = (devices: number): TrailLimits => ({
  historyBytes: HISTORY_BUDGET / Math.max(1, devices),
  frames: within(FRAMES_BUDGET / Math.max(1, devices), LEAST_FRAMES, MOST_FRAMES),
  events: within(EVENTS_BUDGET / Math.max(1, devices), LEAST_EVENTS, MOST_EVENTS),
})

const within = (value: number, least: number, most: number): number =>
  Math.floor(Math.min(Math.max(value, least), most))

/** Its bytes are a text of as many characters: the smallest thing that holds them. */
type KeptFrame = Omit<FrameMessage, 'hex'> & { readonly bytes: string }

/** The last readings of a device, and the latest of each channel: frames need not carry all of them. */
export interface LastReadings extends Pick<ReadingsVerdict, 'epoch' | 'seq' | 'quality'> {
  /** Unix milliseconds. */
  readonly at: number
  /** In the order of the model; channels that have not come yet are left out. */
  readonly channels: readonly ChannelReading[]
}

/** What the window remembers of one device: its latest readings, frames and events. */
export class Trail {
  readonly history: History
  readonly events: Ring<EventMessage>
  readonly #frames: Ring<KeptFrame>
  /** Names, in the order of the model. */
  readonly channels: readonly string[]
  readonly #latest: (ChannelReading | undefined)[]
  #last: Omit<LastReadings, 'channels'> | undefined

  constructor(channels: readonly string[], limits: TrailLimits) {
    this.channels = channels
    this.#latest = channels.map(() => undefined)
    const points = within(pointsIn(limits.historyBytes, channels.length), LEAST_POINTS, MOST_POINTS)
    this.history = new History(channels, points)
    this.events = new Ring(limits.events)
    this.#frames = new Ring(limits.frames)
  }

  /** The latest readings; undefined before the first. */
  get last(): LastReadings | undefined {
    return (
      this.#last && { ...this.#last, channels: this.#latest.filter((one) => one !== undefined) }
    )
  }

  get frameTotal(): number {
    return this.#frames.total
  }

  /** Takes note of a frame's outcome, but for its events. */
  push(verdict: Verdict): void {
    const { bytes, wall } = verdict.frame
    this.#frames.push({
      number: this.#frames.total,
      at: wall,
      bytes: bytes.length > MOST_FRAME_BYTES ? '' : textOf(bytes),
      length: bytes.length,
      ...wordsOf(verdict),
    })
    if (verdict.kind !== 'readings') return
    this.history.push(verdict)
    const { epoch, seq, quality, channels } = verdict
    this.#last = { at: wall, epoch, seq, quality }
    for (const reading of channels) this.#latest[this.channels.indexOf(reading.name)] = reading
  }

  note(device: string, event: DeviceEvent): EventMessage {
    const message = { device, event }
    this.events.push(message)
    return message
  }

  framesSince(number: number): FrameMessage[] {
    return this.#frames.since(number).map(({ bytes, ...facts }) => ({
      ...facts,
      hex: Buffer.from(bytes, 'latin1').toString('hex'),
    }))
  }
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

function wordsOf(verdict: Verdict): Pick<FrameMessage, 'verdict' | 'what' | 'quality' | 'seq'> {
  switch (verdict.kind) {
    case 'readings':
      return {
        verdict: 'readings',
        what: verdict.family,
        quality: verdict.quality,
        seq: verdict.seq,
      }
    case 'fault':
      return { verdict: 'fault', what: verdict.fault.code }
    case 'skipped':
      return { verdict: 'skipped', what: verdict.why }
  }
}
