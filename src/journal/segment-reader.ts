import { crc32 } from 'node:zlib'
import { parseExact } from './exact-json.js'
import type { JournalEntry } from './journal-entry.js'
import { HEAD, INTEGRITIES, KIND } from './record-format.js'

/** Longer than any record that is ever written. */
const LONGEST_RECORD = 16 * 1024 * 1024
/** A damaged ordinal looks like a leap; a lost stretch is not longer than this. */
const LONGEST_LEAP = 2 ** 32

/** Reads a segment's records in order; what is damaged is skipped up to the next record that is whole. */
export class SegmentReader {
  readonly #bytes: Buffer
  #at: number
  /** End of the last whole record. */
  #end: number
  /** Where the entry begins that was returned last. */
  #entryAt: number
  #last: number
  #time: RecordTime | undefined
  #checkpoint = 0

  /** Begins at a byte of the file; entries up to `after` are not expected behind it. */
  constructor(file: Uint8Array, start: number, after: number) {
    this.#bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
    this.#at = start
    this.#end = start
    this.#entryAt = start
    this.#last = after
  }

  /** Ordinal of the newest entry that was read, at first of the one before. */
  get last(): number {
    return this.#last
  }

  /** When the newest record that was read was written. */
  get time(): RecordTime | undefined {
    return this.#time
  }

  /** The newest checkpoint that was read; 0 where there was none. */
  get checkpoint(): number {
    return this.#checkpoint
  }

  /** Where the last whole record ends; its start where there is none. */
  get end(): number {
    return this.#end
  }

  /** The next entry; undefined at the end. */
  next(): JournalEntry | undefined {
    while (this.#bytes.length - this.#at >= HEAD.length) {
      const length = this.#wholeRecord()
      // Torn or flipped: the next whole record may begin at any byte behind.
      if (length === 0) this.#at++
      else {
        const at = this.#at
        this.#at += length
        this.#end = this.#at
        const entry = this.#read(at, length)
        if (!entry) continue
        this.#entryAt = at
        return entry
      }
    }
    this.#at = this.#bytes.length
    return undefined
  }

  /** The entry that was returned last comes once more. */
  back(): void {
    this.#at = this.#entryAt
    this.#end = this.#entryAt
    this.#last--
  }

  /** Length of the record at the present place; 0 where there is none that is whole. */
  #wholeRecord(): number {
    const bytes = this.#bytes
    const at = this.#at
    const kind = bytes[at + HEAD.kind] ?? 0
    if (kind < KIND.frame || kind > KIND.order) return 0
    const checked = bytes.readUInt32BE(at)
    if (checked < HEAD.length - HEAD.checked || checked > LONGEST_RECORD) return 0
    const end = at + HEAD.checked + checked
    if (end > bytes.length) return 0
    const ordinal = this.#ordinalAt(at)
    const least = kind === KIND.checkpoint ? this.#last : this.#last + 1
    if (ordinal < least || ordinal > least + LONGEST_LEAP) return 0
    if (crc32(bytes.subarray(at + HEAD.checked, end)) !== bytes.readUInt32BE(at + HEAD.crc)) {
      return 0
    }
    return HEAD.checked + checked
  }

  #ordinalAt(at: number): number {
    const bytes = this.#bytes
    const high = bytes.readUInt32BE(at + HEAD.ordinal)
    return high * 2 ** 32 + bytes.readUInt32BE(at + HEAD.ordinal + 4)
  }

  /** Takes a record in; returns its entry, where it is one that can be used. */
  #read(at: number, length: number): JournalEntry | undefined {
    const bytes = this.#bytes
    const kind = bytes[at + HEAD.kind] ?? 0
    const time = {
      mono: bytes.readDoubleBE(at + HEAD.mono),
      wall: bytes.readDoubleBE(at + HEAD.wall),
    }
    this.#time = time
    const body = bytes.subarray(at + HEAD.length, at + length)
    if (kind === KIND.checkpoint) {
      if (body.length === 8) this.#checkpoint = Math.max(this.#checkpoint, body.readDoubleBE())
      return undefined
    }
    const ordinal = this.#ordinalAt(at)
    this.#last = ordinal
    const place = { ordinal, ...time }
    return kind === KIND.frame ? frameIn(body, place) : textIn(body, kind, place)
  }
}

export interface RecordTime {
  readonly mono: number
  readonly wall: number
}

interface Place extends RecordTime {
  readonly ordinal: number
}

/** Undefined where this program did not write it, though its checksum is right. */
function frameIn(body: Buffer, place: Place): JournalEntry | undefined {
  const integrity = INTEGRITIES[body[0] ?? INTEGRITIES.length]
  const sourceAt = 2 + (body[1] ?? 0)
  const bytesAt = sourceAt + 1 + (body[sourceAt] ?? 0)
  if (integrity === undefined || bytesAt > body.length) return undefined
  const frame = {
    device: body.toString('utf8', 2, sourceAt),
    // A copy of its own: a frame that somebody keeps must not keep the whole segment.
    bytes: new Uint8Array(body.subarray(bytesAt)),
    integrity,
    source: body.toString('utf8', sourceAt + 1, bytesAt),
    ...place,
  }
  return { kind: 'frame', ...place, frame }
}

function textIn(body: Buffer, kind: number, place: Place): JournalEntry | undefined {
  try {
    if (kind === KIND.state) {
      const [device, state] = parseExact(body.toString()) as [string, unknown]
      return { kind: 'state', ...place, device, state }
    }
    if (kind === KIND.order) {
      return { kind: 'order', ...place, order: parseExact(body.toString()) }
    }
    const record = JSON.parse(body.toString()) as {
      device: string
      fromKey: string
      toKey: string
      count: number
      reason: string
    }
    return { kind: 'dropped', ...place, ...record }
  } catch {
    return undefined
  }
}
