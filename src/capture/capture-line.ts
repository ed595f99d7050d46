import type { Frame, Integrity } from '../framing/index.js'
import { isDeviceId } from '../names.js'
import { bytesOf, hexOf } from '../spelling.js'

/** The longest frame that a line holds, in bytes: no door passes a longer one on. */
export const LONGEST_FRAME = 0xffff

/** What a line of a capture says. */
export interface CaptureLine {
  readonly wall: number
  /** Milliseconds since the capture began, by a clock that never goes back. */
  readonly at: number
  readonly device: string
  readonly integrity: Integrity
  readonly bytes: Uint8Array
}

export type ReadLine =
  | { readonly ok: true; readonly line: CaptureLine }
  | { readonly ok: false; readonly reason: string }

const INTEGRITIES: Readonly<Record<Integrity, true>> = {
  crc32: true,
  crc16: true,
  none: true,
  mqtt: true,
}
const isIntegrity = (text: string): text is Integrity => Object.hasOwn(INTEGRITIES, text)

/**
 * One frame as a line. The number of bytes stands before their digits: a line that was cut off, wherever that was, is
 * never taken for a shorter frame.
 */
export function captureLine(
  { device, bytes, wall, integrity }: Pick<Frame, 'device' | 'bytes' | 'wall' | 'integrity'>,
  at: number,
): string {
  const seconds = (Math.max(0, at) / 1000).toFixed(3)
  const ts = new Date(wall).toISOString()
  return `${ts} ${seconds} ${device} ${integrity} ${bytes.length} ${hexOf(bytes)}\n`
}

/** Reads a line that is neither empty nor a comment. */
export function readCaptureLine(text: string): ReadLine {
  const fields = text.trim().split(/\s+/)
  const [ts = '', at = '', device = '', integrity = '', length = '', hex = ''] = fields
  if (fields.length !== 6) return refuse(`${fields.length} fields, and a frame has 6`)
  const wall = timeOf(ts)
  if (wall === undefined) return refuse(`${shown(ts)} is no time such as 2026-11-27T07:30:00.000Z`)
  if (!/^\d{1,12}\.\d{3}$/.test(at))
    return refuse(`${shown(at)} is no number of seconds such as 1.250`)
  if (!isDeviceId(device)) return refuse(`${shown(device)} is no device id`)
  if (!isIntegrity(integrity))
    return refuse(`${shown(integrity)} is none of ${Object.keys(INTEGRITIES).join(', ')}`)
  const bytes = bytesOf(hex)
  if (!bytes) return refuse(`${shown(hex)} is no sequence of hexadecimal byte pairs`)
  if (String(bytes.length) !== length)
    return refuse(`it holds ${bytes.length} bytes, and says ${shown(length)}`)
  if (bytes.length === 0 || bytes.length > LONGEST_FRAME)
    return refuse(`a frame has 1 to ${LONGEST_FRAME} bytes, this one ${bytes.length}`)
  return { ok: true, line: { wall, at: Math.round(Number(at) * 1000), device, integrity, bytes } }
}

const refuse = (reason: string): ReadLine => ({ ok: false, reason })

/** As it may be printed. */
const shown = (field: string): string => JSON.stringify(field.slice(0, 40))

/** Unix milliseconds of an ISO 8601 time in UTC. */
function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text)) return undefined
  const wall = new Date(text).getTime()
  return Number.isNaN(wall) ? undefined : wall
}
