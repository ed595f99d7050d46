import { crc32 } from 'node:zlib'
import { parseExact, printExact } from './exact-json.js'
import type { Damage, DecodedSnapshot, Snapshot } from './snapshot.js'

// A snapshot's file: a header line, then JSON (see `exact-json.ts`), one device a line so that people can look at it:
//
//   alec-bridge-state 2 5d3c1a90 138
//   {"ordinal":7,"mono":86400000,"wall":1767225600000,"devices":[
//   ["greenhouse-1",{…}],
//   ["shed-1",{…}]
//   ]}
//
// The header holds the format's version, the CRC-32 (ISO-HDLC) of all that follows its line feed as eight
// hexadecimal digits, and the length of that in bytes.
const MAGIC = 'alec-bridge-state'
const VERSION = 2
const HEADER = /^alec-bridge-state (\d{1,9}) ([0-9a-f]{8}) (\d{1,15})$/
const LONGEST_HEADER = 64
const LINE_FEED = 0x0a

/** Writes a snapshot; throws a `TypeError` where a device's state is not like JSON. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { ordinal, mono, wall, epochBase, plan, devices } = snapshot
  if (!isOrdinal(ordinal)) throw new TypeError(`${ordinal} is no ordinal of a snapshot`)
  const lines: string[] = []
  for (const [device, state] of devices) {
    lines.push(`[${JSON.stringify(device)},${printState(device, state)}]`)
  }
  const times = `"mono":${printExact(mono)},"wall":${printExact(wall)}`
  const base = epochBase === undefined ? '' : `,"epochBase":${printExact(epochBase)}`
  const planned = plan === undefined ? '' : `,"plan":${printExact(plan)}`
  const head = `{"ordinal":${ordinal},${times}${base}${planned},"devices":[\n`
  const body = Buffer.from(`${head}${lines.join(',\n')}\n]}\n`)
  const header = `${MAGIC} ${VERSION} ${checksum(body)} ${body.length}\n`
  return Buffer.concat([Buffer.from(header), body])
}

function printState(device: string, state: unknown): string {
  try {
    return printExact(state)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new TypeError(`the state of ${device} cannot be written: ${message}`, { cause })
  }
}

/** Reads a snapshot: exactly what was written under this ordinal, or what is wrong with the bytes. */
export function decodeSnapshot(bytes: Uint8Array, ordinal: number): DecodedSnapshot {
  if (bytes.length === 0) return damaged('empty', 'the file is empty')
  const end = bytes.subarray(0, LONGEST_HEADER).indexOf(LINE_FEED)
  const header = HEADER.exec(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString('latin1'))
  if (!header) return damaged('bad-header', 'the file does not begin with the header of a snapshot')
  const [, version, sum, length] = header
  if (Number(version) !== VERSION) {
    return damaged('other-format', `its format is ${version}, this program reads ${VERSION}`)
  }
  const body = bytes.subarray(end + 1)
  if (body.length !== Number(length)) {
    return damaged('wrong-length', `${length} bytes expected, ${body.length} came`)
  }
  const found = checksum(body)
  if (found !== sum) return damaged('bad-checksum', `checksum ${sum} expected, ${found} came`)
  return content(body, ordinal)
}

/** What passed the checksum is what was written; but perhaps it was not this program that wrote it. */
function content(body: Uint8Array, ordinal: number): DecodedSnapshot {
  let document: unknown
  try {
    document = parseExact(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    return damaged('bad-content', error instanceof Error ? error.message : String(error))
  }
  if (!isDocument(document)) return damaged('bad-content', 'it does not hold a snapshot')
  if (document.ordinal !== ordinal) {
    return damaged('bad-content', `it is snapshot ${document.ordinal}, not ${ordinal}`)
  }
  const devices = new Map(document.devices)
  const { mono, wall, epochBase, plan } = document
  const base = typeof epochBase === 'number' ? { epochBase } : {}
  const planned = plan === undefined ? {} : { plan }
  return { ok: true, snapshot: { ordinal, mono, wall, ...base, ...planned, devices } }
}

interface Document {
  readonly ordinal: number
  readonly mono: number
  readonly epochBase?: unknown
  readonly plan?: unknown
  readonly wall: number
  readonly devices: readonly (readonly [device: string, state: unknown])[]
}

function isDocument(value: unknown): value is Document {
  if (typeof value !== 'object' || value === null) return false
  const { ordinal, mono, wall, devices } = value as Partial<Record<keyof Document, unknown>>
  return (
    isOrdinal(ordinal) &&
    typeof mono === 'number' &&
    typeof wall === 'number' &&
    Array.isArray(devices) &&
    devices.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string')
  )
}

/** What a snapshot may be numbered with: whole and not negative. */
export const isOrdinal = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

const checksum = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, '0')

const damaged = (damage: Damage, message: string): DecodedSnapshot => ({
  ok: false,
  damage,
  message,
})
