import { crc32 } from 'node:zlib'
import { parseExact } from './exact-json.js'
import type { Damage, DecodedSnapshot } from './snapshot.js'
import { checksum, FOOTER, isOrdinal, LONGEST_FOOTER, VERSION } from './snapshot-file.js'

const HEADER = /^alec-bridge-state (\d{1,9})(?: ([0-9a-f]{8}) (\d{1,15}))?$/
const LONGEST_HEADER = 64
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
  if (version !== VERSION && version !== 2) {
    return damaged('other-format', `its format is ${version}, this program reads 2 and ${VERSION}`)
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
  return content(version === 2 ? seal.sealed : seal.sealed.subarray(end + 1), ordinal)
}

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
function content(body: Uint8Array, ordinal: number): DecodedSnapshot {
  let head: Head
  try {
    head = headOf(body)
    let isWhole = false
    for (const entry of entriesIn(body)) isWhole = entry === undefined
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
  const devices = { [Symbol.iterator]: () => devicesIn(body) }
  return { ok: true, snapshot: { ordinal, mono, wall, ...base, ...planned, devices } }
}

function headOf(body: Uint8Array): Head {
  const line = textOf(body.subarray(0, Math.max(body.indexOf(LINE_FEED), 0)))
  const head = parseExact(`${line}${LAST_LINE}`)
  if (!isHead(head)) throw new SyntaxError('it does not hold a snapshot')
  return head
}

function* devicesIn(body: Uint8Array): Generator<DeviceEntry, void> {
  for (const entry of entriesIn(body)) if (entry) yield entry
}

/** Device by device, and undefined where the last line is what it has to be; throws a `SyntaxError` where a line is not. */
function* entriesIn(body: Uint8Array): Generator<DeviceEntry | undefined, void> {
  for (let from = body.indexOf(LINE_FEED) + 1; from > 0 && from < body.length; ) {
    const end = body.indexOf(LINE_FEED, from)
    if (end < 0) throw new SyntaxError('its last line has no end')
    const isLast = end === body.length - 1
    const line = textOf(body.subarray(from, body[end - 1] === COMMA ? end - 1 : end))
    from = end + 1
    if (isLast) {
      if (line !== LAST_LINE) throw new SyntaxError('its last line is another')
      yield undefined
    } else if (line !== '') {
      const entry = parseExact(line)
      if (!isDevice(entry)) throw new SyntaxError('one of its lines is no device')
      yield entry
    }
  }
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
