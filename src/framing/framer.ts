import { CobsUnstuffer } from './cobs.js'
import type { Cutter, FlushReason } from './cutter.js'
import { DelimitedCutter } from './delimited-cutter.js'
import { type FramerCounters, Tally } from './discard.js'
import { FrameCheck, type OnFrame, type Refuses } from './frame-check.js'
import { HexUnstuffer } from './hex-lines.js'
import { LengthCutter } from './length-cutter.js'
import { assertFormat, type LineFormat } from './line-format.js'
import { SlipUnstuffer } from './slip.js'

/**
 * Cuts a byte stream into frames. It never holds more than one frame, damage costs at most the frames
 * it hit and the next one, and every byte thrown away is counted; time grows linearly with the bytes,
 * whatever they are.
 */
export class Framer {
  readonly #tally = new Tally()
  readonly #cutter: Cutter

  /**
   * `onFrame` gets each frame as its own copy; it must not throw, nor push into this framer. `refuses` is asked before,
   * where delimiters tell what a frame is: what comes too fast costs next to nothing.
   * Throws `LineFormatError` for a format that `formatProblems` finds fault with.
   */
  constructor(format: LineFormat, onFrame: OnFrame, refuses?: Refuses) {
    assertFormat(format)
    this.#cutter = cutterOf(format, new FrameCheck(format, onFrame, refuses), this.#tally)
  }

  /** Takes the next bytes of the stream; the chunk may be used again afterwards. */
  push(chunk: Uint8Array): void {
    this.#tally.bytesIn += chunk.length
    this.#cutter.push(chunk)
  }

  /**
   * Gives up an unfinished frame and counts it. `idle`: the line was quiet for longer than `idleGapMs`;
   * `closed`: what comes next may begin in the middle of a frame. Length framing may find whole frames
   * behind a false length, and delivers them.
   */
  flush(reason: FlushReason): void {
    this.#cutter.flush(reason)
  }

  /** Bytes of an unfinished frame, as they came in. */
  get pending(): number {
    return this.#cutter.pending
  }

  /** Whether it has yet to see where a frame begins: no delimiter, or no CRC match, since the line opened. */
  get syncing(): boolean {
    return this.#cutter.syncing
  }

  /** A copy of the counters. */
  get counters(): FramerCounters {
    return this.#tally.snapshot()
  }
}

function cutterOf(format: LineFormat, check: FrameCheck, tally: Tally): Cutter {
  const { framing, crc, maxFrame } = format
  if (framing === 'length') {
    // A length without a CRC has been refused by now.
    return new LengthCutter(crc === 'crc16' ? 'crc16' : 'crc32', maxFrame, check, tally)
  }
  const Unstuffer = { cobs: CobsUnstuffer, slip: SlipUnstuffer, hex: HexUnstuffer }[framing]
  return new DelimitedCutter(new Unstuffer(maxFrame), check, tally, crc !== 'none')
}
