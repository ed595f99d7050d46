import {
  Encoding,
  type Fault,
  type ParsedFrame,
  type PatternDictionary,
  parseSync,
} from '../alec/index.js'
import { DeviceDictionary, type DictionaryMemory } from './dictionary.js'
import type { Parcel } from './parcel.js'
import {
  type Continuity,
  type FramePosition,
  type FrameSight,
  SEQUENCES,
  type StreamPosition,
} from './stream-position.js'
import { advanceTrack, modulo, unknownTrack } from './version-track.js'

/** So many messages in a row that carry no data are remembered. */
const MOST_REMEMBERED = 16
/** More patterns at once are not registered between two frames. */
const MOST_REGISTERED = 1024
const VERSIONS = 2 ** 24

export interface SideMemory {
  readonly seen: boolean
  readonly sequences: readonly number[]
  readonly dictionary: DictionaryMemory
}

/** What became of a message that carries no data. */
export interface SideOutcome {
  readonly fault?: Fault
  /** Of the dictionary: it is the device's now, or why it is not. */
  readonly dictionary?: { readonly inStep: boolean; readonly message: string }
  /** Where the stream stands by it: its version has moved by what was registered. */
  readonly position?: FramePosition
}

/** The stream, as far as a message is held against it. */
interface Stream {
  readonly position: StreamPosition | undefined
  readonly observationsBefore: number
}

/**
 * A device's messages that carry no data: they may take numbers of their own, so that frames between which nothing is
 * lost are not contiguous, and those about the dictionary tell what its pattern codes stand for.
 */
export class SideMessages {
  readonly dictionary = new DeviceDictionary()
  #seen = false
  /** Numbers that they have taken since the last data frame. */
  #sequences: number[] = []

  /** The device is one that sends such messages, or uses patterns: its numbers say less of its frames. */
  get seen(): boolean {
    return this.#seen
  }

  /** A state was imported whose dictionary this is; the next frame shows `version` if none is missed. */
  adopt(patterns: PatternDictionary, version: number): void {
    if (patterns.size === 0) return
    this.#seen = true
    this.dictionary.adopt(patterns, version)
  }

  /** Takes one in. Nothing changes where there is a fault, or the message is an old one. */
  take(frame: ParsedFrame, bytes: Uint8Array, stream: Stream): SideOutcome {
    const { sequence, messageType } = frame
    const payload = bytes.subarray(frame.payloadOffset, frame.payloadEnd)
    const message = messageType === 'sync' ? parseSync(payload) : undefined
    if (message?.ok === false) return { fault: message.fault }
    const before = stream.position?.sequence ?? undefined
    const ahead = before === undefined ? 0 : modulo(sequence - before - 1, SEQUENCES)
    if (ahead >= SEQUENCES / 2 || this.#sequences.includes(sequence)) return {}
    const contiguous = before !== undefined && ahead === this.between(before, sequence)
    this.#seen = true
    this.#sequences.push(sequence)
    if (this.#sequences.length > MOST_REMEMBERED) this.#sequences.shift()
    if (message?.value.type !== 'announce' && message?.value.type !== 'diff') return {}
    const { value } = message
    const why =
      value.type === 'diff' ? this.dictionary.apply(value) : this.dictionary.announce(value)
    if (why !== undefined) return { dictionary: { inStep: false, message: why } }
    const inStep = `${this.dictionary.size} patterns at version ${value.version}`
    const position = contiguous ? anchored(stream, modulo(value.version, VERSIONS)) : undefined
    return { dictionary: { inStep: true, message: inStep }, ...(position && { position }) }
  }

  /** How many of them have a number between those of two data frames. */
  between(before: number, sequence: number): number {
    if (this.#sequences.length === 0) return 0
    const ahead = modulo(sequence - before - 1, SEQUENCES)
    return this.#sequences.filter((one) => modulo(one - before - 1, SEQUENCES) < ahead).length
  }

  /** The number that a data frame has next. */
  nextAfter(sequence: number): number {
    let next = (sequence + 1) % SEQUENCES
    while (this.#sequences.includes(next)) next = (next + 1) % SEQUENCES
    return next
  }

  /** A data frame has been judged, and is about to be decoded. */
  follow(continuity: Continuity, sight: FrameSight, frame: ParsedFrame): void {
    const told = this.#sequences.length > 0
    if (told) this.#sequences = []
    this.#seen ||= usesPatterns(frame)
    const { version, observationsPerFrame: perFrame } = sight
    switch (continuity.kind) {
      case 'fresh':
        this.#seen = usesPatterns(frame)
        this.dictionary.lose()
        return
      case 'continues':
        // A message that was lost with an evolution looks like a frame that was: behind a gap nothing is sure.
        if (continuity.lost > 0) this.dictionary.lose()
        else this.dictionary.follow(version, perFrame)
        return
      default: {
        // A message just before it may be the first that is known of the device.
        const cause = continuity.kind === 'unknown' ? continuity.cause : undefined
        const mayHold = cause === 'started-mid-stream' || cause === 'foreign-state'
        if (told && mayHold) this.dictionary.follow(version, perFrame)
        else this.dictionary.lose()
      }
    }
  }

  pack(parcel: Parcel): void {
    const hasNone = !this.#seen && this.#sequences.length === 0 && this.dictionary.isUnheardOf
    parcel.putFlag(hasNone)
    if (hasNone) return
    parcel.putFlag(this.#seen)
    parcel.putList(this.#sequences)
    this.dictionary.pack(parcel)
  }

  unpack(parcel: Parcel): void {
    if (parcel.takeFlag()) {
      this.#clear()
      return
    }
    this.#seen = parcel.takeFlag()
    this.#sequences = parcel.takeList()
    this.dictionary.unpack(parcel)
  }

  save(): SideMemory {
    return {
      seen: this.#seen,
      sequences: [...this.#sequences],
      dictionary: this.dictionary.save(),
    }
  }

  restore({ seen, sequences, dictionary }: SideMemory): void {
    this.#seen = seen
    this.#sequences = [...sequences]
    this.dictionary.restore(dictionary)
  }

  #clear(): void {
    this.#seen = false
    if (this.#sequences.length > 0) this.#sequences = []
    this.dictionary.clear()
  }
}

const usesPatterns = ({ encodings, count }: ParsedFrame): boolean =>
  count === 1 && (encodings[0] === Encoding.pattern || encodings[0] === Encoding.patternDelta)

/** The position with the version that the device tells: what is more than its observations was registered. */
function anchored(
  { position, observationsBefore }: Stream,
  version: number,
): FramePosition | undefined {
  if (!position || position.sequence === null) return undefined
  const { sequence, track } = position
  const registered = modulo(version - track.version - observationsBefore, VERSIONS)
  if (registered > MOST_REGISTERED) return undefined
  const exactly =
    registered === 0 ? advanceTrack(track, version, observationsBefore, VERSIONS) : undefined
  return { sequence, track: exactly ?? unknownTrack(version) }
}
