import { ExactDecoder, type Fault, ParsedFrame, parseFrame, xxh32 } from '../alec/index.js'
import type { Frame } from '../framing/index.js'
import { judge, positionAfter } from './continuity.js'
import { Delays } from './delays.js'
import type { DeviceEvent } from './event.js'
import { FrameReader } from './frame-reader.js'
import { IntervalKnowledge } from './interval.js'
import { LossWindow } from './loss-window.js'
import type { DeviceProfile } from './profile.js'
import { RecentFrames } from './recent-frames.js'
import type { Outlook } from './reorder-window.js'
import { sightOf } from './sight.js'
import type { StreamMemory } from './stream-memory.js'
import {
  type Continuity,
  type FrameSight,
  SEQUENCES,
  type StreamPosition,
} from './stream-position.js'
import { SyncMonitor } from './sync.js'
import type { ChannelReading, Quality, SkipReason } from './verdict.js'
import { observationsAtLeast } from './version-track.js'

/** One scratch frame serves all devices: a frame is parsed and observed in one go. */
const parsed = new ParsedFrame()

/** What the stream made of a frame. */
export type StreamOutcome =
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'skipped'; readonly why: SkipReason }
  | DecodedFrame

export interface DecodedFrame {
  readonly kind: 'decoded'
  readonly family: 'compact' | 'keyframe' | 'standard'
  readonly seq: number
  readonly priority: ParsedFrame['priority']
  readonly deviceTime: number
  readonly quality: Quality
  readonly channels: readonly ChannelReading[]
  /** A keyframe would help: the device recovers, and its next delta would not be good. */
  readonly wantsKeyframe: boolean
  /** Same sequence as an earlier frame, other bytes. */
  readonly conflict: boolean
}

/** One device's frames in their order: what was lost between them, and what each of them says. */
export class DeviceStream {
  readonly decoder: ExactDecoder
  readonly sync: SyncMonitor
  readonly reader: FrameReader
  readonly interval: IntervalKnowledge
  readonly losses = new LossWindow()
  /** Grows at a reboot or an unknown gap. */
  epoch: number
  lost = 0
  reboots = 0
  readonly #profile: DeviceProfile
  readonly #recent = new RecentFrames()
  readonly #delays = new Delays()
  #position: StreamPosition | undefined
  #observationsBefore = 0
  #seq = 0
  #lastMono = 0
  #begun = false

  /** `epochBase`: the epoch before its first one; greater than any that was used before, where that is forgotten. */
  constructor(profile: DeviceProfile, epochBase = 0) {
    this.#profile = profile
    this.epoch = epochBase
    this.decoder = new ExactDecoder(profile.decoder)
    this.sync = new SyncMonitor(this.decoder, profile.closeEnough)
    this.reader = new FrameReader(profile, this.decoder, this.sync)
    this.interval = new IntervalKnowledge(profile.spec.intervalMs)
  }

  /** Frames went by unseen (the circuit was open): nothing that was known holds. */
  desynchronise(): void {
    this.#position = undefined
  }

