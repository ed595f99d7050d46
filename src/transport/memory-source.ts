import type { Clock } from '../clock.js'
import type { Integrity } from '../framing/index.js'
import type { HealthCheck } from '../resilience/index.js'
import type { SendOutcome, Source, SourceCounters, SourceHandlers, SourceState } from './source.js'
import { SourceTally } from './source-counters.js'

export interface MemorySourceOptions {
  readonly clock: Clock
  /** Any device where absent. */
  readonly devices?: readonly string[]
  /** Default `memory`. */
  readonly id?: string
  /** What frames say of themselves; default `crc32`, as on an ordinary line. */
  readonly integrity?: Integrity
}

export interface MemoryDownlink {
  readonly device: string
  readonly bytes: Uint8Array
}

/** Downlinks that nobody takes are refused beyond so many. */
const MAX_DOWNLINKS = 1024

/** A door without a line: frames are handed in, downlinks are taken out, by the simulator or a test. */
export class MemorySource implements Source {
  readonly id: string
  readonly #options: MemorySourceOptions
  readonly #devices: ReadonlySet<string> | undefined
  readonly #tally = new SourceTally()
  #handlers: SourceHandlers | undefined
  #state: SourceState = { kind: 'stopped' }
  #away: { readonly code: string; readonly reason: string } | undefined
  #downlinks: MemoryDownlink[] = []

  constructor(options: MemorySourceOptions) {
    this.#options = options
    this.id = options.id ?? 'memory'
    this.#devices = options.devices && new Set(options.devices)
  }

  get state(): SourceState {
    return this.#state
  }

  start(handlers: SourceHandlers): void {
    if (this.#handlers) return
    this.#handlers = handlers
    this.#change({ kind: 'opening' })
    this.#update()
  }

  stop(): Promise<void> {
    if (this.#handlers) this.#change({ kind: 'stopped' })
    this.#handlers = undefined
    return Promise.resolve()
  }

  /** A frame comes in, now or at the given times; it is lost where the door is not open, as on a line. */
  deliver(device: string, bytes: Uint8Array, times: { mono?: number; wall?: number } = {}): void {
    if (this.#state.kind !== 'open') return
    const tally = this.#tally
    tally.bytesIn += bytes.length
    if (!this.serves(device)) {
      tally.discardedBytes.add('unknown-id', bytes.length)
      tally.rejected.add('unknown-id')
      this.#handlers?.onUnknown(device, 'no such device')
      return
    }
    tally.framesIn++
    tally.bytesInFrames += bytes.length
    const { clock, integrity = 'crc32' } = this.#options
    this.#handlers?.onFrame({
      device,
      bytes: bytes.slice(),
      mono: times.mono ?? clock.mono(),
      wall: times.wall ?? clock.wall(),
      integrity,
      source: this.id,
    })
  }

  /** Downlinks sent since the last call. */
  takeDownlinks(): readonly MemoryDownlink[] {
    return this.#downlinks.splice(0)
  }

  /** What is behind the door goes away, until `comeBack`. */
  goAway(code = 'disconnected', reason = 'taken away'): void {
    this.#away = { code, reason }
    this.#update()
  }

  comeBack(): void {
    this.#away = undefined
    this.#update()
  }

  serves(device: string): boolean {
    return this.#devices?.has(device) ?? true
  }

  send(device: string, bytes: Uint8Array): SendOutcome {
    const reason = this.#refusal(device)
    if (reason !== undefined) {
      this.#tally.downlinksRefused++
      return { ok: false, reason }
    }
    this.#tally.downlinksSent++
    this.#downlinks.push({ device, bytes: bytes.slice() })
    return { ok: true }
  }

  counters(): SourceCounters {
    return this.#tally.snapshot()
  }

  healthCheck(now: number): HealthCheck {
    const check = { component: `port:${this.id}`, checkedAt: now }
    const state = this.#state
    if (state.kind === 'open') return { ...check, status: 'healthy', message: 'open' }
    if (state.kind !== 'away') return { ...check, status: 'unknown', message: state.kind }
    return { ...check, status: 'unhealthy', message: `${state.code}: ${state.reason}` }
  }

  #refusal(device: string): string | undefined {
    if (this.#state.kind !== 'open') return this.#away?.reason ?? this.#state.kind
    if (!this.serves(device)) return `no device ${device}`
    return this.#downlinks.length < MAX_DOWNLINKS ? undefined : 'nobody takes the downlinks'
  }

  #update(): void {
    if (!this.#handlers) return
    const since = this.#options.clock.mono()
    if (this.#away) this.#change({ kind: 'away', since, attempts: 1, ...this.#away })
    else if (this.#state.kind !== 'open') this.#change({ kind: 'open', since })
  }

  #change(state: SourceState): void {
    if (state.kind === 'open') this.#tally.opened++
    this.#state = state
    this.#handlers?.onState(state)
  }
}
