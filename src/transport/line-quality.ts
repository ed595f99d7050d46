import type { FramerCounters } from '../framing/index.js'
import type { HealthStatus } from '../resilience/index.js'

/** What is wrong with an open line, and what to do. */
export interface LineComplaint {
  readonly status: Extract<HealthStatus, 'degraded' | 'unhealthy'>
  readonly message: string
}

// Like the other messages without counts that grow: a message that changes is news to whoever reports it.
const NO_VALID_FRAMES = 'no_valid_frames: nothing that comes is a frame: baud rate or wiring?'
const OVERRUN =
  'overrun: this process was held up while the line was sending, and the system had no room for all of it: is the machine overloaded?'
/** What is damaged so soon after the system's buffer was found full is so because bytes are missing there. */
const BACKLOG_MS = 1000
/** It is said for so long. */
const TOLD_MS = 60_000
/** Noise for at least so long and so many bytes of it, without one frame in between: nothing here is understood. */
const NOISE_MS = 2000
const NOISE_BYTES = 64
/** Outcomes after which a window is complete; the one before it still counts. */
const WINDOW = 100
/** Fewer outcomes say nothing about their share. */
const MIN_OUTCOMES = 20
const DAMAGED_SHARE = 0.05

/** Tells a line that works from one with noise, or with another baud rate, by what the framer counts. */
export class LineQuality {
  readonly #longestFrameMs: number
  /** As it was when the last frame came. */
  #base = totals(undefined)
  #last = this.#base
  /** Bytes that came since and are no frame. */
  #noise = 0
  #noiseSince: number | undefined
  #noiseUntil = 0
  /** What is under way began then. */
  #underWaySince: number | undefined
  #window = { good: 0, damaged: 0 }
  #before = this.#window
  #fullAt = Number.NEGATIVE_INFINITY
  #overrunAt = Number.NEGATIVE_INFINITY

  /** What has been under way for longer than `longestFrameMs` will be no frame. */
  constructor(longestFrameMs: number) {
    this.#longestFrameMs = Math.max(NOISE_MS, longestFrameMs)
  }

  /** Begins anew, as after every opening. */
  reset(counters: FramerCounters): void {
    this.#base = totals(counters)
    this.#last = this.#base
    this.#forgetNoise()
    this.#underWaySince = undefined
    this.#window = { good: 0, damaged: 0 }
    this.#before = this.#window
  }

  /** What came at `heardAt` had filled the buffer of the system: what came behind it may be lost. */
  foundFull(heardAt: number): void {
    this.#fullAt = heardAt
  }

  /** Takes the counters as they are after the bytes that came last, at `heardAt`. */
  observe(heardAt: number, counters: FramerCounters): void {
    const now = totals(counters)
    if (now.damaged > this.#last.damaged && heardAt - this.#fullAt <= BACKLOG_MS)
      this.#overrunAt = heardAt
    const isDecided = now.frames > this.#last.frames || now.discarded > this.#last.discarded
    if (isDecided || now.underWay === 0) this.#underWaySince = undefined
    if (now.underWay > 0) this.#underWaySince ??= heardAt
    if (now.frames > this.#last.frames) {
      this.#base = now
      this.#forgetNoise()
    } else this.#hearNoise(heardAt, now)
    const { good, damaged } = this.#window
    this.#window = {
      good: good + now.frames - this.#last.frames,
      damaged: damaged + now.damaged - this.#last.damaged,
    }
    if (this.#window.good + this.#window.damaged >= WINDOW) {
      this.#before = this.#window
      this.#window = { good: 0, damaged: 0 }
    }
    this.#last = now
  }

  /** Nothing that comes is a frame. */
  get isNoise(): boolean {
    const lasted = this.#noiseSince === undefined ? 0 : this.#noiseUntil - this.#noiseSince
    return lasted >= NOISE_MS && this.#noise >= NOISE_BYTES
  }

  /** Undefined where nothing is wrong. */
  complaint(): LineComplaint | undefined {
    if (this.isNoise) return { status: 'unhealthy', message: NO_VALID_FRAMES }
    return this.#damagedFrames()
  }

  /** What is our own fault and not the line's: undefined where nothing is. */
  overrun(now: number): LineComplaint | undefined {
    if (this.isNoise || now - this.#overrunAt >= TOLD_MS) return undefined
    return { status: 'degraded', message: OVERRUN }
  }

  /** Noise that a receiver never finds an end in is under way for ever. */
  #hearNoise(heardAt: number, now: Totals): void {
    const since = this.#underWaySince ?? heardAt
    const isEndless = heardAt - since >= this.#longestFrameMs
    const noise = now.discarded - this.#base.discarded + (isEndless ? now.underWay : 0)
    if (noise <= this.#noise) return
    this.#noise = noise
    this.#noiseSince = Math.min(this.#noiseSince ?? heardAt, isEndless ? since : heardAt)
    this.#noiseUntil = heardAt
  }

  #forgetNoise(): void {
    this.#noise = 0
    this.#noiseSince = undefined
  }

  #damagedFrames(): LineComplaint | undefined {
    const damaged = this.#before.damaged + this.#window.damaged
    const all = damaged + this.#before.good + this.#window.good
    if (all < MIN_OUTCOMES || damaged <= DAMAGED_SHARE * all) return undefined
    const percent = Math.round((100 * damaged) / all)
    const message = `${percent} % of the last frames damaged: cable, ground or baud rate?`
    return { status: 'degraded', message }
  }
}

interface Totals {
  readonly frames: number
  readonly underWay: number
  readonly discarded: number
  readonly damaged: number
}

/** Without filler, which is no noise; lines that are not hex are no damage: firmware prints them. */
function totals(counters: FramerCounters | undefined): Totals {
  if (!counters) return { frames: 0, underWay: 0, discarded: 0, damaged: 0 }
  const { bytesIn, bytesInFrames, framesOut, discardedBytes, discardedFrames } = counters
  const discarded = sum(discardedBytes)
  return {
    frames: framesOut,
    underWay: bytesIn - bytesInFrames - discarded,
    discarded: discarded - discardedBytes.filler,
    damaged: sum(discardedFrames) - discardedFrames['not-hex'],
  }
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)