  /** Begins after this epoch, where nothing has begun yet: the keys of readings must not come again. */
  beginAfter(epoch: number): void {
    if (!this.#begun) this.epoch = Math.max(this.epoch, epoch)
  }

  /** The sequence that comes next; undefined where none is expected. */
  get expected(): number | undefined {
    const sequence = this.#position?.sequence ?? undefined
    return sequence === undefined ? undefined : (sequence + 1) % SEQUENCES
  }

  get intervalMs(): number {
    return this.interval.typicalMs
  }

  /** What can be said of a frame before its turn; changes nothing. */
  look({ bytes }: Frame): Outlook {
    const fault = parseFrame(bytes, this.#profile.shape, parsed)
    if (fault || parsed.messageType !== 'data')
      return { sequence: undefined, repeated: false, restarts: false }
    const { sequence, version, keyframe } = parsed
    const repeated = this.#recent.find(sequence, xxh32(bytes), this.epoch) === 'same'
    const isFirst = sequence === 0 && version === 0 && !keyframe
    return { sequence, repeated, restarts: isFirst && !repeated && this.expected !== 0 }
  }

  /** Where it stands; undefined before the first frame, and where nothing that was known holds. */
  get position(): StreamPosition | undefined {
    return this.#position
  }

  /**
   * Takes in one frame. `onJudged` looks on once the frame is judged, all that passed before it is accounted
   * for, and it has not been observed yet.
   */
  accept(
    frame: Frame,
    events: DeviceEvent[],
    onJudged?: (continuity: Continuity) => void,
  ): StreamOutcome {
    const fault = parseFrame(frame.bytes, this.#profile.shape, parsed)
    if (fault) return { kind: 'fault', fault }
    if (parsed.messageType !== 'data') return { kind: 'skipped', why: 'no-data' }

    const hash = xxh32(frame.bytes)
    const seen = this.#recent.find(parsed.sequence, hash, this.epoch)
    const sight = sightOf(parsed, this.#profile, {
      observationsBefore: this.#observationsBefore,
      silenceMs: frame.mono - this.#lastMono,
      latenessMs: this.#delays.latenessMs,
      shortestIntervalMs: this.interval.shortestMs,
    })
    const restarted =
      sight.looksFresh &&
      this.#position?.sequence !== 0 &&
      sight.silenceMs > 2 * sight.shortestIntervalMs
    if (seen === 'same' && !restarted) return { kind: 'skipped', why: 'duplicate' }

    const continuity = judge(this.#position, sight)
    const breaks = continuity.kind === 'unknown' || continuity.kind === 'late'
    if (breaks && seen === 'same-before') return { kind: 'skipped', why: 'duplicate' }
    // An old frame, unless its sequence already came with other bytes: then one of them is of another encoder.
    if (continuity.kind === 'late' && seen === undefined) return { kind: 'skipped', why: 'late' }
    if (this.#delays.turnsAway(continuity, parsed.sequence, seen, frame.mono))
      return { kind: 'skipped', why: seen === undefined ? 'late' : 'duplicate' }
    const conflict = seen === 'different' && continuity.kind !== 'fresh'
    const applied: Continuity = conflict
      ? {
          kind: 'unknown',
          cause: 'foreign-state',
          message: `sequence ${parsed.sequence} came again with other content`,
        }
      : continuity
    if (conflict)
      events.push({
        wall: frame.wall,
        severity: 'warning',
        type: 'conflict',
        seq: parsed.sequence,
        message: 'same sequence, other bytes: the device has restarted, or two devices share an id',
      })

    // Also where nothing else is known: with no interval at all, every silence could hide a restart.
    if (this.#position?.sequence === ((parsed.sequence - 1) & 0xffff)) {
      this.interval.observe(sight.silenceMs)
    }
    this.#delays.follow(applied, sight, seen, {
      last: this.#position?.sequence,
      recent: this.#recent,
      epoch: this.epoch,
      now: frame.mono,
      interval: this.interval,
    })
    this.#apply(applied, sight, frame, events)
    onJudged?.(applied)
    this.#recent.add(parsed.sequence, hash, this.epoch)
    this.#position = positionAfter(applied, sight)
    this.#observationsBefore = sight.observationsPerFrame
    this.#lastMono = frame.mono
    return this.#decode(frame, conflict, events)
  }

  #apply(continuity: Continuity, sight: FrameSight, frame: Frame, events: DeviceEvent[]): void {
    const { wall } = frame
    switch (continuity.kind) {
      case 'continues':
        this.#continue(continuity.lost, continuity.suppressed, sight, wall, events)
        this.losses.add(false)
        return
      case 'fresh': {
        const again = this.#begun
        this.#startEpoch()
        this.decoder.begin()
        this.sync.begin()
        if (again) {
          this.reboots++
          events.push({
            wall,
            severity: 'warning',
            type: 'reboot',
            epoch: this.epoch,
            message: 'the device has restarted',
          })
        }
        return
      }
      case 'unknown':
        this.#startEpoch()
        if (continuity.cause === 'device-reboot') this.reboots++
        this.decoder.forget(this.#leastObservations(sight))
        this.sync.break(continuity.cause, continuity.message, true)
        events.push({
          wall,
          severity: continuity.cause === 'started-mid-stream' ? 'info' : 'warning',
          type: 'state_unknown',
          epoch: this.epoch,
          cause: continuity.cause,
          message: continuity.message,
        })
        return
      default:
        return
    }
  }

  #continue(
    lost: number,
    suppressed: { readonly least: number; readonly most: number },
    sight: FrameSight,
    wall: number,
    events: DeviceEvent[],
  ): void {
    const single =
      this.#profile.spec.frames === 'standard' && !parsed.multi && this.#profile.names.length > 1
    const seq = this.#numberAfter(lost)
    const roundsOf = (observations: number) =>
      Math.ceil(observations / Math.max(1, sight.observationsPerFrame))
    if (lost > 0) {
      // A single frame observes one source: each of the others may have been lost any number of times.
      const rounds = lost + roundsOf(suppressed.most)
      this.decoder.lose(rounds, single ? 0 : lost)
      this.lost += lost
      this.losses.addLost(lost)
      this.sync.break('lost-frames', `${lost} frame${lost === 1 ? '' : 's'} lost`, false)
      events.push({
        wall,
        severity: 'warning',
        type: 'gap',
        epoch: this.epoch,
        fromSeq: seq - lost,
        toSeq: seq - 1,
        count: lost,
      })
    } else if (suppressed.most > 0) {
      const sure = !single && suppressed.least === suppressed.most
      if (sure) this.decoder.suppress(roundsOf(suppressed.most))
      else this.decoder.lose(roundsOf(suppressed.most), single ? 0 : roundsOf(suppressed.least))
    }
    this.#seq = seq
  }

  get #isImported(): boolean {
    return this.#position?.sequence === null
  }

