import type { Random } from '../random.js'
import type { FrameFaultRates } from './rates.js'

/** What the fault model has to know of a frame; it hands the same object on. */
export interface FaultyFrame {
  readonly bytes: Uint8Array
  /** How often the device has restarted before it sent this. */
  readonly boot: number
}

/** What arrives. */
export interface Delivered<F> {
  readonly bytes: Uint8Array
  readonly what: 'frame' | 'duplicate' | 'truncated' | 'garbage'
  /** The frame that it is, or is the beginning of; undefined for garbage. */
  readonly frame: F | undefined
}

/** Always exact: `delivered` + held back = `frames` − all four losses + `duplicated` + `garbage`. */
/** What was done to the frames of a device that nothing has been done to yet. */
export const noFrameFaults = {
  frames: 0,
  lost: 0,
  lostInBursts: 0,
  silenced: 0,
  lostAfterBoot: 0,
  duplicated: 0,
  overtaken: 0,
  truncated: 0,
  garbage: 0,
  delivered: 0,
}

export type FrameFaultCounters = Readonly<typeof noFrameFaults>

const longestGarbage = 40

/**
 * What a lossy way does to one device's frames: a radio, a broker with QoS 0, a gateway that restarts.
 * Each fault draws from its own numbers and for every frame, so that one more leaves the others where they
 * were: the same frames are lost with and without duplicates.
 */
export class FrameFaults<F extends FaultyFrame> {
  readonly #rates: FrameFaultRates
  readonly #loss: Random
  readonly #burst: Random
  readonly #silence: Random
  readonly #boot: Random
  readonly #duplicate: Random
  readonly #reorder: Random
  readonly #truncate: Random
  readonly #garbage: Random
  #burstLeft = 0
  #silentUntil = Number.NEGATIVE_INFINITY
  #bootSeen = 0
  #bootLossLeft = 0
  /** What is overtaken, with the number of frames that still pass it. */
  #held: { readonly delivered: Delivered<F>; passing: number }[] = []
  readonly #counters = { ...noFrameFaults }

  constructor(rates: FrameFaultRates, random: Random) {
    this.#rates = rates
    this.#loss = random.fork('loss')
    this.#burst = random.fork('burst')
    this.#silence = random.fork('silence')
    this.#boot = random.fork('boot')
    this.#duplicate = random.fork('duplicate')
    this.#reorder = random.fork('reorder')
    this.#truncate = random.fork('truncate')
    this.#garbage = random.fork('garbage')
  }

  /** A copy. */
  get counters(): FrameFaultCounters {
    return { ...this.#counters }
  }

  /** Frames that are being overtaken. */
  get heldBack(): number {
    return this.#held.length
  }

  /** What arrives when `frame` is sent, in order; `now` in milliseconds on a scale that never goes back. */
  apply(frame: F, now: number): Delivered<F>[] {
    this.#counters.frames++
    const arriving: Delivered<F>[] = []
    const lost = this.#loses(frame, now)
    const length = this.#lengthOf(frame)
    const passing = this.#passing(this.#reorder)
    const twice = this.#duplicate.chance(this.#rates.duplicates)
    const copyPassing = twice ? this.#passing(this.#duplicate) : 0
    if (!lost) {
      this.#route(this.#cut(frame, length), passing, arriving)
      if (twice) {
        this.#counters.duplicated++
        this.#route({ bytes: frame.bytes, what: 'duplicate', frame }, copyPassing, arriving)
      }
    }
    this.#letPass(arriving)
    if (this.#garbage.chance(this.#rates.garbage)) {
      this.#counters.garbage++
      arriving.push({ bytes: this.#noise(), what: 'garbage', frame: undefined })
    }
    this.#counters.delivered += arriving.length
    return arriving
  }

  /** What is still held back, as it arrives when nothing follows. */
  flush(): Delivered<F>[] {
    const rest = this.#held.map(({ delivered }) => delivered)
    this.#held = []
    this.#counters.delivered += rest.length
    return rest
  }

  /** All four ways of losing it are asked for every frame; it counts once. */
  #loses(frame: F, now: number): boolean {
    const lost = this.#loss.chance(this.#rates.loss)
    const inBurst = this.#inBurst()
    const silent = this.#isSilent(now)
    const afterBoot = this.#isLostAfterBoot(frame)
    const counters = this.#counters
    if (afterBoot) counters.lostAfterBoot++
    else if (silent) counters.silenced++
    else if (inBurst) counters.lostInBursts++
    else if (lost) counters.lost++
    else return false
    return true
  }

  #inBurst(): boolean {
    if (this.#burst.chance(this.#rates.bursts)) {
      this.#burstLeft = Math.max(this.#burstLeft, this.#burst.runLength(this.#rates.burstLength))
    }
    if (this.#burstLeft === 0) return false
    this.#burstLeft--
    return true
  }

  #isSilent(now: number): boolean {
    if (this.#silence.chance(this.#rates.silences)) {
      const until = now + this.#silence.exponential(this.#rates.silenceMs)
      this.#silentUntil = Math.max(this.#silentUntil, until)
    }
    return now < this.#silentUntil
  }

  #isLostAfterBoot({ boot }: F): boolean {
    if (boot !== this.#bootSeen) {
      this.#bootSeen = boot
      this.#bootLossLeft = this.#boot.below(this.#rates.bootLoss + 1)
    }
    if (this.#bootLossLeft === 0) return false
    this.#bootLossLeft--
    return true
  }

  /** How many bytes of the frame arrive. */
  #lengthOf({ bytes }: F): number {
    if (bytes.length < 2 || !this.#truncate.chance(this.#rates.truncated)) return bytes.length
    return 1 + this.#truncate.below(bytes.length - 1)
  }

  #cut(frame: F, length: number): Delivered<F> {
    const { bytes } = frame
    if (length === bytes.length) return { bytes, what: 'frame', frame }
    this.#counters.truncated++
    return { bytes: bytes.slice(0, length), what: 'truncated', frame }
  }

  /** By how many frames it is overtaken. */
  #passing(random: Random): number {
    if (!random.chance(this.#rates.reorders)) return 0
    return 1 + random.below(this.#rates.displacement)
  }

  #route(delivered: Delivered<F>, passing: number, arriving: Delivered<F>[]): void {
    if (passing === 0) {
      arriving.push(delivered)
      return
    }
    this.#counters.overtaken++
    // The frame that is being sent counts too when the rest is let pass, but does not overtake itself.
    this.#held.push({ delivered, passing: passing + 1 })
  }

  #letPass(arriving: Delivered<F>[]): void {
    if (this.#held.length === 0) return
    for (const held of this.#held) held.passing--
    for (const { delivered, passing } of this.#held) if (passing === 0) arriving.push(delivered)
    this.#held = this.#held.filter(({ passing }) => passing > 0)
  }

  /**
   * Bytes that begin no ALEC frame. Noise that happens to be a whole valid frame is no fault that any
   * receiver could know from a frame, so it would prove nothing.
   */
  #noise(): Uint8Array {
    const bytes = this.#garbage.bytes(1 + this.#garbage.below(longestGarbage))
    bytes[0] = 0x80 | this.#garbage.below(0x20)
    return bytes
  }
}
