import type { Cutter, FlushReason } from './cutter.js'
import type { DiscardReason, Tally } from './discard.js'
import type { FrameCheck } from './frame-check.js'
import type { Unstuffer } from './unstuffer.js'

/** Cuts a stream at delimiters: after any damage the next frame begins behind the next delimiter. */
export class DelimitedCutter implements Cutter {
  readonly #unstuffer: Unstuffer
  readonly #check: FrameCheck
  readonly #tally: Tally
  readonly #trustsStart: boolean
  // Wire bytes of the frame under way; those of one that is being dropped are counted as they come.
  #wire = 0
  // Why everything up to the next delimiter is thrown away.
  #dropping: DiscardReason | undefined
  // Set while what is under way may be the rest of a frame whose beginning is not here; a frame of its
  // own is not counted then.
  #doubt: DiscardReason | undefined = 'syncing'
  #behindFrame = false

  /** `trustsStart`: a checksum vouches for a frame even where no delimiter came before it. */
  constructor(unstuffer: Unstuffer, check: FrameCheck, tally: Tally, trustsStart: boolean) {
    this.#unstuffer = unstuffer
    this.#check = check
    this.#tally = tally
    this.#trustsStart = trustsStart
  }

  get pending(): number {
    return this.#wire
  }

  get syncing(): boolean {
    return this.#doubt === 'syncing'
  }

  push(chunk: Uint8Array): void {
    const unstuffer = this.#unstuffer
    let at = 0
    while (at < chunk.length) {
      if (this.#dropping !== undefined) {
        at = this.#drop(this.#dropping, chunk, at)
        continue
      }
      const stop = unstuffer.take(chunk, at)
      this.#wire += stop - at
      at = stop
      if (unstuffer.fault !== undefined) {
        this.#dropping = unstuffer.fault
        this.#discardHeld(unstuffer.fault)
      } else if (at < chunk.length) {
        at++
        this.#wire++
        this.#endFrame()
      }
    }
  }

  flush(reason: FlushReason): void {
    const cutShort = this.#wire > 0
    if (cutShort) this.#discardHeld('incomplete')
    if (reason === 'closed') this.#doubt = 'syncing'
    else if (cutShort || this.#dropping !== undefined) this.#doubt ??= 'incomplete'
    this.#dropping = undefined
  }

  #endFrame(): void {
    const fault = this.#unstuffer.faultAtEnd()
    const { length } = this.#unstuffer
    if (length === 0 && fault === undefined) this.#countFiller()
    else if (fault !== undefined) this.#discardHeld(fault)
    else if (this.#doubt !== undefined && !this.#trustsStart) this.#discardHeld(this.#doubt)
    else if (length < this.#check.shortest) this.#discardHeld('too-short')
    else if (this.#doubt === undefined && this.#check.refuses(this.#unstuffer.buffer, 0, length))
      this.#countFrame()
    else if (this.#check.deliver(this.#unstuffer.buffer, 0, length)) this.#countFrame()
    else this.#discardHeld('crc')
    this.#doubt = undefined
  }

  #countFrame(): void {
    this.#tally.framesOut++
    this.#tally.bytesInFrames += this.#wire
    this.#forgetHeld()
    this.#behindFrame = true
  }

  /** Nothing but a delimiter. One right behind a frame belongs to it: the LF of CR LF, the next END. */
  #countFiller(): void {
    if (this.#behindFrame && this.#wire === 1) this.#tally.bytesInFrames++
    else this.#tally.discardedBytes.filler += this.#wire
    this.#forgetHeld()
  }

  #discardHeld(reason: DiscardReason): void {
    this.#tally.discardedBytes[this.#doubt ?? reason] += this.#wire
    if (this.#doubt === undefined) this.#tally.discardedFrames[reason]++
    this.#forgetHeld()
  }

  #forgetHeld(): void {
    this.#wire = 0
    this.#behindFrame = false
    this.#unstuffer.reset()
  }

  /** Throws away up to the next delimiter, that included; returns the index behind it. */
  #drop(reason: DiscardReason, chunk: Uint8Array, at: number): number {
    const stop = this.#unstuffer.skip(chunk, at)
    const ended = stop < chunk.length
    const next = ended ? stop + 1 : stop
    this.#tally.discardedBytes[this.#doubt ?? reason] += next - at
    if (ended) {
      this.#dropping = undefined
      this.#doubt = undefined
    }
    return next
  }
}
