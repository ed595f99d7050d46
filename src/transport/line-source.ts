import type { Clock } from '../clock.js'
import type { SerialSourceConfig } from '../config/configuration.js'
import { Framer, longestFrame, wrapFrame } from '../framing/index.js'
import type { BucketPolicy, HealthCheck } from '../resilience/index.js'
import { type LineComplaint, LineQuality } from './line-quality.js'
import { type LineSettings, lineSettings } from './line-settings.js'
import { PortGate, RATE_LIMITED } from './port-gate.js'
import { QuietTimer } from './quiet-timer.js'
import { ReopeningLine } from './reopening-line.js'
import type { SendOutcome, Source, SourceCounters, SourceHandlers, SourceState } from './source.js'
import { SourceTally } from './source-counters.js'

export interface LinePorts {
  readonly clock: Clock
  /** A number in [0, 1), for the jitter of the waits. */
  readonly random: () => number
  /** Frames that the port may bring; default: 5000 a second, 10 000 at once. */
  readonly portLimit?: BucketPolicy
}

/** What lies unread meanwhile fits into any system's buffer, at any baud rate. */
const SELDOM_MS = 8
/** The quality of a line need not be looked at more often while bytes come. */
const OBSERVE_MS = 250

/** Frames from a byte stream. Throws `LineFormatError` for a format that no stream can be cut by. */
export class LineSource implements Source {
  readonly id: string
  readonly #options: LineSettings & LinePorts
  readonly #addresses: ReadonlyMap<string, number>
  readonly #line: ReopeningLine
  readonly #framer: Framer
  readonly #quiet: QuietTimer
  readonly #quality: LineQuality
  readonly #gate: PortGate
  readonly #tally = new SourceTally()
  #handlers: SourceHandlers | undefined
  /** Frames that came in and that were turned away, since the line was looked at last. */
  #taken = 0
  #refused = 0
  /** Most of what came then was turned away: the others need not wait for each piece of it. */
  #isFlood = false
  #heardAt = 0
  #heardWall = 0
  #observedAt = 0

