import type { Frame } from '../framing/index.js'
import { utf8Length } from '../names.js'
import { captureRemark } from './capture-head.js'
import { captureLine } from './capture-line.js'

/** Where a capture is written, at its end only; one call at a time. */
export interface CaptureTarget {
  /** After a rejection any part of the bytes may be there. */
  write(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** Why a capture has ended. */
export type CaptureEnd = 'stopped' | 'time' | 'size' | 'disk'

export interface CaptureWriterOptions {
  readonly target: CaptureTarget
  /** What it begins with. */
  readonly head: string
  /** What the file may have in all. */
  readonly maxBytes: number
  /** When it began, by the clock of the frames. */
  readonly mono: number
  readonly wall: () => number
  /** It has ended by itself: nothing more is taken. */
  readonly onFull: (end: 'size' | 'disk') => void
}

export interface CaptureSummary {
  readonly end: CaptureEnd
  readonly frames: number
  readonly devices: number
  readonly bytes: number
  /** Frames that came faster than the disk took them. */
  readonly missed: number
  /** What the disk says, where it has refused. */
  readonly problem?: string
}

/** Lines that wait for the disk; more would be a disk that hangs. */
const MOST_WAITING = 4 * 1024 * 1024
const encoder = new TextEncoder()
/** Kept free for the remark that a capture ends with. */
const LAST_WORDS = 128

/** Writes frames as they come; never makes anybody wait. */
export class CaptureWriter {
  readonly #options: CaptureWriterOptions
  readonly #devices = new Set<string>()
  #waiting = ''
  #isWriting = false
  #writing: Promise<void> = Promise.resolve()
  #bytes = 0
  #frames = 0
  #missed = 0
  #end: CaptureEnd | undefined
  #problem: string | undefined

  constructor(options: CaptureWriterOptions) {
    this.#options = options
    this.#append(options.head)
  }

  /** How far it is. */
  get progress(): Pick<CaptureSummary, 'frames' | 'bytes' | 'missed'> {
    return { frames: this.#frames, bytes: this.#bytes, missed: this.#missed }
  }

  add(frame: Frame): void {
    if (this.#end) return
    const { maxBytes, mono } = this.#options
    const line = captureLine(frame, frame.mono - mono)
    if (this.#bytes + line.length + LAST_WORDS > maxBytes) {
      this.#full('size')
      return
    }
    if (this.#waiting.length + line.length > MOST_WAITING) {
      this.#missed++
      return
    }
    this.#frames++
    this.#devices.add(frame.device)
    this.#append(line)
  }

  /** Says something between the frames, where there is room for it. */
  remark(words: string): void {
    const line = captureRemark(this.#options.wall(), words)
    if (!this.#end && this.#bytes + utf8Length(line) + LAST_WORDS <= this.#options.maxBytes)
      this.#append(line)
  }

  /** Writes what waits, and closes the file; the first end counts. Never rejects. */
  async finish(end: CaptureEnd): Promise<CaptureSummary> {
    this.#end ??= end
    await this.#writing
    const { target, wall } = this.#options
    try {
      if (this.#problem === undefined) {
        this.#append(captureRemark(wall(), `ended: ${this.#end}, ${this.#frames} frames`))
        await this.#writing
        await target.sync()
      }
    } catch (error) {
      this.#refused(error)
    }
    await target.close().catch((error: unknown) => this.#refused(error))
    return {
      end: this.#problem === undefined ? this.#end : 'disk',
      frames: this.#frames,
      devices: this.#devices.size,
      bytes: this.#bytes,
      missed: this.#missed,
      ...(this.#problem !== undefined && { problem: this.#problem }),
    }
  }

  #append(line: string): void {
    this.#waiting += line
    this.#bytes += utf8Length(line)
    if (this.#isWriting) return
    this.#isWriting = true
    this.#writing = this.#drain()
  }

  /** All that has come meanwhile goes in one piece. */
  async #drain(): Promise<void> {
    while (this.#waiting !== '' && this.#problem === undefined) {
      const bytes = encoder.encode(this.#waiting)
      this.#waiting = ''
      try {
        await this.#options.target.write(bytes)
      } catch (error) {
        this.#refused(error)
        this.#full('disk')
      }
    }
    this.#isWriting = false
  }

  #refused(error: unknown): void {
    this.#problem ??= error instanceof Error ? error.message : String(error)
  }

  #full(end: 'size' | 'disk'): void {
    if (this.#end) return
    this.#end = end
    this.#options.onFull(end)
  }
}
