import { type Clock, setRepeating, type Undo } from '../../clock.js'
import type { HomeAssistantConfig } from '../../config/index.js'
import type { Log } from '../../log.js'
import {
  cleared,
  configFilter,
  type DiscoverySite,
  deviceOfTopic,
  deviceTopics,
  type KeptConfig,
  ORIGIN,
  type Publication,
  readKeptConfig,
  removalPublications,
} from '../../outputs/index.js'
import type { HealthCheck, HealthCheckable } from '../../resilience/index.js'
import type { IncomingMessage, MqttLink, SourceState } from '../../transport/index.js'
import { AnnouncedDevices, type DiscoveredDevices, type Subject } from './announced-devices.js'
import { KeptConfigs } from './kept-configs.js'
import { Listening } from './listening.js'

export interface DiscoveryOptions {
  readonly config: HomeAssistantConfig
  readonly site: DiscoverySite
  readonly devices: DiscoveredDevices
  /** Whether the broker keeps readings, too. */
  readonly retainsReadings: boolean
  /** Devices that nobody configured are taken in: what was announced of one stays until it is back. */
  readonly takesIn: boolean
  readonly subscribe: MqttLink['subscribe']
  readonly publish: (publication: Publication) => void
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
}

const PERIOD_MS = 1000
/** So many payloads a second, of some 4 kB each: readings are to get through between them. */
const MOST_AT_A_TIME = 200
/**
 * Of so many devices a second it is looked whether frames have changed anything.
 *
 * measured: of 10 000 devices it takes 55 ms to look at all of them, 2 ms to look at these and whether the others are there.
 */
const CLOSELY_AT_A_TIME = 200
/** Whoever wants to say that the bridge is there waits no longer than this for what the broker has kept. */
const HEARD_WITHIN_MS = 1000
/** Everybody answers to the birth of a Home Assistant: not all of them in the same moment. */
const BIRTH_MS = { least: 500, spread: 4500 }
/** A larger payload is nobody's that we know. */
const MOST_BYTES = 1 << 20
const REFUSED = 'subscription-refused'

/**
 * Tells Home Assistant which devices there are. Once a second it compares what should be announced with what is, so that
 * it makes no difference how a device came, changed or went. Before it says anything it listens to what the broker has
 * kept: so it finds what it has left there itself, and does not touch what is somebody else's.
 */
export class Discovery implements HealthCheckable {
  readonly #options: DiscoveryOptions
  readonly #devices: AnnouncedDevices
  readonly #kept = new KeptConfigs()
  readonly #announced = new Map<string, Subject>()
  #state: SourceState = { kind: 'opening' }
  /** While what the broker has kept comes in. */
  #listening: Listening | undefined
  #cancelEnd: Undo = () => {}
  #ready = false
  readonly #waiting = new Set<() => void>()
  /** What is said while the bridge is born; undefined at all other times. */
  #birth: Publication[] | undefined
  #birthAt = Number.POSITIVE_INFINITY
  /** Where the devices begin that are looked at closely. */
  #closelyFrom = 0
  /** What may still be said at this time. */
  #budget = 0
  readonly #undo: Undo[] = []
  readonly #stop: Undo = () => {
    for (const undo of this.#undo.splice(0)) undo()
    this.#cancelEnd()
    this.#ready = false
    this.#release()
  }

  constructor(options: DiscoveryOptions) {
    this.#options = options
    this.#devices = new AnnouncedDevices(options.site, options.devices)
  }

