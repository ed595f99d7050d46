import type { LineFormat } from '../../src/framing/index.js'
import { type LineSettings, NO_ADDRESS } from '../../src/transport/line-settings.js'
import { type LinePorts, LineSource } from '../../src/transport/line-source.js'
import type { SourceCounters } from '../../src/transport/source.js'
import { ManualClock } from '../support/manual-clock.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'
import { ScriptedLineDoor } from './scripted-line.js'

/** A line source on a scripted line, open, with a clock that moves by hand. */
export class LineRig {
  readonly clock = new ManualClock({ mono: 1000 })
  readonly door = new ScriptedLineDoor()
  readonly heard = new RecordedHandlers()
  readonly source: LineSource

  constructor(format: LineFormat, given: Partial<LineSettings & LinePorts> = {}) {
    this.source = new LineSource({
      door: this.door,
      format,
      devices: new Map([[format.address === 'byte' ? 1 : NO_ADDRESS, 'd1']]),
      idleGapMs: 50,
      longestFrameMs: 500,
      fullReadBytes: 4095,
      reopen: { firstMs: 250, minMs: 250, maxMs: 1500 },
      clock: this.clock,
      random: () => 0.5,
      ...given,
    })
    this.source.start(this.heard)
    this.door.opened()
  }

  /** Bytes come in as one chunk. */
  receive(bytes: Uint8Array): void {
    this.door.line.handlers.onData(bytes)
  }

  health() {
    return this.source.healthCheck(this.clock.mono())
  }

  /** The line is lost and opened anew. */
  reopen(): void {
    this.door.closed()
    this.clock.advance(1500)
    this.door.opened()
  }
}

export const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Bytes that are in no frame and in no discard reason: 0, or I3 is broken. */
export const unaccounted = ({ bytesIn, bytesInFrames, discardedBytes }: SourceCounters): number =>
  bytesIn - bytesInFrames - sumOf(discardedBytes)
