import type { Parcel } from './parcel.js'
import type { RecentFrames } from './recent-frames.js'
import { SEQUENCES } from './stream-position.js'

/** A frame that is more than so many intervals behind its time is not expected any more. */
const REACH = 16
const MOST = 4 * REACH
/**
 * So many frames of the next encoder, an interval apart, overtake one of another at most. More would cost too much: where
 * everything that a broker has kept comes at once, each of them is doubtful.
 */
const MOST_OVERTAKING = 4

export type Seen = ReturnType<RecentFrames['find']>

export interface Restart {
  readonly last: number | null | undefined
  readonly unheard: number
  /** The former encoder's frames, under its epoch. */
  readonly recent: RecentFrames
  readonly epoch: number
  /** Whether the new encoder's first frame came before, byte for byte. */
  readonly seen: Seen
  /** Monotonic milliseconds. */
  readonly now: number
  /** Since the former encoder's last frame came. */
  readonly silenceMs: number
  readonly intervalMs: number
}

/**
 * Frames of a device's former encoders that may still be on their way. After a restart the numbers begin anew, and a
 * late frame, or a late copy of one, shows just what the new encoder's frame of that number would show.
 */
export class Stragglers {
  /** Number → until when it may come, monotonic milliseconds. */
  readonly #awaited = new Map<number, number>()
  /** The last number that an encoder may have got to of which nothing was heard; until when its frames may come. */
  #hiddenLast = 0
  #hiddenUntil = 0
  /** While they may: when a frame came last, whatever became of it. */
  #heardAt = 0
  /** Every frame since the restart had the bytes of its predecessor: then a copy decodes to the same values. */
  #repeating = false

  /** Whether a frame that goes on from the one before may be an old one all the same: then it has to count as lost. */
  turnsAway(sequence: number, seen: Seen, now: number): boolean {
    if (seen === 'same-before') return !this.#repeating
    const until = this.#awaited.get(sequence)
    return until !== undefined && now <= until
  }

  /** A frame comes: so long behind another, where that matters. */
  hear(now: number): number {
    if (this.#hiddenLast === 0) return Number.POSITIVE_INFINITY
    const since = now - this.#heardAt
    this.#heardAt = now
    return since
  }

  /** Whether an encoder of which nothing was heard may have sent a frame of this number that is still on its way. */
  mayBeHidden(sequence: number, now: number): boolean {
    return sequence <= this.#hiddenLast && now <= this.#hiddenUntil
  }

  /** A frame went on from the one before it, of which `seen` says whether its bytes came in an earlier epoch. */
  goesOn(sequence: number, lost: number, seen: Seen): void {
    if (sequence >= this.#hiddenLast) this.#hide(0, 0, 0)
    this.#repeating &&= lost === 0 && seen === 'same-before'
  }

  /**
   * A new encoder's first frame has come. The last one of the former had the number `last`, and had time to send
   * `unheard` more: what did not come of them may still come.
   */
  begin(restart: Restart): void {
    const { last, unheard, recent, epoch, seen, now, silenceMs, intervalMs } = restart
    this.#repeating = seen === 'same' || seen === 'same-before'
    for (const [sequence, until] of this.#awaited) if (until < now) this.#awaited.delete(sequence)
    this.#hide(0, 0, 0)
    if (last === null || last === undefined) return
    // Nobody may know how long it was: then nothing recent is missing.
    if (!Number.isFinite(unheard)) return
    // One that started in the silence itself may have sent its first frame as soon as it had.
    this.#hide(Math.min(unheard + 1, MOST_OVERTAKING), now + REACH * intervalMs, now)
    const newest = last + Math.max(0, unheard)
    for (let n = Math.max(0, newest - 2 * REACH); n <= newest; n++) {
      const until = now - silenceMs + (n - last + REACH) * intervalMs
      if (until >= now && (n > last || !recent.has(n, epoch))) this.#await(n % SEQUENCES, until)
    }
  }

  /** As it was at first. */
  get isIdle(): boolean {
    return this.#awaited.size === 0 && !this.#repeating && this.#hiddenLast === 0
  }

  clear(): void {
    if (this.#awaited.size > 0) this.#awaited.clear()
    this.#repeating = false
    this.#hide(0, 0, 0)
  }

  pack(parcel: Parcel): void {
    parcel.putFlag(this.#repeating)
    parcel.put(this.#hiddenLast)
    parcel.put(this.#hiddenUntil)
    parcel.put(this.#heardAt)
    parcel.put(this.#awaited.size)
    for (const [sequence, until] of this.#awaited) {
      parcel.put(sequence)
      parcel.put(until)
    }
  }

  unpack(parcel: Parcel): void {
    this.clear()
    this.#repeating = parcel.takeFlag()
    this.#hide(parcel.take(), parcel.take(), parcel.take())
    for (let left = parcel.take(); left > 0; left--) this.#awaited.set(parcel.take(), parcel.take())
  }

  /** The last hidden number, until when it may come, and when a frame came last. */
  saveHidden(): number[] {
    return [this.#hiddenLast, this.#hiddenUntil, this.#heardAt]
  }

  restoreHidden([last = 0, until = 0, heardAt = 0]: readonly number[]): void {
    this.#hide(last, until, heardAt)
  }

  save(): number[] {
    return [this.#repeating ? 1 : 0, ...[...this.#awaited].flat()]
  }

  restore([repeating = 0, ...awaited]: readonly number[]): void {
    this.#repeating = repeating === 1
    for (let i = 0; i + 1 < awaited.length; i += 2)
      this.#await(awaited[i] ?? 0, awaited[i + 1] ?? 0)
  }

  #hide(last: number, until: number, heardAt: number): void {
    this.#hiddenLast = Math.max(0, last)
    this.#hiddenUntil = until
    this.#heardAt = heardAt
  }

  #await(sequence: number, until: number): void {
    this.#awaited.delete(sequence)
    this.#awaited.set(sequence, until)
    const [oldest] = this.#awaited.keys()
    if (this.#awaited.size > MOST && oldest !== undefined) this.#awaited.delete(oldest)
  }
}
