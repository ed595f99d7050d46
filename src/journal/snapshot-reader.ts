import { crc32, inflateRawSync } from 'node:zlib'
import { parseExact } from './exact-json.js'
import type { Damage, DecodedSnapshot } from './snapshot.js'
import {
  checksum,
  FOOTER,
  isOrdinal,
  LONGEST_FOOTER,
  PIECE_HEAD,
  VERSION,
} from './snapshot-file.js'

const HEADER = /^alec-bridge-state (\d{1,9})(?: ([0-9a-f]{8}) (\d{1,15}))?$/
const LONGEST_HEADER = 64
const OLDEST = 2
const LINE_FEED = 0x0a
const COMMA = 0x2c
const LAST_LINE = ']}'

/** What a snapshot's file says of itself. */
interface Seal {
  readonly sum: string
  readonly length: number
  /** What that is of. */
  readonly sealed: Uint8Array
}

interface Head {
  readonly ordinal: number
  readonly mono: number
  readonly wall: number
  readonly epochBase?: unknown
  readonly plan?: unknown
}

/** The text, in parts. */
type Pieces = Iterable<Uint8Array>

type DeviceEntry = readonly [device: string, state: unknown]

/**
 * Reads a snapshot: exactly what was written under this ordinal, or what is wrong with the bytes. Its devices are read when
 * they are asked for, from the same bytes: as objects those of a large fleet take gigabytes.
 */
export function decodeSnapshot(bytes: Uint8Array, ordinal: number): DecodedSnapshot {
  if (bytes.length === 0) return damaged('empty', 'the file is empty')
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(LINE_FEED)
  const header = HEADER.exec(latin1(bytes.subarray(0, Math.max(end, 0))))
  if (!header) return damaged('bad-header', 'the file does not begin with the header of a snapshot')
  const version = Number(header[1])
  if (version < OLDEST || version > VERSION) {
    const known = `${OLDEST} to ${VERSION}`
    return damaged('other-format', `its format is ${version}, this program reads ${known}`)
  }
  const seal = version === 2 ? sealInFront(bytes, end, header) : sealBehind(bytes)
  if (!seal) return damaged(version === 2 ? 'bad-header' : 'wrong-length', 'it has no end')
  if (seal.sealed.length !== seal.length) {
    return damaged('wrong-length', `${seal.length} bytes expected, ${seal.sealed.length} came`)
  }
  const found = checksum(crc32(seal.sealed))
  if (found !== seal.sum) {
    return damaged('bad-checksum', `checksum ${seal.sum} expected, ${found} came`)
  }
  const body = version === 2 ? seal.sealed : seal.sealed.subarray(end + 1)
  return content(version < 4 ? [body] : inflated(body), ordinal)
}

/** The text, piece by piece; what a piece takes in memory is gone when the next one is asked for. */
const inflated = (body: Uint8Array): Pieces => ({
  *[Symbol.iterator]() {
    const { buffer, byteOffset, byteLength } = body
    const view = new DataView(buffer, byteOffset, byteLength)
    // The line feed before the last line is its own.
    const end = byteLength - 1
    for (let at = 0; at < end; ) {
      const from = at + PIECE_HEAD
      at = from > end ? Number.POSITIVE_INFINITY : from + view.getUint32(from - PIECE_HEAD)
      if (at > end) throw new SyntaxError('one of its pieces is cut')
      yield inflateRawSync(body.subarray(from, at))
    }
  },
})

function sealInFront(bytes: Uint8Array, end: number, header: RegExpExecArray): Seal | undefined {
  const [, , sum, length] = header
  if (sum === undefined) return undefined
  return { sum, length: Number(length), sealed: bytes.subarray(end + 1) }
}

function sealBehind(bytes: Uint8Array): Seal | undefined {
  const tail = bytes.subarray(-LONGEST_FOOTER)
  const at = tail.lastIndexOf(LINE_FEED, -2) + 1
  const footer = FOOTER.exec(latin1(tail.subarray(at)))
  if (!footer) return undefined
  const [line, sum = '', length] = footer
  return { sum, length: Number(length), sealed: bytes.subarray(0, bytes.length - line.length) }
}

/** What passed the checksum is what was written; but perhaps it was not this program that wrote it. */
function content(pieces: Pieces, ordinal: number): DecodedSnapshot {
  let head: Head
  try {
    head = headOf(pieces)
    let isWhole = false
    for (const entry of entriesIn(pieces)) isWhole = entry === undefined
    if (!isWhole) return damaged('bad-content', 'it does not hold a snapshot')
  } catch (error) {
    return damaged('bad-content', error instanceof Error ? error.message : String(error))
  }
  if (head.ordinal !== ordinal) {
    return damaged('bad-content', `it is snapshot ${head.ordinal}, not ${ordinal}`)
  }
  const { mono, wall, epochBase, plan } = head
  const base = typeof epochBase === 'number' ? { epochBase } : {}
  const planned = plan === undefined ? {} : { plan }
  const devices = { [Symbol.iterator]: () => devicesIn(pieces) }
  return { ok: true, snapshot: { ordinal, mono, wall, ...base, ...planned, devices } }
}

function headOf(pieces: Pieces): Head {
  const [line = ''] = linesIn(pieces)
  const head = parseExact(`${line}${LAST_LINE}`)
  if (!isHead(head)) throw new SyntaxError('it does not hold a snapshot')
  return head
}

function* devicesIn(pieces: Pieces): Generator<DeviceEntry, void> {
  for (const entry of entriesIn(pieces)) if (entry) yield entry
}

/** Device by device, and undefined where the last line is what it has to be; throws a `SyntaxError` where a line is not. */
function* entriesIn(pieces: Pieces): Generator<DeviceEntry | undefined, void> {
  let isEnded = false
  let isHead = true
  for (const line of linesIn(pieces)) {
    if (isEnded) throw new SyntaxError('its last line is another')
    isEnded = line === LAST_LINE
    if (isEnded) yield undefined
    else if (!isHead && line !== '') yield deviceIn(line)
    isHead = false
  }
}

function* linesIn(pieces: Pieces): Generator<string, void> {
  let rest: Uint8Array = new Uint8Array()
  for (const piece of pieces) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece
    let from = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      yield textOf(bytes.subarray(from, bytes[end - 1] === COMMA ? end - 1 : end))
      from = end + 1
    }
    rest = bytes.subarray(from)
  }
  if (rest.length > 0) throw new SyntaxError('its last line has no end')
}

function deviceIn(line: string): DeviceEntry {
  const entry = parseExact(line)
  if (!isDevice(entry)) throw new SyntaxError('one of its lines is no device')
  return entry
}

const isDevice = (value: unknown): value is DeviceEntry =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === 'string'

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false
  const { ordinal, mono, wall, devices } = value as Partial<Record<string, unknown>>
  return (
    isOrdinal(ordinal) &&
    typeof mono === 'number' &&
    typeof wall === 'number' &&
    Array.isArray(devices)
  )
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const textOf = (bytes: Uint8Array): string => utf8.decode(bytes)
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

const damaged = (damage: Damage, message: string): DecodedSnapshot => ({
  ok: false,
  damage,
  message,
})
