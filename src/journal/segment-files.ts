import { basename, dirname, join } from 'node:path'
import {
  discard,
  errorCode,
  errorMessage,
  type FilePort,
  namesIn,
  writeWhole,
} from './file-port.js'
import { decodeHeader, encodeHeader, type SegmentHeader } from './segment-header.js'
import { SegmentReader } from './segment-reader.js'
import { type DamagedFile, reject } from './set-aside.js'

const NAME = /^j-(\d{16})\.seg$/
const TEMPORARY = /^j-\d{16}\.seg\.tmp$/
/** What the system may refuse once and give the next time. */
const READ_ATTEMPTS = 3

/** A segment on the disk. */
export interface Segment {
  readonly first: number
  readonly path: string
  /** Bytes that count: what is behind was never acknowledged. */
  bytes: number
}

export const segmentPath = (directory: string, first: number): string =>
  join(directory, `j-${String(first).padStart(16, '0')}.seg`)

/** All segments in order; clears up what an interrupted `createSegment` has left. Rejects as the disk does. */
export async function listSegments(files: FilePort, directory: string): Promise<Segment[]> {
  const segments: Segment[] = []
  for (const name of [...(await namesIn(files, directory))].sort()) {
    const path = join(directory, name)
    if (TEMPORARY.test(name)) await discard(files, path)
    const first = Number(NAME.exec(name)?.[1] ?? 0)
    if (first > 0 && Number.isSafeInteger(first)) {
      segments.push({ first, path, bytes: await files.size(path) })
    }
  }
  return segments
}

export type ReadSegment =
  | {
      readonly ok: true
      readonly bytes: Uint8Array
      /** Undefined where it is damaged: the records do without. */
      readonly header: SegmentHeader | undefined
      readonly headerLength: number
    }
  | { readonly ok: false; readonly damage: 'gone' }
  | {
      readonly ok: false
      readonly damage: 'unreadable' | 'bad-header' | 'other-format'
      readonly message: string
    }

export async function readSegment(files: FilePort, { path, first }: Segment): Promise<ReadSegment> {
  let bytes: Uint8Array | undefined
  for (let attempt = 1; bytes === undefined; attempt++) {
    try {
      bytes = await files.read(path)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return { ok: false, damage: 'gone' }
      if (attempt < READ_ATTEMPTS) continue
      return { ok: false, damage: 'unreadable', message: errorMessage(error) }
    }
  }
  const decoded = decodeHeader(bytes)
  if (decoded.ok && decoded.header.first === first) {
    return { ok: true, bytes, header: decoded.header, headerLength: decoded.length }
  }
  if (!decoded.ok && decoded.damage === 'other-format') return decoded
  // Each record carries its own checksum: what can be read is worth more than the header.
  const reader = new SegmentReader(bytes, 0, first - 1)
  if (reader.next()) return { ok: true, bytes, header: undefined, headerLength: 0 }
  if (!decoded.ok) return decoded
  const message = `it begins with entry ${decoded.header.first}`
  return { ok: false, damage: 'bad-header', message }
}

/** Makes a segment's file durable, with nothing in it; replaces an older one of the same name. */
export async function createSegment(
  files: FilePort,
  directory: string,
  header: SegmentHeader,
): Promise<Segment> {
  const path = segmentPath(directory, header.first)
  const bytes = encodeHeader(header)
  await writeWhole(files, directory, path, bytes)
  return { first: header.first, path, bytes: bytes.length }
}

/**
 * Makes durable what an earlier run has left: a sync that had failed is not made up for by a later one, as the system
 * takes the pages for written. Where there is no room for that, or no right to, a sync is all that can be done.
 */
export async function rewriteSegment(files: FilePort, { path }: Segment): Promise<void> {
  try {
    await writeWhole(files, dirname(path), path, await files.read(path))
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return
    if (!['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM'].includes(code)) throw error
    const file = await files.append(path).catch(() => undefined)
    await file?.sync().catch(() => {})
    await file?.close().catch(() => {})
  }
}

/** Takes a segment that cannot be used out of the way; one that the disk does not give stays for another time. */
export async function rejectSegment(
  files: FilePort,
  directory: string,
  { path }: Segment,
  read: ReadSegment & { ok: false },
): Promise<DamagedFile | undefined> {
  if (read.damage === 'gone') return undefined
  const { damage, message } = read
  const name = basename(path)
  const found = { name, damage, message }
  return damage === 'unreadable' ? found : reject(files, directory, found)
}
