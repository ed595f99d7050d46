import { ExactDecoder, restoreEstimate, savedEstimate } from '../alec/index.js'
import { Delays } from './delays.js'
import { FrameNumbers } from './frame-numbers.js'
import { FrameReader } from './frame-reader.js'
import { IntervalKnowledge } from './interval.js'
import { LossWindow } from './loss-window.js'
import type { Parcel } from './parcel.js'
import type { DeviceProfile } from './profile.js'
import { RecentFrames } from './recent-frames.js'
import { SideMessages } from './side-messages.js'
import type { StreamMemory } from './stream-memory.js'
import { packPosition, type StreamPosition, unpackPosition } from './stream-position.js'
import { SyncMonitor } from './sync.js'

/** All that a device's stream knows from frame to frame. */
export class StreamState {
  readonly decoder: ExactDecoder
  readonly sync: SyncMonitor
  readonly reader: FrameReader
  readonly interval: IntervalKnowledge
  readonly losses = new LossWindow()
  readonly numbers: FrameNumbers
  readonly recent = new RecentFrames()
  readonly delays = new Delays()
  readonly messages = new SideMessages()
  /** Undefined before the first frame, and where nothing that was known holds. */
  position: StreamPosition | undefined
  observationsBefore = 0
  /** Frames to come that may be of another encoder than those before them. */
  estranged = 0
  lastMono = 0
  lost = 0
  reboots = 0

  /** `epochBase`: the epoch before its first one; greater than any that was used before, where that is forgotten. */
  constructor(profile: DeviceProfile, epochBase: number) {
    this.numbers = new FrameNumbers(epochBase)
    this.decoder = new ExactDecoder(profile.decoder)
    this.decoder.patternValue = (code) => this.messages.dictionary.valueOf(code)
    this.sync = new SyncMonitor(this.decoder, profile.closeEnough)
    this.reader = new FrameReader(profile, this.decoder, this.sync)
    this.interval = new IntervalKnowledge(profile.spec.intervalMs)
  }

  /** All that decoding goes on from. */
  save(): StreamMemory {
    const { epoch, begun, seq } = this.numbers.save()
    // measured: spread out first, they make everything behind them four times as slow.
    return {
      epoch,
      begun,
      seq,
      position: this.position ?? null,
      lastMono: this.lastMono,
      observationsBefore: this.observationsBefore,
      estranged: this.estranged,
      lost: this.lost,
      reboots: this.reboots,
      learnedMs: this.interval.learnedMs,
      delays: this.delays.save(),
      messages: this.messages.save(),
      recent: this.recent.save(),
      channels: this.decoder.estimates.map(savedEstimate),
      sync: this.sync.save(),
      falseDeclaration: this.reader.falseDeclaration ?? null,
    }
  }

  /** Goes on where `save` stood; false where the memory is of another model. */
  restore(memory: StreamMemory): boolean {
    const { estimates } = this.decoder
    if (memory.channels.length !== estimates.length) return false
    const restored = estimates.every((one, i) => restoreEstimate(one, memory.channels[i] ?? []))
    if (!restored) return false
    this.numbers.restore(memory)
    this.position = memory.position ?? undefined
    this.lastMono = memory.lastMono
    this.observationsBefore = memory.observationsBefore
    this.estranged = memory.estranged
    this.lost = memory.lost
    this.reboots = memory.reboots
    this.interval.learnedMs = memory.learnedMs
    this.delays.restore(memory.delays ?? {})
    this.messages.restore(memory.messages)
    this.recent.restore(memory.recent)
    this.sync.restore(memory.sync)
    this.reader.resume(memory.falseDeclaration ?? undefined)
    return true
  }

  /** Beside what `save` says: the window of losses, which a restart forgets. */
  pack(parcel: Parcel): void {
    // Just behind the time when the device was heard last: most often it is the same.
    parcel.put(this.lastMono)
    for (const estimate of this.decoder.estimates) parcel.putEstimate(estimate)
    packPosition(this.position, parcel)
    parcel.put(this.observationsBefore)
    parcel.putUsual(this.estranged, 0)
    parcel.putUsual(this.lost, 0)
    parcel.putUsual(this.reboots, 0)
    parcel.put(this.interval.learnedMs)
    this.numbers.pack(parcel)
    this.losses.pack(parcel)
    this.recent.pack(parcel, this.numbers.epoch)
    this.delays.pack(parcel)
    this.messages.pack(parcel)
    this.sync.pack(parcel)
    this.reader.pack(parcel)
  }

  /** Takes up what another stream of the same profile has laid down. */
  unpack(parcel: Parcel): void {
    this.lastMono = parcel.take()
    for (const estimate of this.decoder.estimates) parcel.takeEstimate(estimate)
    this.position = unpackPosition(parcel)
    this.observationsBefore = parcel.take()
    this.estranged = parcel.takeUsual(0)
    this.lost = parcel.takeUsual(0)
    this.reboots = parcel.takeUsual(0)
    this.interval.learnedMs = parcel.take()
    this.numbers.unpack(parcel)
    this.losses.unpack(parcel)
    this.recent.unpack(parcel, this.numbers.epoch)
    this.delays.unpack(parcel)
    this.messages.unpack(parcel)
    this.sync.unpack(parcel)
    this.reader.unpack(parcel)
  }
}
