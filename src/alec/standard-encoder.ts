import { Choice, chooseStandard } from './choice.js'
import { type ClassifierRules, classify } from './classifier.js'
import { Context } from './context.js'
import { Encoding, valueLength } from './encoding.js'
import { checksumLength, putStandardHeader, standardHeaderLength } from './header.js'
import type { Priority } from './parsed-frame.js'
import { putChecksum, putStandardValue } from './standard-frame.js'
import { putVarint } from './varint.js'

export interface StandardEncoderOptions {
  /** Scale factor of the deltas; that of `context` where one is handed in. */
  readonly scale?: number
  readonly checksum?: boolean
  readonly historySize?: number
  /** State to go on from; the encoder takes it over. */
  readonly context?: Context
  /** What the classifier was told, by context key. */
  readonly rules?: ReadonlyMap<number, ClassifierRules>
}

export interface StandardFrameOptions {
  /** u32. */
  readonly sourceId: number
  /** Unix milliseconds; the frame carries whole seconds. */
  readonly timestampMs: number
  readonly priority: Priority
}

export interface MultiEntry {
  /** 0 to 255, the entry's context key. */
  readonly nameId: number
  readonly value: number
}

/** An adaptive multi frame takes no deferred entry that would make it longer than this, in bytes. */
const fillLimit = 127
const maxEntries = 255
const entryHead = 2
/** Longest frame: 255 Raw64 entries behind the longest source id, with checksum. */
const maxLength = standardHeaderLength + 5 + 2 + maxEntries * (entryHead + 8) + checksumLength

// Encoding is one plain call, so all encoders write here and hand out copies.
const scratch = new Uint8Array(maxLength)
const choice = new Choice()
const priorities = new Uint8Array(maxEntries)
const encodings = new Uint8Array(maxEntries)
const numbers = new Float64Array(maxEntries)

/** Encodes standard frames byte for byte as the device library does. Every frame belongs to the caller. */
export class StandardEncoder {
  readonly context: Context
  readonly #checksum: boolean
  readonly #rules: ReadonlyMap<number, ClassifierRules>
  #sequence = 0

  constructor({ scale, checksum, historySize, context, rules }: StandardEncoderOptions = {}) {
    this.context = context ?? new Context({ historySize: historySize ?? 100, scale: scale ?? 100 })
    this.#checksum = checksum ?? false
    this.#rules = rules ?? new Map()
  }

  /** Sequence of the next frame, u16. */
  get sequence(): number {
    return this.#sequence
  }

  /** One value of one source, which the context observes. */
  encode(value: number, options: StandardFrameOptions): Uint8Array {
    const { sourceId } = options
    chooseStandard(value, this.context.source(sourceId), this.context.scale, choice)
    let at = this.#begin(sourceId, options.timestampMs, options.priority)
    scratch[at++] = choice.encoding
    at = putStandardValue(scratch, at, choice.encoding, choice.number)
    const frame = this.#end(at)
    this.context.observe(sourceId, value)
    return frame
  }

  /** Every entry as Raw32; neither predicts nor observes. At most 255 entries. */
  encodePlainMulti(entries: readonly MultiEntry[], options: StandardFrameOptions): Uint8Array {
    requireFew(entries)
    let at = this.#begin(options.sourceId, options.timestampMs, options.priority)
    scratch[at++] = Encoding.multi
    scratch[at++] = entries.length
    for (const { nameId, value } of entries) {
      scratch[at++] = nameId
      scratch[at++] = Encoding.raw32
      at = putStandardValue(scratch, at, Encoding.raw32, value)
    }
    return this.#end(at)
  }

  /**
   * The entries by urgency: P1 to P3 all, P4 while they fit, P5 none. The context observes them all, also
   * those left out. At most 255 entries.
   */
  encodeAdaptiveMulti(
    entries: readonly MultiEntry[],
    options: { readonly timestampMs: number },
  ): Uint8Array {
    requireFew(entries)
    this.#decide(entries)
    let at = this.#begin(0, options.timestampMs, mostUrgent(entries.length))
    scratch[at] = Encoding.multi
    const countAt = at + 1
    at += 2
    let count = 0
    for (let priority = 1; priority <= 4; priority++) {
      for (let i = 0; i < entries.length; i++) {
        if (priorities[i] !== priority) continue
        if (priority === 4 && this.#lengthWith(at, i) > fillLimit) continue
        at = putEntry(at, entries[i]!.nameId, i)
        count++
      }
    }
    scratch[countAt] = count
    const frame = this.#end(at)
    for (const { nameId, value } of entries) this.context.observe(nameId, value)
    return frame
  }

  /** How urgent the device finds a value, before it observes it. */
  classify(key: number, value: number): Priority {
    return classify(value, this.context.source(key), this.#rules.get(key))
  }

  /** Fills the columns, before anything is observed. */
  #decide(entries: readonly MultiEntry[]): void {
    for (const [i, { nameId, value }] of entries.entries()) {
      const source = this.context.source(nameId)
      chooseStandard(value, source, this.context.scale, choice)
      priorities[i] = classify(value, source, this.#rules.get(nameId))
      encodings[i] = choice.encoding
      numbers[i] = choice.number
    }
  }

  #lengthWith(at: number, i: number): number {
    return at + entryHead + valueLength[encodings[i]!]! + (this.#checksum ? checksumLength : 0)
  }

  #begin(sourceId: number, timestampMs: number, priority: Priority): number {
    putStandardHeader(scratch, {
      messageType: 'data',
      priority,
      sequence: this.#sequence,
      timestamp: Math.floor(timestampMs / 1000),
      version: this.context.version,
    })
    return putVarint(scratch, standardHeaderLength, sourceId)
  }

  #end(at: number): Uint8Array {
    this.#sequence = (this.#sequence + 1) & 0xffff
    return scratch.slice(0, this.#checksum ? putChecksum(scratch, at) : at)
  }
}

function putEntry(at: number, nameId: number, i: number): number {
  scratch[at] = nameId
  scratch[at + 1] = encodings[i]!
  return putStandardValue(scratch, at + entryHead, encodings[i]!, numbers[i]!)
}

/** The frame's priority: that of its most urgent entry, P3 where all of them are P4 or P5. */
function mostUrgent(count: number): Priority {
  let urgent = 3
  for (let i = 0; i < count; i++) urgent = Math.min(urgent, priorities[i]!)
  return urgent as Priority
}

function requireFew(entries: readonly MultiEntry[]): void {
  if (entries.length > maxEntries) {
    throw new RangeError(`${entries.length} entries; a multi frame takes at most ${maxEntries}`)
  }
}
