import { Encoding } from '../alec/index.js'
import {
  type Cause,
  type ChannelReading,
  type ChannelSpec,
  compileProfile,
  type DeviceEvent,
  DeviceStream,
  type ModelSpec,
} from '../device/index.js'
import type { TakenApart } from './taken-apart.js'

/** What decoding by a model showed of one channel. */
export interface ChannelTrial {
  readonly readings: number
  /** Readings whose value is proven. */
  readonly good: number
  readonly min: number
  readonly max: number
  /** How often a proven value differed from the proven one before it. */
  readonly changes: number
  /** Never once smaller than before. */
  readonly grows: boolean
  /** The largest change between two frames of which the second follows on the first. */
  readonly largestStep: number
  readonly steps: number
  /** How far deltas moved it, where they did. */
  readonly moves: readonly number[]
  /** What the encoder would not have sent: a delta where the value stayed as it was. */
  readonly oddities: number
  /** Declarations that a frame contradicted. */
  readonly contradicted: ReadonlySet<'resolution' | 'range'>
}

/** Frames are taken to come by the beat: with times as they arrived, a pause could hide a restart. */
const BEAT_MS = 1000

/** Decodes frames by a model, as a bridge would from now on, and looks at what comes out. */
export function tryModel(model: ModelSpec, frames: readonly TakenApart[]): readonly ChannelTrial[] {
  const stream = new DeviceStream(compileProfile({ ...model, intervalMs: BEAT_MS }))
  const tracks = new Map(
    model.channels.map((channel, i) => [channel.name, new Track(keyOf(model, channel, i))]),
  )
  let mono = 0
  let sequence = 0
  for (const frame of frames) {
    mono += BEAT_MS * ((frame.sequence - sequence + 2 ** 16) % 2 ** 16)
    sequence = frame.sequence
    const { bytes, integrity } = frame.sighting
    const events: DeviceEvent[] = []
    const at = { mono, wall: mono }
    const outcome = stream.accept({ device: '', bytes, ...at, integrity, source: '' }, events)
    for (const event of events) {
      if (event.type === 'wrong_declaration') tracks.get(event.channel)?.contradict(event.cause)
    }
    for (const track of tracks.values()) track.begin(frame)
    if (outcome.kind !== 'decoded') continue
    for (const reading of outcome.channels) tracks.get(reading.name)?.read(reading, frame)
  }
  return [...tracks.values()].map((track) => track.result())
}

const deltas: readonly number[] = [Encoding.delta8, Encoding.delta16, Encoding.delta32]

export const keyOf = (model: Pick<ModelSpec, 'frames'>, channel: ChannelSpec, index: number) =>
  model.frames === 'compact' ? index + 1 : (channel.source ?? 0)

class Track {
  readonly #key: number
  #readings = 0
  #good = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #changes = 0
  #grows = true
  #largestStep = 0
  #steps = 0
  #oddities = 0
  readonly #moves: number[] = []
  readonly #contradicted = new Set<'resolution' | 'range'>()
  /** The last proven value, and whether nothing was missed or in doubt since. */
  #last = Number.NaN
  #unbroken = false

  constructor(key: number) {
    this.#key = key
  }

  contradict(cause: Cause): void {
    this.#contradicted.add(cause === 'wrong-range' ? 'range' : 'resolution')
  }

  /** A frame has come, with or without this channel; what a multi frame leaves out was measured all the same. */
  begin({ follows, multi, keys }: TakenApart): void {
    if (!follows || (multi && !keys.includes(this.#key))) this.#unbroken = false
  }

  read({ value, quality }: ChannelReading, { keys, encodings }: TakenApart): void {
    this.#readings++
    if (quality !== 'good') {
      this.#unbroken = false
      return
    }
    this.#good++
    this.#min = Math.min(this.#min, value)
    this.#max = Math.max(this.#max, value)
    if (value !== this.#last && !Number.isNaN(this.#last)) this.#changes++
    if (value < this.#last) this.#grows = false
    if (this.#unbroken) {
      this.#steps++
      this.#largestStep = Math.max(this.#largestStep, Math.abs(value - this.#last))
      const isDelta = deltas.includes(encodings[keys.indexOf(this.#key)] ?? 0)
      if (isDelta && value === this.#last) this.#oddities++
      else if (isDelta) this.#moves.push(value - this.#last)
    }
    this.#last = value
    this.#unbroken = true
  }

  result(): ChannelTrial {
    return {
      readings: this.#readings,
      good: this.#good,
      min: this.#min,
      max: this.#max,
      changes: this.#changes,
      grows: this.#grows,
      largestStep: this.#largestStep,
      steps: this.#steps,
      moves: this.#moves,
      oddities: this.#oddities,
      contradicted: this.#contradicted,
    }
  }
}
