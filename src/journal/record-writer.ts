import { crc32 } from 'node:zlib'
import { printExact } from './exact-json.js'
import type { FrameEntry, JournalEntry } from './journal-entry.js'
import { HEAD, INTEGRITIES, KIND, NAME_OF } from './record-format.js'

const FIRST_CAPACITY = 64 * 1024

/** Encodes records into one growing buffer; names are written once per segment, before they are first used. */
export class RecordWriter {
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0
  readonly #devices = new Map<string, number>()
  readonly #sources = new Map<string, number>()

  /** What was encoded since the last `clear`; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  entry(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'frame':
        this.#frame(entry)
        return
      case 'state':
        this.#text(KIND.state, entry, printExact([entry.device, entry.state]))
        return
      case 'dropped': {
        const { device, fromKey, toKey, count, reason } = entry
        this.#text(KIND.dropped, entry, JSON.stringify({ device, fromKey, toKey, count, reason }))
        return
      }
    }
  }

  /** Every entry up to this one has settled; `ordinal` is the newest entry before the record. */
  checkpoint(reached: number, ordinal: number, mono: number, wall: number): void {
    const start = this.#begin(KIND.checkpoint, ordinal, mono, wall, 8)
    this.#length = this.#buffer.writeDoubleBE(reached, this.#length)
    this.#end(start)
  }

  #frame(entry: FrameEntry): void {
    const { device, source, bytes, integrity } = entry.frame
    const deviceId = this.#id(NAME_OF.device, this.#devices, device, entry)
    const sourceId = this.#id(NAME_OF.source, this.#sources, source, entry)
    const start = this.#begin(KIND.frame, entry.ordinal, entry.mono, entry.wall, 9 + bytes.length)
    const at = this.#length
    this.#buffer.writeUInt32BE(deviceId, at)
    this.#buffer.writeUInt32BE(sourceId, at + 4)
    this.#buffer[at + 8] = INTEGRITIES.indexOf(integrity)
    this.#buffer.set(bytes, at + 9)
    this.#length = at + 9 + bytes.length
    this.#end(start)
  }

  #id(of: number, known: Map<string, number>, name: string, { ordinal, mono, wall }: JournalEntry) {
    const id = known.get(name)
    if (id !== undefined) return id
    const fresh = known.size
    known.set(name, fresh)
    const text = Buffer.from(name)
    const start = this.#begin(KIND.name, ordinal - 1, mono, wall, 5 + text.length)
    this.#length = this.#buffer.writeUInt8(of, this.#length)
    this.#length = this.#buffer.writeUInt32BE(fresh, this.#length)
    this.#length += text.copy(this.#buffer, this.#length)
    this.#end(start)
    return fresh
  }

  #text(kind: number, { ordinal, mono, wall }: JournalEntry, json: string): void {
    const text = Buffer.from(json)
    const start = this.#begin(kind, ordinal, mono, wall, text.length)
    this.#length += text.copy(this.#buffer, this.#length)
    this.#end(start)
  }

  #begin(kind: number, ordinal: number, mono: number, wall: number, body: number): number {
    const start = this.#length
    this.#reserve(start + HEAD.length + body)
    const buffer = this.#buffer
    buffer.writeUInt32BE(HEAD.length - HEAD.checked + body, start)
    // In two halves: a BigInt would be allocated for every record.
    buffer.writeUInt32BE(Math.floor(ordinal / 2 ** 32), start + HEAD.ordinal)
    buffer.writeUInt32BE(ordinal >>> 0, start + HEAD.ordinal + 4)
    buffer[start + HEAD.kind] = kind
    buffer.writeDoubleBE(mono, start + HEAD.mono)
    buffer.writeDoubleBE(wall, start + HEAD.wall)
    this.#length = start + HEAD.length
    return start
  }

  #end(start: number): void {
    const checked = this.#buffer.subarray(start + HEAD.checked, this.#length)
    this.#buffer.writeUInt32BE(crc32(checked), start + HEAD.crc)
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length))
    larger.set(this.bytes)
    this.#buffer = larger
  }
}