  /** This frame's number, unwrapped, where `lost` are missing before it. */
  #numberAfter(lost: number): number {
    if (!this.#isImported) return this.#seq + lost + 1
    // An import opened the epoch, and this is its first frame.
    return parsed.sequence < lost ? parsed.sequence + SEQUENCES : parsed.sequence
  }

  #startEpoch(): void {
    this.epoch++
    this.#begun = true
    this.#seq = parsed.sequence
  }

  /** What each channel was observed at least, by the context version of an encoder that is not known. */
  #leastObservations(sight: FrameSight): number {
    if (this.#profile.spec.frames === 'standard' && !parsed.multi && this.#profile.names.length > 1)
      return 0
    const perFrame = sight.observationsPerFrame
    return perFrame === 0
      ? 0
      : Math.floor(observationsAtLeast(sight.version) / this.#observationsPerChannel())
  }

  #observationsPerChannel(): number {
    return Math.max(1, this.#profile.names.length)
  }

  #decode(frame: Frame, conflict: boolean, events: DeviceEvent[]): StreamOutcome {
    const { decoder } = this
    decoder.decode(parsed, frame.bytes.length)
    if (decoder.count === 0 && decoder.foreignEntries > 0)
      return { kind: 'skipped', why: 'unknown-source' }
    const channels = this.reader.read(frame.wall, events)
    const worst = worstQuality(channels)
    const frames = this.sync.endFrame(worst === 'good')
    if (frames !== undefined)
      events.push({ wall: frame.wall, severity: 'info', type: 'resynchronised', frames })
    return {
      kind: 'decoded',
      family: parsed.family === 'standard' ? 'standard' : parsed.keyframe ? 'keyframe' : 'compact',
      seq: this.#seq,
      priority: parsed.priority,
      deviceTime: parsed.timestamp,
      quality: worst,
      channels,
      wantsKeyframe: this.#profile.hasKeyframes && this.sync.recovering && !this.sync.ready,
      conflict,
    }
  }

  /** All that decoding goes on from. */
  save(): StreamMemory {
    return {
      epoch: this.epoch,
      begun: this.#begun,
      seq: this.#seq,
      position: this.#position ?? null,
      lastMono: this.#lastMono,
      observationsBefore: this.#observationsBefore,
      lost: this.lost,
      reboots: this.reboots,
      learnedMs: this.interval.learnedMs,
      delays: this.#delays.save(),
      recent: this.#recent.save(),
      channels: this.decoder.estimates.map((estimate) => estimate.save()),
      sync: this.sync.save(),
      falseDeclaration: this.reader.falseDeclaration ?? null,
    }
  }

  /** Goes on where `save` stood; false where the memory is of another model. */
  restore(memory: StreamMemory): boolean {
    const { estimates } = this.decoder
    if (memory.channels.length !== estimates.length) return false
    if (!estimates.every((estimate, i) => estimate.restore(memory.channels[i] ?? []))) return false
    this.epoch = memory.epoch
    this.#begun = memory.begun
    this.#seq = memory.seq
    this.#position = memory.position ?? undefined
    this.#lastMono = memory.lastMono
    this.#observationsBefore = memory.observationsBefore
    this.lost = memory.lost
    this.reboots = memory.reboots
    this.interval.learnedMs = memory.learnedMs
    this.#delays.restore(memory.delays ?? {})
    this.#recent.restore(memory.recent)
    this.sync.restore(memory.sync)
    this.reader.resume(memory.falseDeclaration ?? undefined)
    return true
  }
}

function worstQuality(readings: readonly ChannelReading[]): Quality {
  let worst: Quality = 'good'
  for (const { quality } of readings) {
    if (quality === 'bad') return 'bad'
    if (quality === 'uncertain') worst = 'uncertain'
  }
  return worst
}
