import { type ExactDecoder, ParsedFrame, parseFrame, xxh32 } from '../alec/index.js'
import type { Frame } from '../framing/index.js'
import { judge, positionAfter } from './continuity.js'
import { familyOf, type StreamOutcome, worstQuality } from './decoded-frame.js'
import type { DeviceEvent } from './event.js'
import type { FrameReader } from './frame-reader.js'
import type { IntervalKnowledge } from './interval.js'
import type { LossWindow } from './loss-window.js'
import type { Parcel } from './parcel.js'
import type { DeviceProfile } from './profile.js'
import type { Outlook } from './reorder-window.js'
import { isRepeat, sightOf } from './sight.js'
import {
  conflictEvent,
  dictionaryEvent,
  gapEvent,
  rebootEvent,
  unknownEvent,
} from './stream-events.js'
import type { StreamMemory } from './stream-memory.js'
import type { Continuity, FrameSight, StreamPosition } from './stream-position.js'
import { StreamState } from './stream-state.js'
import type { SyncMonitor } from './sync.js'
import { observationsAtLeast } from './version-track.js'

/**
 * After a conflict two encoders may go on sending under one id. For so many frames (a conflict between any two of them
 * would be seen) nothing that one frame tells is held to be true of the next.
 */
const ESTRANGED_FRAMES = 16

const MAY_BE_HELD_UP =
  'the numbers go on, but a frame of another start, held up on its way, would show the same'

/** One scratch frame serves all devices: a frame is parsed and observed in one go. */
const parsed = new ParsedFrame()

/** One device's frames in their order: what was lost between them, and what each of them says. */
export class DeviceStream {
  readonly decoder: ExactDecoder
  readonly sync: SyncMonitor
  readonly reader: FrameReader
  readonly interval: IntervalKnowledge
  readonly #profile: DeviceProfile
  readonly #state: StreamState

  /** `epochBase`: the epoch before its first one; greater than any that was used before, where that is forgotten. */
  constructor(profile: DeviceProfile, epochBase = 0) {
    this.#profile = profile
    this.#state = new StreamState(profile, epochBase)
    const { decoder, sync, reader, interval } = this.#state
    this.decoder = decoder
    this.sync = sync
    this.reader = reader
    this.interval = interval
  }

  get losses(): LossWindow {
    return this.#state.losses
  }

  get reboots(): number {
    return this.#state.reboots
  }

  get lost(): number {
    return this.#state.lost
  }

  /** Grows at a reboot or an unknown gap. */
  get epoch(): number {
    return this.#state.numbers.epoch
  }

  /** Frames went by unseen (the circuit was open): nothing that was known holds. */
  desynchronise(): void {
    this.#state.position = undefined
  }

  /** Begins after this epoch, where nothing has begun yet: the keys of readings must not come again. */
  beginAfter(epoch: number): void {
    this.#state.numbers.beginAfter(epoch)
  }

  /** The sequence that comes next; undefined where none is expected. */
  get expected(): number | undefined {
    const sequence = this.#state.position?.sequence ?? undefined
    return sequence === undefined ? undefined : this.#state.messages.nextAfter(sequence)
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
    const repeated = this.#state.recent.find(sequence, xxh32(bytes), this.epoch) === 'same'
    const isFirst = sequence === 0 && version === 0 && !keyframe
    return { sequence, repeated, restarts: isFirst && !repeated && this.expected !== 0 }
  }

