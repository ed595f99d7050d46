import { crc32 } from 'node:zlib'
import { parseExact } from './exact-json.js'
import type { JournalEntry } from './journal-entry.js'
import { HEAD, INTEGRITIES, KIND, NAME_OF } from './record-format.js'

/** Longer than any record that is ever written. */
const LONGEST_RECORD = 16 * 1024 * 1024
/** A damaged ordinal looks like a leap; a lost stretch is not longer than this. */
const LONGEST_LEAP = 2 ** 32

/** Reads a segment's records in order; what is damaged is skipped up to the next record that is whole. */
export class SegmentReader {
  readonly #bytes: Buffer
  readonly #devices = new Map<number, string>()
  readonly #sources = new Map<number, string>()
  #at: number
  /** End of the last whole record. */
  #end: number
  #last: number
  #checkpoint = 0
  #skipped = 0

  /** `start` is the length of the header; `first` its first ordinal. */
  constructor(file: Uint8Array, start: number, first: number) {
    this.#bytes = Buffer.from(file.buffer, file.byteOffset, file.length)
    this.#at = start
    this.#end = start
    this.#last = first - 1
  }

  /** Ordinal of the newest entry that was read, at first of the one before the segment. */
  get last(): number {
    return this.#last
  }

  /** The newest checkpoint that was read; 0 where there was none. */
  get checkpoint(): number {
    return this.#checkpoint
  }

  /** Bytes that were no part of a whole record. */
  get skipped(): number {
    return this.#skipped
  }

  /** Where the last whole record ends. */
  get end(): number {
    return this.#end
  }

  /** The next entry; undefined at the end. */
  next(): JournalEntry | undefined {
    while (this.#bytes.length - this.#at >= HEAD.length) {
      const length = this.#wholeRecord()
      if (length === 0) {
        // Torn or flipped: the next whole record may begin at any byte behind.
        this.#at++
        this.#skipped++
        continue
      }
      const at = this.#at
      this.#at += length
      this.#end = this.#at
      const entry = this.#read(at, length)
      if (entry) return entry
    }
    this.#skipped += this.#bytes.length - this.#at
    this.#at = this.#bytes.length
    return undefined
  }

  /** Length of the record at the present place; 0 where there is none that is whole. */
  #wholeRecord(): number {
    const bytes = this.#bytes
    const at = this.#at
    const kind = bytes[at + HEAD.kind] ?? 0
    if (kind < KIND.frame || kind > KIND.checkpoint) return 0
    const checked = bytes.readUInt32BE(at)
    if (checked < HEAD.length - HEAD.checked || checked > LONGEST_RECORD) return 0
    const end = at + HEAD.checked + checked
    if (end > bytes.length) return 0
    const ordinal = this.#ordinalAt(at)
    const least = isEntry(kind) ? this.#last + 1 : this.#last
    if (ordinal < least || ordinal > least + LONGEST_LEAP) return 0
    if (crc32(bytes.subarray(at + HEAD.checked, end)) !== bytes.readUInt32BE(at + HEAD.crc))
      return 0
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
    const kind = bytes[at + HEAD.kind]
    const place = {
      ordinal: this.#ordinalAt(at),
      mono: bytes.readDoubleBE(at + HEAD.mono),
      wall: bytes.readDoubleBE(at + HEAD.wall),
    }
    const body = bytes.subarray(at + HEAD.length, at + length)
    if (kind === KIND.name) {
      const names = body[0] === NAME_OF.device ? this.#devices : this.#sources
      names.set(body.readUInt32BE(1), body.toString('utf8', 5))
      return undefined
    }
    if (kind === KIND.checkpoint) {
      this.#checkpoint = Math.max(this.#checkpoint, body.readDoubleBE(0))
      return undefined
    }
    this.#last = place.ordinal
    return kind === KIND.frame ? this.#frame(place, body) : written(place, kind, body)
  }

  #frame(place: Place, body: Buffer): JournalEntry | undefined {
    const device = this.#devices.get(body.readUInt32BE(0))
    const source = this.#sources.get(body.readUInt32BE(4))
    const integrity = INTEGRITIES[body[8] ?? INTEGRITIES.length]
    // The record that holds its name is damaged: nobody knows whose frame this is.
    if (device === undefined || source === undefined || integrity === undefined) return undefined
    const frame = { device, bytes: body.subarray(9), integrity, source, ...place }
    return { kind: 'frame', ...place, frame }
  }
}

interface Place {
  readonly ordinal: number
  readonly mono: number
  readonly wall: number
}

const isEntry = (kind: number): boolean => kind !== KIND.name && kind !== KIND.checkpoint

/** What an entry in JSON says; its checksum was right, so this program wrote it. */
function written(place: Place, kind: number | undefined, body: Buffer): JournalEntry {
  if (kind === KIND.state) {
    const [device, state] = parseExact(body.toString()) as [string, unknown]
    return { kind: 'state', ...place, device, state }
  }
  const record = JSON.parse(body.toString()) as {
    device: string
    fromKey: string
    toKey: string
    count: number
    reason: string
  }
  return { kind: 'dropped', ...place, ...record }
}