  constructor(options: LineSettings & LinePorts) {
    const { door, format, devices, idleGapMs, longestFrameMs, clock } = options
    this.#options = options
    this.id = `serial:${door.address}`
    this.#addresses = new Map([...devices].map(([address, device]) => [device, address]))
    // One framer for all openings: its counters go on, and closing the line ends what was under way.
    this.#framer = new Framer(
      format,
      (bytes, address) => this.#accept(bytes, address),
      (marker, length, address) => this.#refuses(marker, length, address),
    )
    this.#quality = new LineQuality(longestFrameMs)
    this.#gate = new PortGate(options.portLimit)
    this.#quiet = new QuietTimer(clock, idleGapMs, () => this.#framer.flush('idle'))
    this.#line = new ReopeningLine({ ...options, policy: options.reopen })
  }

  get state(): SourceState {
    return this.#line.state
  }

  get noise(): string | undefined {
    return this.#complaint()?.message
  }

  start(handlers: SourceHandlers): void {
    if (this.#handlers) return
    this.#handlers = handlers
    this.#line.start({
      onData: (chunk) => this.#receive(chunk),
      readDelayMs: () => (this.#quality.isNoise || this.#isFlood ? SELDOM_MS : 0),
      onState: (state) => this.#change(state),
      onLost: (writes) => {
        this.#tally.downlinksLost += writes
      },
    })
  }

  async stop(): Promise<void> {
    await this.#line.stop()
  }

  serves(device: string): boolean {
    return this.#addresses.has(device)
  }

  send(device: string, bytes: Uint8Array): SendOutcome {
    const outcome = this.#trySend(device, bytes)
    if (outcome.ok) this.#tally.downlinksSent++
    else this.#tally.downlinksRefused++
    return outcome
  }

  /** Bytes of an unfinished frame are not counted before they are a frame, or thrown away. */
  counters(): SourceCounters {
    const { bytesIn, bytesInFrames, discardedBytes, discardedFrames } = this.#framer.counters
    const own = this.#tally.snapshot()
    return {
      ...own,
      bytesIn: bytesIn - this.#framer.pending,
      bytesInFrames,
      discardedBytes: withoutZeros(discardedBytes),
      rejected: { ...withoutZeros(discardedFrames), ...own.rejected },
    }
  }

  healthCheck(now: number): HealthCheck {
    const { state } = this
    const { door } = this.#options
    const check = { component: `port:${this.id}`, checkedAt: now }
    if (state.kind === 'stopped') return { ...check, status: 'unknown', message: 'stopped' }
    if (state.kind === 'opening') {
      return { ...check, status: 'unhealthy', message: `opening ${door.address}` }
    }
    if (state.kind === 'away') {
      return { ...check, status: 'unhealthy', message: `${state.code}: ${state.reason}` }
    }
    const wait = this.#framer.syncing ? ', and no frame has begun yet' : ''
    const wellDone = { status: 'healthy', message: `${door.address} is open${wait}` } as const
    const complaint = this.#complaint()
    const overrun = this.#quality.overrun(now)
    return { ...check, ...(overrun ?? complaint ?? this.#gate.complaint(now) ?? wellDone) }
  }

  #complaint(): LineComplaint | undefined {
    if (this.state.kind !== 'open') return undefined
    this.#observe()
    return this.#quality.complaint()
  }

  #change(state: SourceState): void {
    this.#quiet.cancel()
    this.#framer.flush('closed')
    if (state.kind === 'open') {
      this.#tally.opened++
      this.#quality.reset(this.#framer.counters)
    }
    const handlers = this.#handlers
    if (state.kind === 'stopped') this.#handlers = undefined
    handlers?.onState(state)
  }

  #receive(chunk: Uint8Array): void {
    const { clock } = this.#options
    this.#heardAt = clock.mono()
    this.#heardWall = clock.wall()
    this.#quiet.heard(this.#heardAt)
    if (chunk.length >= this.#options.fullReadBytes) {
      // What was damaged before is not held against it.
      this.#observe()
      this.#quality.foundFull(this.#heardAt)
    }
    this.#framer.push(chunk)
    if (this.#heardAt - this.#observedAt >= OBSERVE_MS) this.#observe()
  }

  #observe(): void {
    this.#observedAt = this.#heardAt
    this.#quality.observe(this.#heardAt, this.#framer.counters)
    this.#isFlood = this.#refused > this.#taken
    this.#taken = 0
    this.#refused = 0
  }

  #accept(bytes: Uint8Array, address: number): void {
    if (this.#pass(bytes, address)) this.#taken++
    else this.#refused++
  }

  /** Whether a frame comes too fast: then nothing is made of it. */
  #refuses(marker: number, length: number, address: number): boolean {
    const device = this.#options.devices.get(address)
    if (device === undefined) return false
    const unread = { marker, length, mono: this.#heardAt }
    if (!this.#handlers?.refuses?.(device, unread)) return false
    this.#tally.framesIn++
    this.#refused++
    return true
  }

  /** Passes a frame on; returns whether it came in. */
  #pass(bytes: Uint8Array, address: number): boolean {
    if (!this.#gate.admits(this.#heardAt)) {
      this.#tally.rejected.add(RATE_LIMITED)
      return false
    }
    const { devices, format } = this.#options
    const device = devices.get(address)
    if (device === undefined) {
      this.#tally.rejected.add('unknown-id')
      this.#handlers?.onUnknown(String(address), 'no device has this address')
      return false
    }
    this.#tally.framesIn++
    const times = { mono: this.#heardAt, wall: this.#heardWall }
    const frame = { device, bytes, ...times, integrity: format.crc, source: this.id }
    return this.#handlers?.onFrame(frame) ?? false
  }

  #trySend(device: string, bytes: Uint8Array): SendOutcome {
    const { format } = this.#options
    const address = this.#addresses.get(device)
    if (address === undefined) return { ok: false, reason: `${device} is not on this line` }
    const longest = longestFrame(format)
    if (bytes.length === 0 || bytes.length > longest) {
      return { ok: false, reason: `${bytes.length} bytes; a downlink has 1 to ${longest}` }
    }
    return this.#line.write(wrapFrame(format, bytes, address))
  }
}

/**
 * The source that a configuration names: a serial port, or one behind a TCP server. Throws `LineError`
 * or `LineFormatError` where the settings contradict each other.
 */
export const createLineSource = (config: SerialSourceConfig, ports: LinePorts): LineSource =>
  new LineSource({ ...lineSettings(config, ports.clock), ...ports })

const withoutZeros = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
