import { crc32 } from 'node:zlib'
import { printExact } from './exact-json.js'
import type { FrameEntry, JournalEntry } from './journal-entry.js'
import { HEAD, INTEGRITIES, KIND, LONGEST_NAME } from './record-format.js'

const FIRST_CAPACITY = 64 * 1024
/** A burst does not keep its memory for ever. */
const KEPT_CAPACITY = 1024 * 1024

/** Encodes records into one growing buffer. */
export class RecordWriter {
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  #length = 0
  /** Names of devices and sources as they stand in records, their length in front. */
  readonly #names = new Map<string, Uint8Array>()

  /** What was encoded since the last `clear`; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
    if (this.#buffer.length > KEPT_CAPACITY) this.#buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  }

  entry(entry: JournalEntry): void {
    switch (entry.kind) {
      case 'frame':
        this.#frame(entry)
        return
      case 'state':
        this.#text(KIND.state, entry, printExact([entry.device, entry.state]))
        return
      case 'order':
        this.#text(KIND.order, entry, printExact(entry.order))
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
    const { bytes, integrity } = entry.frame
    const device = this.#name(entry.frame.device)
    const source = this.#name(entry.frame.source)
    const body = 1 + device.length + source.length + bytes.length
    const start = this.#begin(KIND.frame, entry.ordinal, entry.mono, entry.wall, body)
    const buffer = this.#buffer
    let at = this.#length
    buffer[at++] = INTEGRITIES.indexOf(integrity)
    buffer.set(device, at)
    at += device.length
    buffer.set(source, at)
    at += source.length
    buffer.set(bytes, at)
    this.#length = at + bytes.length
    this.#end(start)
  }

  #name(name: string): Uint8Array {
    const known = this.#names.get(name)
    if (known) return known
    const text = Buffer.from(name).subarray(0, LONGEST_NAME)
    const written = Buffer.from([text.length, ...text])
    this.#names.set(name, written)
    return written
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
