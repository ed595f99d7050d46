import {
  type CaptureEnd,
  type CaptureSummary,
  CaptureWriter,
  captureHead,
} from '../capture/index.js'
import type { Clock, Undo } from '../clock.js'
import type { Frame } from '../framing/index.js'
import type { CaptureFiles, CreatedCapture } from '../journal/index.js'
import type { Log } from '../log.js'
import { withoutCredentials } from '../names.js'
import { isoTime } from '../outputs/index.js'

export interface CaptureDeskOptions {
  /** Absent where the bridge keeps nothing on a disk of its own. */
  readonly files?: Pick<CaptureFiles, 'create'> | undefined
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly baseTopic: string
  /** The doors that frames come by. */
  readonly sources: () => Iterable<{ readonly id: string }>
  /** A capture has ended without anybody having asked for it. */
  readonly onEnded: (result: CaptureResult) => void
}

export interface CaptureWish {
  /** An id; default: the time. */
  readonly name?: string | undefined
  /** Absent: all. */
  readonly devices?: readonly string[] | undefined
  readonly forMs: number
  readonly maxBytes: number
}

export interface CaptureResult extends CaptureSummary {
  readonly name: string
  readonly file: string
}

export type StartedCapture =
  | { readonly ok: true; readonly name: string; readonly file: string; readonly until: number }
  | { readonly ok: false; readonly problem: string }

interface Running {
  readonly name: string
  readonly file: string
  readonly devices: ReadonlySet<string> | undefined
  readonly writer: CaptureWriter
  readonly cancel: Undo
}

/** A disk that does not answer for so long keeps nobody waiting: neither who asks, nor a bridge that stops. */
const PATIENCE_MS = 2000
const SILENT_DISK = 'the disk does not answer'

/** Captures what the bridge takes in, by whatever door; one capture at a time, within bounds. */
export class CaptureDesk {
  readonly #options: CaptureDeskOptions
  #running: Running | undefined
  #isStarting = false
  #isClosed = false
  #last: CaptureResult | undefined

  constructor(options: CaptureDeskOptions) {
    this.#options = options
  }

  /** What is captured now. */
  get state(): Readonly<Record<string, unknown>> | undefined {
    const running = this.#running
    return running && { name: running.name, file: running.file, ...running.writer.progress }
  }

  /** A frame has come in. */
  see(frame: Frame): void {
    const running = this.#running
    if (running && (!running.devices || running.devices.has(frame.device)))
      running.writer.add(frame)
  }

  async start(wish: CaptureWish): Promise<StartedCapture> {
    const { files } = this.#options
    if (!files) return refuse('this bridge keeps nothing on a disk of its own, and so no capture')
    const running = this.#running?.name
    if (running !== undefined) return refuse(`the capture ${running} is running: stop it first`)
    if (this.#isStarting || this.#isClosed) return refuse('not now')
    this.#isStarting = true
    try {
      return await this.#start(wish, files)
    } finally {
      this.#isStarting = false
    }
  }

  async #start(
    { name: wanted, devices, forMs, maxBytes }: CaptureWish,
    files: Pick<CaptureFiles, 'create'>,
  ): Promise<StartedCapture> {
    const { clock, log, version, baseTopic, sources } = this.#options
    const name = wanted ?? isoTime(clock.wall()).replace(/[:.]/g, '')
    const silent = { ok: false, problem: SILENT_DISK } as const
    const creating = files.create(name, maxBytes)
    const created = await this.#soon<CreatedCapture>(creating, silent)
    if (created === silent)
      void creating.then(async (late) => {
        if (late.ok) await late.file.close()
      })
    if (!created.ok) return created
    const { path, file: target } = created
    const wall = clock.wall()
    const head = captureHead({
      program: version,
      sources: Array.from(sources(), ({ id }) => withoutCredentials(id)),
      baseTopic,
      wall,
    })
    const writer = new CaptureWriter({
      target,
      head,
      maxBytes,
      mono: clock.mono(),
      wall: () => clock.wall(),
      onFull: (end) => this.#endByItself(end),
    })
    const cancel = clock.setTimer(forMs, () => this.#endByItself('time'))
    this.#running = { name, file: path, devices: devices && new Set(devices), writer, cancel }
    if (this.#isClosed) await this.#finish('stopped')
    else log.info({ capture: name, file: path }, 'capture started')
    return { ok: true, name, file: path, until: wall + forMs }
  }

  /** What has been captured; undefined where nothing is, or was. */
  async stop(): Promise<CaptureResult | undefined> {
    return (await this.#finish('stopped')) ?? this.#last
  }

  /** No frame comes any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#finish('stopped')
  }

  #endByItself(end: CaptureEnd): void {
    void this.#finish(end).then((result) => {
      if (result) this.#options.onEnded(result)
    })
  }

  /** Undefined where none is running. Never rejects. */
  async #finish(end: CaptureEnd): Promise<CaptureResult | undefined> {
    const running = this.#running
    if (!running) return undefined
    this.#running = undefined
    running.cancel()
    const { name, file, writer } = running
    const { progress } = writer
    const silent = { ...progress, end: 'disk', devices: 0, problem: SILENT_DISK } as const
    const summary: CaptureSummary = await this.#soon(writer.finish(end), silent)
    this.#last = { name, file, ...summary }
    const { log } = this.#options
    const facts = { capture: name, ...summary }
    if (summary.problem === undefined) log.info(facts, 'capture ended')
    else log.warn(facts, 'capture ended: the disk does not take it')
    return this.#last
  }

  #soon<T>(work: Promise<T>, otherwise: T): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.setTimer(PATIENCE_MS, () => resolve(otherwise))
      void work.then(resolve, reject).finally(cancel)
    })
  }
}

const refuse = (problem: string): StartedCapture => ({ ok: false, problem })
