import { type AppendFile, errorCode, type FilePort } from './file-port.js'
import type { JournalEntry } from './journal-entry.js'
import { RecordWriter } from './record-writer.js'
import { createSegment, rewriteSegment, type Segment } from './segment-files.js'
import type { SegmentHeader } from './segment-header.js'

export interface JournalWriterOptions {
  readonly directory: string
  readonly files: FilePort
  /** What an earlier run has left; goes on in here. */
  readonly segments: Segment[]
  /** Those of them that could not be made durable: what comes now is decoded from them, and does not get ahead of them. */
  readonly unsure: Segment[]
  readonly checkpoint: number
  readonly lastOrdinal: number
  /** A segment that has grown to this is followed by a new one. */
  readonly segmentBytes: number
  /** Describes the segment that begins now with this entry. */
  readonly header: (first: number) => SegmentHeader
}

/** Every entry up to `reached` has settled. */
export interface CheckpointRecord {
  readonly reached: number
  readonly mono: number
  readonly wall: number
}

/** The segment that is being written. */
interface Current {
  readonly segment: Segment
  readonly file: AppendFile
}

/** How far something has come. */
interface Reach {
  readonly ordinal: number
  readonly checkpoint: number
}

/** Writes entries into segments; one call at a time. A segment that failed once is never written to again. */
export class JournalWriter {
  readonly #options: JournalWriterOptions
  readonly #records = new RecordWriter()
  #current: Current | undefined
  #bytes: number
  #written: Reach
  #durable: Reach
  /** Something was written since the last sync. */
  #unsynced = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
    this.#written = { ordinal: options.lastOrdinal, checkpoint: options.checkpoint }
    this.#durable = this.#written
    this.#bytes = options.segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Of all segments. */
  get bytes(): number {
    return this.#bytes
  }

  get segments(): readonly Segment[] {
    return this.#options.segments
  }

  /** The newest entry and checkpoint that were written. */
  get written(): Reach {
    return this.#written
  }

  /** The newest entry and checkpoint that a loss of power does not take back. */
  get durable(): Reach {
    return this.#durable
  }

  /** Whether something of an earlier run was read that a loss of power may yet take. */
  get isUnsure(): boolean {
    return this.#options.unsure.length > 0
  }

  /** Writes entries, `next` being the ordinal of the first; rejects as the disk does, and then none of them counts. */
  async write(
    entries: readonly JournalEntry[],
    next: number,
    checkpoint?: CheckpointRecord,
  ): Promise<void> {
    try {
      await this.#makeSure()
      const isOver = this.#current && this.#isOver(this.#current.segment)
      if (isOver) await this.#finish()
      this.#current ??= await this.#open(next)
      const { segment, file } = this.#current
      const records = this.#records
      records.clear()
      for (const entry of entries) records.entry(entry)
      const ordinal = entries.at(-1)?.ordinal ?? this.#written.ordinal
      if (checkpoint) {
        records.checkpoint(checkpoint.reached, ordinal, checkpoint.mono, checkpoint.wall)
      }
      const { bytes } = records
      if (bytes.length === 0) return
      this.#unsynced = true
      await file.write(bytes)
      segment.bytes += bytes.length
      this.#bytes += bytes.length
      this.#written = { ordinal, checkpoint: checkpoint?.reached ?? this.#written.checkpoint }
    } catch (error) {
      await this.#abandon()
      throw error
    }
  }

  /** What was written is durable; rejects as the disk does, and then nothing since the last time is known to be. */
  async sync(): Promise<void> {
    if (!this.#current || !this.#unsynced) return
    try {
      await this.#current.file.sync()
    } catch (error) {
      await this.#abandon()
      throw error
    }
    this.#synced()
  }

  /** Removes the segments that hold nothing after this entry, the oldest first; what fails is tried again next time. */
  async trim(keepAfter: number): Promise<void> {
    const { segments, files } = this.#options
    for (;;) {
      const [oldest, following] = segments
      if (!oldest || !following || following.first > keepAfter + 1) return
      try {
        await files.unlink(oldest.path)
      } catch (error) {
        // What somebody else has removed is gone as well.
        if (errorCode(error) !== 'ENOENT') return
      }
      this.forget(oldest)
    }
  }

  /** A segment cannot be used, or is gone; nothing is written to it any more. */
  forget(segment: Segment): void {
    const { segments } = this.#options
    const index = segments.indexOf(segment)
    if (index < 0) return
    segments.splice(index, 1)
    this.#bytes -= segment.bytes
  }

  /** Makes what was written durable; rejects as the disk does. */
  async close(): Promise<void> {
    if (this.#current) await this.#finish()
  }

  async #makeSure(): Promise<void> {
    const { unsure, files } = this.#options
    for (let segment = unsure[0]; segment; segment = unsure[0]) {
      await rewriteSegment(files, segment)
      unsure.shift()
    }
  }

  #isOver(segment: Segment): boolean {
    const { segments, segmentBytes } = this.#options
    return segment.bytes >= segmentBytes || !segments.includes(segment)
  }

  async #open(first: number): Promise<Current> {
    const { directory, files, segments } = this.#options
    const header = this.#options.header(first)
    const segment = await createSegment(files, directory, header)
    // One of the same name held nothing that counts, and is replaced.
    for (const same of segments.filter((other) => other.first === first)) this.forget(same)
    segments.push(segment)
    this.#bytes += segment.bytes
    const ordinal = Math.max(this.#written.ordinal, first - 1)
    this.#written = { ordinal, checkpoint: header.checkpoint }
    this.#durable = { ...this.#durable, checkpoint: header.checkpoint }
    const file = await files.append(segment.path)
    return { segment, file }
  }

  async #finish(): Promise<void> {
    const current = this.#current
    if (!current) return
    await this.sync()
    this.#current = undefined
    await current.file.close()
  }

  #synced(): void {
    this.#unsynced = false
    this.#durable = this.#written
  }

  /** Lets go of the segment that failed: what counts in it is what was acknowledged. */
  async #abandon(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    this.#unsynced = false
    if (!current) return
    const { files } = this.#options
    const { segment, file } = current
    await file.close().catch(() => {})
    // Best efforts: what stays behind is recognised by its ordinals, which come again in the next segment.
    await files.truncate(segment.path, segment.bytes).catch(() => {})
  }
}
