import type { AppendFile, FilePort } from './file-port.js'
import type { JournalEntry } from './journal-entry.js'
import { RecordWriter } from './record-writer.js'
import { createSegment, type Segment } from './segment-files.js'
import type { SegmentHeader } from './segment-header.js'

export interface JournalWriterOptions {
  readonly directory: string
  readonly files: FilePort
  /** What an earlier run has left; goes on in here. */
  readonly segments: Segment[]
  /** A segment that has grown to this is followed by a new one. */
  readonly segmentBytes: number
  /** Describes the segment that begins now with this entry. */
  readonly header: (first: number) => SegmentHeader
}

export interface CheckpointRecord {
  readonly reached: number
  readonly mono: number
  readonly wall: number
}

/** The segment that is being written: its file, and the names that stand in it. */
interface Current {
  readonly segment: Segment
  readonly file: AppendFile
  readonly records: RecordWriter
  /** Of the newest entry in it. */
  last: number
}

/** Writes entries into segments; one call at a time. A segment that failed once is never written to again. */
export class JournalWriter {
  readonly #options: JournalWriterOptions
  #current: Current | undefined
  #bytes: number

  constructor(options: JournalWriterOptions) {
    this.#options = options
    this.#bytes = options.segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#bytes
  }

  get segments(): readonly Segment[] {
    return this.#options.segments
  }

  /** Writes entries, `next` being the ordinal of the first; rejects as the disk does, and then none of them counts. */
  async write(
    entries: readonly JournalEntry[],
    next: number,
    checkpoint?: CheckpointRecord,
  ): Promise<void> {
    try {
      if (this.#current && this.#current.segment.bytes >= this.#options.segmentBytes) {
        await this.#finish(this.#current)
      }
      this.#current ??= await this.#open(next)
      const { segment, file, records, last } = this.#current
      records.clear()
      for (const entry of entries) records.entry(entry)
      const newest = entries.at(-1)?.ordinal ?? last
      if (checkpoint) {
        records.checkpoint(checkpoint.reached, newest, checkpoint.mono, checkpoint.wall)
      }
      const { bytes } = records
      if (bytes.length > 0) await file.write(bytes)
      segment.bytes += bytes.length
      this.#bytes += bytes.length
      this.#current.last = newest
    } catch (error) {
      await this.#abandon()
      throw error
    }
  }

  /** What was written is durable; rejects as the disk does, and then nothing since the last time is known to be. */
  async sync(): Promise<void> {
    try {
      await this.#current?.file.sync()
    } catch (error) {
      await this.#abandon()
      throw error
    }
  }

  /** Removes the segments that hold nothing after this entry, the oldest first; what fails is tried again next time. */
  async trim(keepAfter: number): Promise<void> {
    const { segments, files } = this.#options
    for (;;) {
      const [oldest, following] = segments
      if (!oldest || !following || following.first > keepAfter + 1) return
      try {
        await files.unlink(oldest.path)
      } catch {
        return
      }
      if (segments[0] === oldest) this.forget(oldest)
    }
  }

  /** A segment cannot be used, or is gone. */
  forget(segment: Segment): void {
    const { segments } = this.#options
    const index = segments.indexOf(segment)
    if (index < 0) return
    segments.splice(index, 1)
    this.#bytes -= segment.bytes
  }

  async close(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    if (current) await this.#finish(current)
  }

  async #open(first: number): Promise<Current> {
    const { directory, files, segments, header } = this.#options
    const segment = await createSegment(files, directory, header(first))
    // One of the same name held nothing, and is replaced.
    for (const same of segments.filter((other) => other.first === first)) this.forget(same)
    segments.push(segment)
    this.#bytes += segment.bytes
    const file = await files.append(segment.path)
    return { segment, file, records: new RecordWriter(), last: first - 1 }
  }

  async #finish({ file }: Current): Promise<void> {
    this.#current = undefined
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** Lets go of the segment that failed: what counts in it is what was acknowledged. */
  async #abandon(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    if (!current) return
    const { files } = this.#options
    const { segment, file } = current
    await file.close().catch(() => {})
    // Best efforts: what stays behind is recognised by its ordinals, which come again in the next segment.
    await files.truncate(segment.path, segment.bytes).catch(() => {})
  }
}
