import type { Clock, Undo } from '../clock.js'
import type { MqttSourceConfig } from '../config/configuration.js'
import { isDeviceId, mqttSourceId } from '../names.js'
import {
  type Absence,
  absenceOf,
  type BucketPolicy,
  type HealthCheck,
} from '../resilience/index.js'
import { topicFault } from '../topic-filter.js'
import type { IncomingMessage, OutgoingMessage } from './broker-port.js'
import { type DownlinkWording, downlinkWording } from './downlink-wording.js'
import type { SubscriptionHandlers } from './link-subscriptions.js'
import { type Extraction, payloadExtraction } from './payload-extraction.js'
import { PortGate, RATE_LIMITED } from './port-gate.js'
import type { SendOutcome, Source, SourceCounters, SourceHandlers, SourceState } from './source.js'
import { SourceTally } from './source-counters.js'
import { parseTopicTemplate, type TopicTemplate } from './topic-template.js'

export interface MqttSourceOptions {
  readonly config: MqttSourceConfig
  /** Downlinks go to `<baseTopic>/<device>/command` where the configuration names no other topic. */
  readonly baseTopic: string
  /** The link that frames come by; it may serve several sources. */
  readonly uplink: {
    subscribe(filter: string, qos: 0 | 1 | 2, handlers: SubscriptionHandlers): Undo
  }
  /** The link that downlinks leave by; not the uplink's, whose acknowledgements may be withheld. */
  readonly downlink: {
    publish(message: OutgoingMessage, done: (error?: Error) => void): boolean
  }
  readonly clock: Clock
  /** Messages that it may bring; default: 5000 a second, 10 000 at once. */
  readonly portLimit?: BucketPolicy
}

/** Frames from topics of a broker. Throws `ERR_TOPIC_TEMPLATE` or `ERR_DOWNLINK_TOPIC` for unusable topics. */
export class MqttSource implements Source {
  readonly id: string
  readonly #options: MqttSourceOptions
  readonly #template: TopicTemplate
  readonly #extract: (payload: Uint8Array) => Extraction
  readonly #word: DownlinkWording
  /**
   * Of the devices that the mapping names, the id that the network knows each by; of several the one heard last. Of all
   * others it is our own, so that nothing has to be remembered of them, however many there are.
   */
  readonly #externalIds = new Map<string, string>()
  readonly #tally = new SourceTally()
  readonly #gate: PortGate
  /** Nothing that may have been kept for us has come yet after we were away, since this moment or nobody knows when. */
  #away: { readonly since: number | undefined } | undefined = { since: undefined }
  #absence: Absence | undefined
  #handlers: SourceHandlers | undefined
  #unsubscribe: Undo = () => {}
  #state: SourceState = { kind: 'stopped' }

  constructor(options: MqttSourceOptions) {
    const { config, baseTopic } = options
    this.#options = options
    this.id = mqttSourceId(config.topic, config.device)
    this.#gate = new PortGate(options.portLimit)
    this.#template = parseTopicTemplate(config.topic, config.device)
    this.#extract = payloadExtraction(config.payload)
    this.#word = downlinkWording(config.downlink, baseTopic)
    for (const [external, device] of config.devices ?? []) this.#externalIds.set(device, external)
  }

  get state(): SourceState {
    return this.#state
  }

