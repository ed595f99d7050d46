import {
  announceOf,
  Context,
  Encoding,
  encodeSync,
  type MessageType,
  putStandardHeader,
  StandardEncoder,
  type SyncPattern,
} from '../../src/alec/index.js'
import type { ModelSpec } from '../../src/device/index.js'

const SOURCE = 1
const HEADER = 10

/** A device of one sensor that registers patterns, tells them in SYNC messages, and sends values by them. */
export class PatternDevice {
  readonly context = new Context()
  readonly model: ModelSpec
  readonly #consumes: boolean
  #sequence = 0
  #told: SyncPattern[] = []
  #toldVersion = 0

  /** `consumes`: whether messages that carry no data take a number of their own. */
  constructor(consumes = true) {
    this.#consumes = consumes
    this.model = {
      frames: 'standard',
      checksum: false,
      profile: 'alec-1.3',
      intervalMs: 60_000,
      scale: 100,
      keyframeInterval: 0,
      multi: 'adaptive',
      suppresses: false,
      channels: [{ name: 'level', resolution: '0.01', min: -1e6, max: 1e6, source: SOURCE }],
    }
  }

  register(value: number): number {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setFloat64(0, value)
    return this.registerBytes(bytes)
  }

  registerBytes(bytes: Uint8Array): number {
    const code = this.context.registerPattern(bytes)
    if (code === undefined) throw new Error('the dictionary is full')
    return code
  }

  announce(): Uint8Array {
    return this.#message('sync', encodeSync(announceOf(this.context)))
  }

  /** What has changed since the last call, under another hash where one is given. */
  diff(hash = this.context.hash()): Uint8Array {
    const patterns = this.context.patterns().entries()
    const now = patterns.map(([code, { bytes }]) => ({ code, bytes }))
    const same = (one: SyncPattern, other: SyncPattern) =>
      one.code === other.code && String(one.bytes) === String(other.bytes)
    const added = now.filter((one) => !this.#told.some((other) => same(one, other)))
    const removed = this.#told.filter(({ code }) => !now.some((one) => one.code === code))
    const { version } = this.context
    const base = this.#toldVersion
    this.#told = now
    this.#toldVersion = version
    const codes = removed.map(({ code }) => code)
    return this.#message(
      'sync',
      encodeSync({ type: 'diff', base, version, hash, added, removed: codes }),
    )
  }

  heartbeat(): Uint8Array {
    return this.#message('heartbeat', new Uint8Array())
  }

  /** Sends a value the way that a device library chooses. */
  plain(value: number): Uint8Array {
    const encoder = new StandardEncoder({ context: this.context })
    const bytes = encoder.encode(value, { sourceId: SOURCE, timestampMs: 0, priority: 3 })
    new DataView(bytes.buffer, bytes.byteOffset).setUint16(1, this.#sequence++ & 0xffff)
    return bytes
  }

  /** Sends a value by a pattern, with what it differs in hundredths where that is given. */
  byPattern(code: number, value: number, delta?: number): Uint8Array {
    const encoding = delta === undefined ? Encoding.pattern : Encoding.patternDelta
    const payload = [SOURCE, encoding, code, ...(delta === undefined ? [] : [delta & 0xff])]
    const bytes = this.#frame('data', Uint8Array.from(payload))
    this.#sequence++
    this.context.observe(SOURCE, value)
    return bytes
  }

  #message(messageType: MessageType, payload: Uint8Array): Uint8Array {
    const bytes = this.#frame(messageType, payload)
    if (this.#consumes) this.#sequence++
    return bytes
  }

  #frame(messageType: MessageType, payload: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(HEADER + payload.length)
    const { version } = this.context
    putStandardHeader(bytes, {
      messageType,
      priority: 3,
      sequence: this.#sequence,
      timestamp: 0,
      version,
    })
    bytes.set(payload, HEADER)
    return bytes
  }
}
