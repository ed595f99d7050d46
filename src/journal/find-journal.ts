import type { FilePort } from './file-port.js'
import { HEAD } from './record-format.js'
import {
  listSegments,
  readSegment,
  rejectSegment,
  rewriteSegment,
  type Segment,
} from './segment-files.js'
import type { SegmentHeader } from './segment-header.js'
import { SegmentReader } from './segment-reader.js'
import type { DamagedFile } from './set-aside.js'

/** What an earlier run has left. */
export interface FoundJournal {
  /** In order. */
  readonly segments: Segment[]
  /** Those that a loss of power may yet take something from, as the disk did not let them be made durable. */
  readonly unsure: Segment[]
  /** No entry had a greater number; 0 where there is nothing. */
  readonly lastOrdinal: number
  /** Every entry up to this one had settled. */
  readonly checkpoint: number
  /** When its last record was written; undefined where there is nothing to go by. */
  readonly lastTime: LastTime | undefined
  readonly damaged: readonly DamagedFile[]
}

export interface LastTime {
  readonly mono: number
  readonly wall: number
  readonly uptimeMs: number
  readonly bootId: string
}

/**
 * Looks at what is there: the names and sizes of all segments, and the content of the newest down to the first whose
 * header is whole. For where nothing says that the disk had failed before. Rejects as the disk does.
 */
export const findJournal = (files: FilePort, directory: string): Promise<FoundJournal> =>
  find(files, directory, sync)

/** The same for where it had: a later sync that succeeds does not say that what an earlier one gave up is there. */
export const findDoubtfulJournal = (files: FilePort, directory: string): Promise<FoundJournal> =>
  find(files, directory, rewriteSegment)

async function find(
  files: FilePort,
  directory: string,
  makeDurable: (files: FilePort, segment: Segment) => Promise<void>,
): Promise<FoundJournal> {
  const damaged: DamagedFile[] = []
  const segments = await listSegments(files, directory)
  const unsure: Segment[] = []
  let lastOrdinal = 0
  let checkpoint = 0
  let lastTime: LastTime | undefined
  for (const segment of [...segments].reverse()) {
    const isDurable = await makeDurable(files, segment).then(
      () => true,
      () => false,
    )
    const read = await readSegment(files, segment)
    if (!read.ok) {
      segments.splice(segments.indexOf(segment), 1)
      const file = await rejectSegment(files, directory, segment, read)
      if (file) damaged.push(file)
      // Whatever was in it, nothing that comes shall be mistaken for it.
      lastOrdinal = Math.max(lastOrdinal, segment.first + mostEntries(segment))
      continue
    }
    if (!isDurable) unsure.push(segment)
    const { header, headerLength } = read
    const reader = new SegmentReader(read.bytes, headerLength, segment.first - 1)
    while (reader.next()) {}
    lastOrdinal = Math.max(lastOrdinal, reader.last)
    checkpoint = Math.max(checkpoint, reader.checkpoint, header?.checkpoint ?? 0)
    lastTime ??= lastTimeOf(header, reader)
    if (header) break
  }
  return { segments, unsure, lastOrdinal, checkpoint, lastTime, damaged }
}

/**
 * A process that was killed may have written what it never synced. Once that has been read it must not vanish with a
 * loss of power: others have heard of it.
 */
async function sync(files: FilePort, { path }: Segment): Promise<void> {
  const file = await files.append(path)
  await file.sync().finally(() => file.close().catch(() => {}))
}

const mostEntries = ({ bytes }: Segment): number => Math.floor(bytes / HEAD.length)

function lastTimeOf(
  header: SegmentHeader | undefined,
  { time }: SegmentReader,
): LastTime | undefined {
  if (!header) return time && { ...time, uptimeMs: 0, bootId: '' }
  const { mono, wall } = time ?? header
  return { mono, wall, uptimeMs: header.uptimeMs + mono - header.mono, bootId: header.bootId }
}
