import {
  frameFamily,
  maxChannels,
  ParsedFrame,
  parseAggregated,
  parseFrame,
  splitStandardFrames,
} from '../alec/index.js'

/** Frames that were lost between two of one encoder. */
const MOST_LOST = 16

/** One scratch frame: what is parsed is looked at before the next. */
const parsed = new ParsedFrame()

/**
 * Whether bytes are frames at all, and belong to one encoder: of any shape that parses, with numbers that count up.
 * That is what tells a guess at a line's format from the right one.
 */
export class FrameTrail {
  #frames = 0
  #parsed = 0
  #followed = 0
  #last: { readonly sequence: number; readonly version: number } | undefined

  /** Everything that was taken for a frame. */
  get frames(): number {
    return this.#frames
  }

  /** Those that have the shape of one. */
  get parsed(): number {
    return this.#parsed
  }

  /** Those that also count on from the one before. */
  get followed(): number {
    return this.#followed
  }

  take(bytes: Uint8Array): void {
    this.#frames++
    const head = headOf(bytes)
    if (head === undefined) return
    this.#parsed++
    // A gateway's frame has no number of its own, but its parts have checksums.
    if (head === 'aggregated' || (this.#last && follows(this.#last, head))) this.#followed++
    this.#last = head === 'aggregated' ? undefined : head
  }
}

type Head = { readonly sequence: number; readonly version: number; readonly modulus: number }

function headOf(bytes: Uint8Array): Head | 'aggregated' | undefined {
  switch (frameFamily(bytes[0] ?? 0)) {
    case 'compact':
      return compactParses(bytes) ? headIn(2 ** 16) : undefined
    case 'standard':
      return standardParses(bytes) ? headIn(2 ** 24) : undefined
    case 'aggregated':
      return isAggregated(bytes) ? 'aggregated' : undefined
    default:
      return undefined
  }
}

const headIn = (modulus: number): Head => ({
  sequence: parsed.sequence,
  version: parsed.version,
  modulus,
})

function compactParses(bytes: Uint8Array): boolean {
  for (let channels = 1; channels <= maxChannels; channels++) {
    if (!parseFrame(bytes, { family: 'compact', channels }, parsed)) return true
  }
  return false
}

const standardParses = (bytes: Uint8Array): boolean =>
  [true, false].some((checksum) => !parseFrame(bytes, { family: 'standard', checksum }, parsed))

function isAggregated(bytes: Uint8Array): boolean {
  const channels = parseAggregated(bytes)
  if (!channels.ok || channels.value.length === 0) return false
  return channels.value.every(({ data }) => splitStandardFrames(data).ok)
}

/** The number is a little higher; so is the version, or as it was, where frames observe nothing. */
function follows(last: { sequence: number; version: number }, next: Head): boolean {
  const frames = (next.sequence - last.sequence + 2 ** 16) % 2 ** 16
  if (frames === 0 || frames > MOST_LOST) return false
  const observed = (next.version - last.version + next.modulus) % next.modulus
  return observed <= frames * 2 * maxChannels
}