  start(handlers: SourceHandlers): void {
    if (this.#handlers) return
    this.#handlers = handlers
    const { config, uplink } = this.#options
    // Never 2: what was received but not released is forgotten with the connection. At least once and without
    // repetitions is what it comes to all the same, since devices' sessions know a repeated frame.
    const qos = config.qos === 0 ? 0 : 1
    this.#unsubscribe = uplink.subscribe(this.#template.filter, qos, {
      onMessage: (message) => this.#receive(message),
      onState: (state) => this.#change(state),
    })
  }

  stop(): Promise<void> {
    const handlers = this.#handlers
    this.#unsubscribe()
    this.#handlers = undefined
    this.#state = { kind: 'stopped' }
    handlers?.onState(this.#state)
    return Promise.resolve()
  }

  /** Whoever may be heard here, whether it was or not: a bridge that has just started may ask as well. */
  serves(device: string): boolean {
    return this.#deviceFor(this.#externalOf(device)) === device
  }

  send(device: string, bytes: Uint8Array): SendOutcome {
    const reason = this.#downlinkFault(device, bytes)
    if (reason === undefined) {
      this.#tally.downlinksSent++
      return { ok: true }
    }
    this.#tally.downlinksRefused++
    return { ok: false, reason }
  }

  counters(): SourceCounters {
    return this.#tally.snapshot()
  }

  healthCheck(now: number): HealthCheck {
    const check = { component: `port:${this.id}`, checkedAt: now }
    const state = this.#state
    if (state.kind === 'open') {
      const wellDone = {
        status: 'healthy',
        message: `subscribed to ${this.#template.filter}`,
      } as const
      return { ...check, ...(this.#gate.complaint(now) ?? wellDone) }
    }
    if (state.kind === 'away') {
      return { ...check, status: 'unhealthy', message: `${state.reason} (${state.code})` }
    }
    return { ...check, status: 'unknown', message: state.kind }
  }

  #change(state: SourceState): void {
    const before = this.#state
    this.#state = state
    if (state.kind === 'away') this.#away ??= { since: state.since }
    if (state.kind === 'open' && before.kind !== 'open') this.#tally.opened++
    // A failed try that says nothing new is no news; `state` counts them all.
    const isNews =
      before.kind !== state.kind ||
      (before.kind === 'away' && state.kind === 'away' && before.reason !== state.reason)
    if (isNews) this.#handlers?.onState(state)
  }

  #receive(message: IncomingMessage): void {
    this.#tally.bytesIn += message.payload.length
    const reason = this.#accept(message)
    if (reason === undefined) return
    this.#tally.rejected.add(reason)
    this.#tally.discardedBytes.add(reason, message.payload.length)
  }

  /** Passes the message's frame on, or returns why there is none to pass on. */
  #accept({ topic, payload, retain, again, hold }: IncomingMessage): string | undefined {
    // What the broker had in store is as old as it likes: a frame of then is no frame of now.
    const { clock, config } = this.#options
    if (retain && !config.acceptRetained) return 'retained'
    const times = { mono: clock.mono(), wall: clock.wall() }
    if (hold) this.#welcome(times.mono)
    if (!this.#gate.admits(times.mono, hold && this.#absence)) return RATE_LIMITED
    const external = this.#template.deviceIn(topic)
    const device = this.#deviceFor(external)
    if (device === undefined) {
      const reason = 'not a device id or that of another device, and not mapped'
      this.#handlers?.onUnknown((external ?? '').slice(0, 64), reason)
      return 'unknown-id'
    }
    const extraction = this.#extract(payload)
    if (!extraction.ok) return extraction.reason
    const { bytes } = extraction
    this.#tally.framesIn++
    this.#tally.bytesInFrames += bytes.length
    // Hex, Base64 and JSON are longer than what they carry.
    this.#tally.discardedBytes.add('envelope', payload.length - bytes.length)
    if (external !== undefined && this.#externalIds.has(device))
      this.#externalIds.set(device, external)
    const frame = { device, bytes, ...times, integrity: 'mqtt', source: this.id } as const
    this.#handlers?.onFrame(frame, hold?.(), again)
    return undefined
  }

  /**
   * Whoever wants an acknowledgement keeps what it does not get one for, on the broker's side or on the device's: after we
   * were away, all of that comes at once, and is no flood.
   */
  #welcome(now: number): void {
    if (!this.#away) return
    this.#absence = absenceOf(this.#away.since, now)
    this.#away = undefined
    this.#handlers?.onBack?.(this.#absence)
  }

  #deviceFor(external: string | undefined): string | undefined {
    const { config } = this.#options
    if (config.device !== undefined || external === undefined) return config.device
    const mapped = config.devices?.get(external)
    if (mapped !== undefined) return mapped
    // Whoever bears an id that the mapping has given to another is another: two streams in one would pass for one.
    return isDeviceId(external) && !this.#externalIds.has(external) ? external : undefined
  }

  #externalOf(device: string): string {
    return this.#externalIds.get(device) ?? device
  }

  #downlinkFault(device: string, bytes: Uint8Array): string | undefined {
    const { config, downlink } = this.#options
    if (!this.#handlers) return 'stopped'
    if (!this.serves(device)) return 'not-served'
    const message = this.#word(config.downlink ? this.#externalOf(device) : device, bytes)
    const fault = topicFault(message.topic)
    if (fault !== undefined) return `illegal-topic: ${fault}`
    return downlink.publish(message, () => {}) ? undefined : 'away'
  }
}
