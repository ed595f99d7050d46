import type { Clock } from '../clock.js'
import { isDeviceId } from '../names.js'
import type { IncomingMessage } from '../transport/index.js'
import { type StatusReport, statusReportOf } from './monitor-report.js'

/** What was said of a device. */
export interface MonitoredDevice {
  readonly id: string
  readonly report: StatusReport
  /** When what the report says is not to be believed any more, by the monotonic clock of this machine. */
  readonly freshUntil: number
  /** When its last frame came, by the same clock; undefined where none ever did. */
  readonly heardAt: number | undefined
}

export interface DeviceWords {
  readonly name?: string
  readonly model?: string
}

export interface MonitoredEvent {
  readonly ts: string
  readonly document: Readonly<Record<string, unknown>>
}

/** More would be no fleet, but somebody who fills our memory. */
const MOST_DEVICES = 200_000
const MOST_EVENTS = 30
const MOST_EVENTFUL = 2000

/** The devices as their bridges tell of them. */
export class MonitoredFleet {
  readonly #clock: Clock
  readonly #baseLevels: number
  readonly #shared: boolean
  readonly #devices = new Map<string, MonitoredDevice>()
  readonly #words = new Map<string, DeviceWords>()
  readonly #events = new Map<string, MonitoredEvent[]>()
  /** By bridge; an empty name is the only one. */
  readonly #bridges = new Map<string, string>()

  /** `shared`: several bridges, each with a level of its own, tell of the devices. */
  constructor(baseTopic: string, shared: boolean, clock: Clock) {
    this.#clock = clock
    this.#baseLevels = baseTopic.split('/').length
    this.#shared = shared
  }

  get devices(): ReadonlyMap<string, MonitoredDevice> {
    return this.#devices
  }

  /** What each bridge says of itself: `online` or `offline`. */
  get bridges(): ReadonlyMap<string, string> {
    return this.#bridges
  }

  wordsOf(id: string): DeviceWords {
    return this.#words.get(id) ?? {}
  }

  /** The newest last. */
  eventsOf(id: string): readonly MonitoredEvent[] {
    return this.#events.get(id) ?? []
  }

  isOffline({ report }: MonitoredDevice): boolean {
    return this.#bridges.get(this.#shared ? (report.bridge ?? '') : '') === 'offline'
  }

  /** Returns the device that something is new of. */
  hear({ topic, payload, retain }: IncomingMessage): string | undefined {
    const levels = topic.split('/').slice(this.#baseLevels)
    const text = new TextDecoder().decode(payload)
    if (levels[0] === 'bridge') {
      this.#hearBridge(this.#shared ? levels.slice(1) : ['', ...levels.slice(1)], text)
      return undefined
    }
    const [id = '', kind] = levels
    if (levels.length !== 2 || !isDeviceId(id)) return undefined
    if (kind === 'event' && !retain) this.#hearEvent(id, text)
    else if (kind === 'status') this.#hearStatus(id, text, retain)
    return id
  }

  #hearBridge([bridge = '', kind = '']: readonly string[], text: string): void {
    if (kind === 'state') this.#bridges.set(bridge, text)
    else if (kind === 'devices') this.#hearWords(parsed(text))
    else if (kind === 'snapshot') {
      const devices = Object(parsed(text)).devices
      if (!Array.isArray(devices)) return
      for (const document of devices) {
        const { device } = Object(document)
        // As old as it says, however it came.
        if (isDeviceId(String(device))) this.#take(String(device), document, true)
      }
    }
  }

  /** Of a large fleet the list comes in chunks. */
  #hearWords(document: unknown): void {
    const list: unknown = Array.isArray(document) ? document : Object(document).devices
    if (!Array.isArray(list)) return
    for (const one of list) {
      const { id, name, model } = Object(one)
      if (typeof id !== 'string' || !isDeviceId(id) || this.#words.size >= MOST_DEVICES) continue
      this.#words.set(id, {
        ...(typeof name === 'string' && { name }),
        ...(typeof model === 'string' && { model }),
      })
    }
  }

  #hearEvent(id: string, text: string): void {
    const document = parsed(text)
    if (typeof document !== 'object' || document === null) return
    const { ts } = Object(document)
    const events = this.#events.get(id) ?? []
    // Again at the end of the line: who had none for the longest time goes first.
    this.#events.delete(id)
    if (this.#events.size >= MOST_EVENTFUL) {
      const [oldest] = this.#events.keys()
      if (oldest !== undefined) this.#events.delete(oldest)
    }
    this.#events.set(id, [
      ...events.slice(1 - MOST_EVENTS),
      { ts: typeof ts === 'string' ? ts : '', document: { ...document } },
    ])
  }

  #hearStatus(id: string, text: string, retain: boolean): void {
    // What is cleared is of a device that is gone.
    if (text === '') this.#devices.delete(id)
    else this.#take(id, parsed(text), retain)
  }

  #take(id: string, document: unknown, stored: boolean): void {
    const report = statusReportOf(document)
    if (!report) return
    const before = this.#devices.get(id)
    if (!before && this.#devices.size >= MOST_DEVICES) return
    // The same again, or an older one: what came at its time tells better how old it is.
    if (stored && before && before.report.wall >= report.wall) return
    const [mono, wall] = [this.#clock.mono(), this.#clock.wall()]
    // Of what has just been said the age is known, whatever the clocks of two machines show.
    const saidAt = stored ? mono - Math.max(0, wall - report.wall) : mono
    const { lastSeen } = report
    this.#devices.set(id, {
      id,
      report,
      freshUntil: saidAt + report.ttlMs,
      heardAt: lastSeen === undefined ? undefined : saidAt - Math.max(0, report.wall - lastSeen),
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