  /** Where it stands; undefined before the first frame, and where nothing that was known holds. */
  get position(): StreamPosition | undefined {
    return this.#state.position
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
    if (parsed.messageType !== 'data') return this.#takeMessage(frame, events)

    const sinceMs = this.#state.delays.hear(frame.mono)
    const hash = xxh32(frame.bytes)
    const seen = this.#state.recent.find(parsed.sequence, hash, this.epoch)
    const sight = sightOf(parsed, this.#profile, {
      observationsBefore: this.#state.observationsBefore,
      silenceMs: frame.mono - this.#state.lastMono,
      latenessMs: this.#state.delays.latenessMs,
      shortestIntervalMs: this.interval.shortestMs,
      restartMs: this.interval.restartMs,
      sendsOthers: this.#state.messages.seen,
      othersBefore: this.#state.messages.between(
        this.#state.position?.sequence ?? 0,
        parsed.sequence,
      ),
    })
    if (isRepeat(sight, seen, this.#state.position?.sequence))
      return { kind: 'skipped', why: 'duplicate' }

    const judged = judge(this.#state.position, sight)
    const continuity = this.#state.delays.reconsider(judged, sight, seen, frame.mono)
    const breaks = continuity.kind === 'unknown' || continuity.kind === 'late'
    if (breaks && seen === 'same-before') return { kind: 'skipped', why: 'duplicate' }
    // An old frame, unless its sequence already came with other bytes: then one of them is of another encoder.
    const isLate = continuity.kind === 'late' && seen === undefined
    if (isLate || this.#state.delays.turnsAway(continuity, parsed.sequence, seen, frame.mono)) {
      if (seen === 'same' || seen === 'same-before') return { kind: 'skipped', why: 'duplicate' }
      // It may come once more, behind a restart that makes it fit.
      this.#state.recent.add(parsed.sequence, hash, this.epoch)
      return { kind: 'skipped', why: 'late' }
    }
    // Where frames went by unseen, numbers that come again say nothing: the device may have restarted meanwhile.
    const known = this.#state.position !== undefined
    const conflict = known && seen === 'different' && continuity.kind !== 'fresh'
    const applied: Continuity = conflict
      ? {
          kind: 'unknown',
          cause: 'foreign-state',
          message: `sequence ${parsed.sequence} came again with other content`,
        }
      : continuity
    if (conflict) {
      this.#state.estranged = ESTRANGED_FRAMES
      events.push(conflictEvent(frame.wall, parsed.sequence))
    }

    // Also where nothing else is known: with no interval at all, every silence could hide a restart.
    if (this.#state.position?.sequence === ((parsed.sequence - 1) & 0xffff)) {
      this.interval.observe(sight.silenceMs)
    }
    const doubted = this.#state.delays.doubts(applied, sight, sinceMs, frame.mono)
    this.#state.delays.follow(applied, sight, seen, {
      last: this.#state.position?.sequence,
      recent: this.#state.recent,
      epoch: this.epoch,
      now: frame.mono,
      interval: this.interval,
    })
    this.#apply(applied, sight, frame, events)
    if (doubted) this.#distrust()
    this.#state.messages.follow(applied, sight, parsed)
    onJudged?.(applied)
    this.#state.recent.add(parsed.sequence, hash, this.epoch)
    this.#state.position = positionAfter(applied, sight)
    this.#state.observationsBefore = sight.observationsPerFrame
    this.#state.lastMono = frame.mono
    const outcome = this.#decode(frame, conflict, events)
    if (this.#state.estranged > 0) {
      this.#state.estranged--
      this.decoder.forget(0)
    }
    return outcome
  }

  /** The frame may be of another encoder than those before it, and so than those behind it. */
  #distrust(): void {
    this.#state.estranged = Math.max(this.#state.estranged, 1)
    this.decoder.forget(0)
    this.sync.break('device-reboot', MAY_BE_HELD_UP, true)
  }

  /** A message that carries no data: it may tell of the dictionary, and take a number. */
  #takeMessage(frame: Frame, events: DeviceEvent[]): StreamOutcome {
    const { fault, dictionary, position } = this.#state.messages.take(parsed, frame.bytes, {
      position: this.#state.position,
      observationsBefore: this.#state.observationsBefore,
    })
    if (fault) return { kind: 'fault', fault }
    if (dictionary) events.push(dictionaryEvent(frame.wall, dictionary))
    if (position) {
      this.#state.position = position
      this.#state.observationsBefore = 0
    }
    return { kind: 'skipped', why: 'no-data' }
  }

  #apply(continuity: Continuity, sight: FrameSight, frame: Frame, events: DeviceEvent[]): void {
    const { wall } = frame
    switch (continuity.kind) {
      case 'continues':
        this.#continue(continuity.lost, continuity.suppressed, sight, wall, events)
        this.losses.add(false)
        return
      case 'fresh': {
        const again = this.#state.numbers.begun
        this.#state.numbers.startEpoch(sight.sequence)
        this.decoder.begin()
        this.sync.begin()
        if (again) {
          this.#state.reboots++
          events.push(rebootEvent(wall, this.epoch))
        }
        return
      }
      case 'unknown':
        this.#state.numbers.startEpoch(sight.sequence)
        if (continuity.cause === 'device-reboot') this.#state.reboots++
        this.decoder.forget(this.#leastObservations(sight))
        this.sync.break(continuity.cause, continuity.message, true)
        events.push(unknownEvent(wall, this.epoch, continuity))
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
    // Of the others nobody knows: a single frame observes one source, and what is missing may be no frame of values.
    const anyNumber = this.#observesOneOf || (lost > 0 && sight.sendsOthers)
    if (this.#isImported) this.#state.numbers.goOnFromImport(sight.sequence, lost)
    else this.#state.numbers.goOn(lost + sight.othersBefore)
    const roundsOf = (observations: number) =>
      Math.ceil(observations / Math.max(1, sight.observationsPerFrame))
    if (lost > 0) {
      const rounds = lost + roundsOf(suppressed.most)
      this.decoder.lose(rounds, anyNumber ? 0 : lost)
      this.#state.lost += lost
      this.losses.addLost(lost)
      this.sync.break('lost-frames', `${lost} frame${lost === 1 ? '' : 's'} lost`, false)
      events.push(gapEvent(wall, this.epoch, this.#state.numbers.seq - 1, lost))
    } else if (suppressed.most > 0) {
      const sure = !anyNumber && suppressed.least === suppressed.most
      if (sure) this.decoder.suppress(roundsOf(suppressed.most))
      else this.decoder.lose(roundsOf(suppressed.most), anyNumber ? 0 : roundsOf(suppressed.least))
    }
  }

  /** The frame observes one source of several. */
  get #observesOneOf(): boolean {
    const { spec, names } = this.#profile
    return spec.frames === 'standard' && !parsed.multi && names.length > 1
  }

  get #isImported(): boolean {
    return this.#state.position?.sequence === null
  }

  /** What each channel was observed at least, by the context version of an encoder that is not known. */
  #leastObservations(sight: FrameSight): number {
    // Patterns that it has registered would be taken for observations.
    if (this.#observesOneOf || sight.sendsOthers) return 0
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
      family: familyOf(parsed),
      seq: this.#state.numbers.seq,
      priority: parsed.priority,
      deviceTime: parsed.timestamp,
      quality: worst,
      channels,
      wantsKeyframe: this.#profile.hasKeyframes && this.sync.recovering && !this.sync.ready,
      conflict,
    }
  }

  save(): StreamMemory {
    return this.#state.save()
  }

  /** Goes on where `save` stood; false where the memory is of another model. */
  restore(memory: StreamMemory): boolean {
    return this.#state.restore(memory)
  }

  pack(parcel: Parcel): void {
    this.#state.pack(parcel)
  }

  unpack(parcel: Parcel): void {
    this.#state.unpack(parcel)
  }
}
