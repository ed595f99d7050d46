import { basename, join } from 'node:path'
import { discard, errorCode, errorMessage, type FilePort } from './file-port.js'
import { decodeHeader, encodeHeader, type SegmentHeader } from './segment-header.js'
import { SegmentReader } from './segment-reader.js'
import { setAside } from './set-aside.js'
import type { DamagedFile } from './snapshot-store.js'

const NAME = /^j-(\d{16})\.seg$/
const TEMPORARY = /^j-\d{16}\.seg\.tmp$/

/** A segment on the disk. */
export interface Segment {
  readonly first: number
  readonly path: string
  /** Bytes that count: what is behind was never acknowledged. */
  bytes: number
}

/** What an earlier run has left. */
export interface FoundJournal {
  /** In order. */
  readonly segments: Segment[]
  /** 0 where there is nothing. */
  readonly lastOrdinal: number
  readonly checkpoint: number
  /** When its last entry was written; undefined where there is nothing to go by. */
  readonly lastTime: LastTime | undefined
  readonly damaged: readonly DamagedFile[]
}

export interface LastTime {
  readonly mono: number
  readonly wall: number
  readonly uptimeMs: number
  readonly bootId: string
}

export const segmentPath = (directory: string, first: number): string =>
  join(directory, `j-${String(first).padStart(16, '0')}.seg`)

/**
 * Looks at what is there: the names and sizes of all segments, and the content of the newest that can be used.
 * Rejects as the disk does.
 */
export async function findJournal(files: FilePort, directory: string): Promise<FoundJournal> {
  const damaged: DamagedFile[] = []
  const segments = await listSegments(files, directory)
  for (let newest = segments.at(-1); newest; newest = segments.at(-1)) {
    const read = await readSegment(files, newest)
    if (read.ok) {
      const { header, headerLength } = read
      const reader = new SegmentReader(read.bytes, headerLength, header.first)
      const lastTime = lastTimeOf(header, reader)
      const checkpoint = Math.max(header.checkpoint, reader.checkpoint)
      return { segments, lastOrdinal: reader.last, checkpoint, lastTime, damaged }
    }
    segments.pop()
    damaged.push(await rejectSegment(files, directory, newest, read))
  }
  return { segments, lastOrdinal: 0, checkpoint: 0, lastTime: undefined, damaged }
}

/** No directory is no journal: writing into it will say so, where that is wanted. */
async function namesIn(files: FilePort, directory: string): Promise<readonly string[]> {
  try {
    return await files.list(directory)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** All segments in order; clears up what an interrupted `createSegment` has left. */
async function listSegments(files: FilePort, directory: string): Promise<Segment[]> {
  const segments: Segment[] = []
  for (const name of [...(await namesIn(files, directory))].sort()) {
    const path = join(directory, name)
    if (TEMPORARY.test(name)) await discard(files, path)
    const first = Number(NAME.exec(name)?.[1] ?? 0)
    if (first > 0) segments.push({ first, path, bytes: await files.size(path) })
  }
  return segments
}

export type ReadSegment =
  | {
      readonly ok: true
      readonly bytes: Uint8Array
      readonly header: SegmentHeader
      readonly headerLength: number
    }
  | {
      readonly ok: false
      readonly damage: 'unreadable' | 'bad-header' | 'other-format'
      readonly message: string
    }

export async function readSegment(files: FilePort, { path, first }: Segment): Promise<ReadSegment> {
  let bytes: Uint8Array
  try {
    bytes = await files.read(path)
  } catch (error) {
    return { ok: false, damage: 'unreadable', message: errorMessage(error) }
  }
  const decoded = decodeHeader(bytes)
  if (!decoded.ok) return decoded
  if (decoded.header.first !== first) {
    const message = `it begins with entry ${decoded.header.first}`
    return { ok: false, damage: 'bad-header', message }
  }
  return { ok: true, bytes, header: decoded.header, headerLength: decoded.length }
}

/** Makes a segment's file durable, with nothing in it; replaces an older one of the same name. */
export async function createSegment(
  files: FilePort,
  directory: string,
  header: SegmentHeader,
): Promise<Segment> {
  const path = segmentPath(directory, header.first)
  const temporary = `${path}.tmp`
  const bytes = encodeHeader(header)
  await discard(files, temporary)
  try {
    await files.write(temporary, bytes)
    await files.rename(temporary, path)
    await files.syncDirectory(directory)
  } catch (error) {
    await discard(files, temporary)
    throw error
  }
  return { first: header.first, path, bytes: bytes.length }
}

/** Reads all of a segment for the time of its last entry. */
function lastTimeOf(header: SegmentHeader, reader: SegmentReader): LastTime {
  let { mono, wall } = header
  for (let entry = reader.next(); entry; entry = reader.next()) {
    mono = entry.mono
    wall = entry.wall
  }
  return { mono, wall, uptimeMs: header.uptimeMs + mono - header.mono, bootId: header.bootId }
}

/** Takes a segment that cannot be used out of the way. */
export async function rejectSegment(
  files: FilePort,
  directory: string,
  { path }: Segment,
  { damage, message }: ReadSegment & { ok: false },
): Promise<DamagedFile> {
  const name = basename(path)
  try {
    return { name, damage, message, keptAs: await setAside(files, directory, name) }
  } catch {
    return { name, damage, message }
  }
}
