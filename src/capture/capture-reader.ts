import { CAPTURE_VERSION, versionIn } from './capture-head.js'
import { type CaptureLine, readCaptureLine } from './capture-line.js'
import type { CapturedFrame } from './captured-frame.js'
import { type TextLine, textLines } from './text-lines.js'

/** What a capture holds, line by line; comments aside. */
export type CaptureEntry =
  | { readonly kind: 'frame'; readonly line: number; readonly frame: CapturedFrame }
  | { readonly kind: 'fault'; readonly line: number; readonly reason: string }
  /** The last line was not written to its end: whoever wrote it was stopped, and nothing else is amiss. */
  | { readonly kind: 'torn'; readonly line: number }
  /** A later version of this program has written it: nothing of it is read. */
  | { readonly kind: 'foreign'; readonly line: number; readonly version: number }

/** Reads a capture of any length. Several in one file, one behind the other, are one. */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<CaptureEntry> {
  const times = new SectionTimes()
  for await (const one of textLines(chunks)) {
    const entry = entryOf(one, times)
    if (!entry) continue
    yield entry
    if (entry.kind === 'foreign') return
  }
}

function entryOf(
  { number, text, tooLong, ended }: TextLine,
  times: SectionTimes,
): CaptureEntry | undefined {
  if (!ended) return { kind: 'torn', line: number }
  if (tooLong) return { kind: 'fault', line: number, reason: 'it is longer than any frame' }
  if (text.startsWith('#')) {
    const version = versionIn(text)
    if (version === undefined || version <= CAPTURE_VERSION) return undefined
    return { kind: 'foreign', line: number, version }
  }
  if (text.trim() === '') return undefined
  const read = readCaptureLine(text)
  if (!read.ok) return { kind: 'fault', line: number, reason: read.reason }
  const { device, bytes, wall, integrity } = read.line
  const frame = { device, bytes, wall, integrity, mono: times.monoOf(read.line) }
  return { kind: 'frame', line: number, frame }
}

/** Each capture counts from its own beginning: where the count goes back, another one begins. */
class SectionTimes {
  #base = 0
  #last: { readonly at: number; readonly wall: number; readonly mono: number } | undefined

  monoOf({ at, wall }: CaptureLine): number {
    const last = this.#last
    // Between two of them only the wall clock tells how long it was.
    if (last && at < last.at) this.#base = last.mono + Math.max(0, wall - last.wall) - at
    const mono = this.#base + at
    this.#last = { at, wall, mono }
    return mono
  }
}