  /** Goes on until undone. What was announced stays then: the bridge's own state says that it is away. */
  start(): Undo {
    if (this.#undo.length > 0) return this.#stop
    const { subscribe, clock, config } = this.#options
    // QoS 0: nothing of this is worth a queue while we are away, since every connect begins anew.
    this.#undo.push(
      subscribe(configFilter(config.prefix), 0, {
        onMessage: (message) => this.#hear(message),
        onState: (state) => this.#linkChanged(state),
      }),
      subscribe(config.statusTopic, 0, {
        onMessage: (message) => this.#hearStatus(message),
        onState: (state) => this.#fence(state),
      }),
      setRepeating(clock, PERIOD_MS, () => this.#look()),
    )
    return this.#stop
  }

  /** Resolves once it is known what the broker has kept, or after a second: what is to be said may wait no longer. */
  heard(): Promise<void> {
    if (this.#ready || this.#undo.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        this.#waiting.delete(done)
        resolve()
      }
      const cancel = this.#options.clock.setTimer(HEARD_WITHIN_MS, done)
      this.#waiting.add(done)
    })
  }

  /** What is to be said before the bridge says that it is there: as much as is good at a time, the rest follows. */
  birth(): readonly Publication[] {
    const said: Publication[] = []
    this.#birth = said
    this.#look()
    this.#birth = undefined
    return said
  }

  /** Another bridge has announced a device meanwhile, or is about to: what we said of it is not what is there any more. */
  forget(id: string): void {
    this.#announced.delete(id)
  }

  healthCheck(checkedAt: number): HealthCheck {
    const check = { component: 'home-assistant', checkedAt }
    const state = this.#state
    if (state.kind === 'away' && state.code === REFUSED) {
      const message = `${state.reason}: what is left there is not found, and what others have there not seen`
      return { ...check, status: 'degraded', message }
    }
    const [other] = this.#kept.others
    if (other !== undefined) {
      const message = `nothing is announced on ${other}: what is there was not written by this bridge`
      return { ...check, status: 'degraded', message }
    }
    if (!this.#ready) return { ...check, status: 'unknown', message: 'listening first' }
    const message = `${this.#announced.size} devices announced, the bridge among them`
    return { ...check, status: 'healthy', message }
  }

  #linkChanged(state: SourceState): void {
    this.#state = state
    this.#listening = undefined
    if (state.kind === 'open') {
      this.#listening = new Listening(this.#options.clock.mono())
      this.#ready = false
      this.#awaitEnd()
    } else if (state.kind === 'away' && state.code === REFUSED) {
      // Who may not listen may speak all the same.
      this.#ready = true
      this.#release()
    } else {
      this.#ready = false
      // Not only once it is open: some brokers send what they have kept before they grant the subscription.
      this.#forget()
    }
  }

  /** The status topic is asked for after the devices' topics: once it is granted, those have been dealt with. */
  #fence({ kind }: SourceState): void {
    if (kind !== 'open' || !this.#listening) return
    this.#listening.fence(this.#options.clock.mono())
    this.#awaitEnd()
  }

  #awaitEnd(): void {
    const { clock } = this.#options
    this.#cancelEnd()
    if (!this.#listening) return
    const leftMs = this.#listening.endsAt - clock.mono()
    if (leftMs > 0) {
      this.#cancelEnd = clock.setTimer(leftMs, () => this.#awaitEnd())
      return
    }
    this.#listening = undefined
    this.#ready = true
    this.#release()
  }

  #release(): void {
    for (const done of [...this.#waiting]) done()
  }

  #forget(): void {
    this.#kept.forget()
    this.#announced.clear()
    this.#birthAt = Number.POSITIVE_INFINITY
  }

  #hearStatus({ payload, retain }: IncomingMessage): void {
    // One that was kept is of any time; and we have just announced everything, or are about to.
    if (retain || textOf(payload) !== 'online') return
    const { clock, random, log } = this.#options
    const { least, spread } = BIRTH_MS
    this.#birthAt = Math.min(this.#birthAt, clock.mono() + least + random() * spread)
    log.info({}, 'Home Assistant has started: it is told of every device again')
  }

  #hear({ topic, payload, retain }: IncomingMessage): void {
    const { site, clock } = this.#options
    if (retain) this.#listening?.heard(clock.mono())
    const id = deviceOfTopic(site, topic)
    const wanted = id === undefined ? undefined : this.#wanted(id)
    if (id !== undefined && wanted) this.#hearOurs(id, wanted, { topic, payload, retain })
    else if (retain && Buffer.from(payload).includes(ORIGIN)) {
      const kept = readKeptConfig(textOf(payload), site)
      if (kept.owner === 'ours') this.#kept.noteLeftover(topic, kept)
    }
  }

  /** Something on a topic that we write on. */
  #hearOurs(
    id: string,
    wanted: Subject,
    { topic, payload, retain }: Pick<IncomingMessage, 'topic' | 'payload' | 'retain'>,
  ): void {
    const text = textOf(payload)
    const kept = payload.length === 0 ? undefined : readKeptConfig(text, this.#options.site)
    if (kept?.owner === 'other') {
      if (!this.#kept.noteOther(topic)) return
      const message = 'somebody else has announced a device on a topic of ours: it stays as it is'
      this.#options.log.warn({ topic }, message)
      return
    }
    this.#kept.noteOurs(topic)
    // What comes live is what we said a moment ago, and need not be what is to be said now.
    if (!retain || !kept) return
    if (text === this.#devices.announcement(wanted).publication().payload)
      this.#announced.set(id, wanted)
    else this.#kept.noteFormer(topic, kept.components)
  }

  #wanted(id: string): Subject | undefined {
    return this.#options.config.enabled ? this.#devices.subject(id) : undefined
  }

  /** Says what is new, as much of it as is good at a time. */
  #look(): void {
    const now = this.#options.clock.mono()
    if (!this.#ready) return
    if (now >= this.#birthAt) {
      this.#birthAt = Number.POSITIVE_INFINITY
      this.#announced.clear()
    }
    this.#budget = MOST_AT_A_TIME
    if (this.#options.config.enabled) this.#announceAll()
    this.#clearGone()
    this.#clearLeftovers()
  }

  #announceAll(): void {
    const from = this.#closelyFrom
    const until = from + CLOSELY_AT_A_TIME
    let at = 0
    for (const id of this.#devices.ids()) {
      if (this.#budget <= 0) {
        if (at > from) this.#closelyFrom = Math.min(at, until)
        return
      }
      this.#announce(id, at >= from && at < until)
      at++
    }
    this.#closelyFrom = until < at ? until : 0
  }

  #announce(id: string, closely: boolean): void {
    const before = this.#announced.get(id)
    const wanted = this.#devices.subject(id, before, closely)
    if (!wanted || wanted === before) return
    const { topic, components, publication } = this.#devices.announcement(wanted)
    if (this.#kept.others.has(topic)) return
    if (before) this.#kept.noteFormer(topic, this.#devices.announcement(before).components)
    const gone = this.#kept.takeGone(topic, components)
    this.#say(publication(gone))
    // An entity is removed by a payload that says so. The payload that stays says nothing of it: once more.
    if (gone.size === 0) this.#announced.set(id, wanted)
    else this.#announced.delete(id)
  }

  #clearGone(): void {
    for (const [id, subject] of this.#announced) {
      if (this.#budget <= 0) return
      if (this.#options.config.enabled && this.#devices.has(id)) continue
      this.#announced.delete(id)
      // Another bridge has it now, and announces it itself.
      if (this.#options.config.enabled && this.#options.site.shares) continue
      const { topic } = this.#devices.announcement(subject)
      if (!this.#kept.others.has(topic)) this.#say(cleared(topic))
    }
  }

  #clearLeftovers(): void {
    const { log } = this.#options
    for (const [topic, config] of this.#kept.takeLeftovers(this.#budget)) {
      if (!this.#isLeftover(topic, config)) continue
      log.info({ topic }, 'a device that is not there any more is taken back')
      this.#say(cleared(topic))
      for (const publication of this.#statesOf(config)) this.#publish(publication)
    }
  }

  #isLeftover(topic: string, { device }: KeptConfig): boolean {
    const { config, site, takesIn } = this.#options
    if (!config.enabled) return true
    // Which devices there are the bridges know together, and none alone.
    if (site.shares) return false
    const id = deviceOfTopic(site, topic)
    return (id === undefined || !this.#wanted(id)) && !(takesIn && device !== undefined)
  }

  /** What else the broker keeps of a device that is gone; nothing of one that is only not to be announced. */
  #statesOf({ device, components }: KeptConfig): readonly Publication[] {
    const { site, devices, retainsReadings } = this.#options
    if (device === undefined || devices.one(device)) return []
    const channels = [...components.keys()].flatMap(
      (key) => /^readings_([A-Za-z0-9][A-Za-z0-9_-]{0,63})$/.exec(key)?.[1] ?? [],
    )
    const topics = deviceTopics(site.baseTopic, device, channels)
    return removalPublications(topics, { retain: retainsReadings })
  }

  #say(publication: Publication): void {
    this.#budget--
    this.#publish(publication)
  }

  #publish(publication: Publication): void {
    if (this.#birth) this.#birth.push(publication)
    else this.#options.publish(publication)
  }
}

/** Empty where it is too long to be anybody's. */
const textOf = (payload: Uint8Array): string =>
  payload.length > MOST_BYTES ? '' : Buffer.from(payload).toString()
