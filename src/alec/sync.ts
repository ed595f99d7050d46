import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { failed, faultOf, hexByte, ok, type Result, trailingBytes } from './fault.js'

export interface SyncAnnounce {
  readonly type: 'announce'
  readonly version: number
  readonly hash: bigint
  /** u16. */
  readonly patternCount: number
}

export interface SyncRequest {
  readonly type: 'request'
  readonly from: number
  /** Up to this version; absent for the newest. */
  readonly to?: number
}

export interface SyncPattern {
  readonly code: number
  /** At most 255. */
  readonly bytes: Uint8Array
}

/** What has to change in a dictionary to make it that of context version `version`. */
export interface SyncDiff {
  readonly type: 'diff'
  readonly base: number
  readonly version: number
  /** Of the dictionary afterwards. */
  readonly hash: bigint
  readonly added: readonly SyncPattern[]
  readonly removed: readonly number[]
}

export interface DetailRequest {
  readonly type: 'detail-request'
  readonly sequence: number
}

export interface RangeRequest {
  readonly type: 'range-request'
  readonly sourceId: number
  readonly from: number
  readonly to: number
}

export interface DetailResponse {
  readonly type: 'detail-response'
  readonly sequence: number
  readonly value: number
  readonly timestamp: number
  readonly sourceId: number
}

/** The payload of a SYNC message, and of the requests and responses about details. */
export type SyncMessage =
  | SyncAnnounce
  | SyncRequest
  | SyncDiff
  | DetailRequest
  | RangeRequest
  | DetailResponse

const code: Readonly<Record<SyncMessage['type'], number>> = {
  announce: 0x10,
  request: 0x11,
  diff: 0x12,
  'detail-request': 0x13,
  'range-request': 0x14,
  'detail-response': 0x15,
}

export function encodeSync(message: SyncMessage): Uint8Array {
  const writer = new ByteWriter('big')
  writer.u8(code[message.type])
  switch (message.type) {
    case 'announce':
      writer.u32(message.version)
      writer.u64(message.hash)
      writer.u16(message.patternCount)
      break
    case 'request':
      writer.u32(message.from)
      writer.u8(message.to === undefined ? 0 : 1)
      if (message.to !== undefined) writer.u32(message.to)
      break
    case 'diff':
      writeDiff(writer, message)
      break
    case 'detail-request':
      writer.u32(message.sequence)
      break
    case 'range-request':
      writer.u32(message.sourceId)
      writer.count(message.from)
      writer.count(message.to)
      break
    case 'detail-response':
      writer.u32(message.sequence)
      writer.f64(message.value)
      writer.count(message.timestamp)
      writer.u32(message.sourceId)
      break
  }
  return writer.finish()
}

/** Reads one SYNC payload. No count in it is believed before the bytes for it are there. */
export function parseSync(bytes: Uint8Array): Result<SyncMessage> {
  const reader = new ByteReader(bytes, 'big')
  const message = readMessage(reader)
  if (reader.fault) return failed(reader.fault)
  if (reader.left > 0) return failed(trailingBytes('the SYNC message', reader.at, bytes.length))
  return ok(message)
}

function readMessage(reader: ByteReader): SyncMessage {
  const type = reader.u8('the type of a SYNC message')
  switch (type) {
    case code.announce:
      return {
        type: 'announce',
        version: reader.u32('the version'),
        hash: reader.u64('the hash'),
        patternCount: reader.u16('the pattern count'),
      }
    case code.request:
      return readRequest(reader)
    case code.diff:
      return readDiff(reader)
    case code['range-request']:
      return {
        type: 'range-request',
        sourceId: reader.u32('the source'),
        from: reader.count('the begin of the range'),
        to: reader.count('the end of the range'),
      }
    case code['detail-response']:
      return {
        type: 'detail-response',
        sequence: reader.u32('the sequence'),
        value: reader.f64('the value'),
        timestamp: reader.count('the timestamp'),
        sourceId: reader.u32('the source'),
      }
    default:
      if (type !== code['detail-request']) {
        reader.refuse(
          faultOf(
            'invalid-message-type',
            0,
            `SYNC message ${hexByte(type)}; 0x10 to 0x15 was expected`,
          ),
        )
      }
      return { type: 'detail-request', sequence: reader.u32('the sequence') }
  }
}

function readRequest(reader: ByteReader): SyncRequest {
  const from = reader.u32('the first version')
  const at = reader.at
  const hasTo = reader.u8('whether a last version follows')
  if (hasTo > 1) {
    reader.refuse(
      faultOf(
        'invalid-number',
        at,
        `${hexByte(hasTo)} for "a last version follows"; 0 or 1 was expected`,
      ),
    )
  }
  if (hasTo === 0) return { type: 'request', from }
  return { type: 'request', from, to: reader.u32('the last version') }
}

function writeDiff(writer: ByteWriter, diff: SyncDiff): void {
  writer.u32(diff.base)
  writer.u32(diff.version)
  writer.u64(diff.hash)
  writer.u16(diff.added.length)
  for (const { code, bytes } of diff.added) {
    writer.u32(code)
    writer.shortBytes(bytes)
  }
  writer.u16(diff.removed.length)
  for (const code of diff.removed) writer.u32(code)
}

function readDiff(reader: ByteReader): SyncDiff {
  const base = reader.u32('the base version')
  const version = reader.u32('the new version')
  const hash = reader.u64('the hash')
  const added: SyncPattern[] = []
  const addedCount = reader.u16('the number of patterns')
  while (added.length < addedCount && !reader.fault) {
    added.push({ code: reader.u32('a pattern code'), bytes: reader.shortBytes('a pattern') })
  }
  const removed: number[] = []
  const removedCount = reader.u16('the number of removed patterns')
  while (removed.length < removedCount && !reader.fault) removed.push(reader.u32('a removed code'))
  return { type: 'diff', base, version, hash, added, removed }
}
