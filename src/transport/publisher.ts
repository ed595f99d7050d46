import type { Clock, Undo } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import {
  defaultHealthThresholds,
  gradeHealth,
  type HealthCheck,
  type HealthCheckable,
  worstHealth,
} from '../resilience/index.js'
import {
  type GoneReason,
  PublicationQueue,
  type QueuedPublication,
  queuedBytes,
} from './publication-queue.js'
import { PublishWindow, type WindowLink } from './publish-window.js'
import type { SourceState } from './source.js'
import { ReasonCounts } from './source-counters.js'
import { topicFault } from './topic-filter.js'

/** What a publisher needs of a link to a broker. */
export interface OutputLink extends WindowLink {
  readonly state: SourceState
  onState(listener: (state: SourceState) => void): Undo
  start(): void
  stop(): Promise<void>
}

export interface PublisherOptions {
  readonly link: OutputLink
  readonly clock: Clock
  /** Where we say that we are there; the link's last will names the same topic and the same `offline`. */
  readonly state: { readonly topic: string; readonly online: string; readonly offline: string }
  /** Everything that the broker has to hold, as it is now: walked through at every connect, before `online`. */
  readonly retained: () => Iterable<Publication>
  /** Awaited before each birth, as long as `limits.beforeBirthMs` allows. */
  readonly beforeBirth?: () => Promise<void>
  readonly limits?: Partial<PublisherLimits>
}

export interface PublisherLimits {
  /** Bytes that may wait, payloads, topics and bookkeeping. */
  readonly queueBytes: number
  /** Publications handed to the broker that it has not acknowledged. */
  readonly window: number
  /** The same during a birth, so that a big one does not overrun the broker's queues for its subscribers. */
  readonly birthWindow: number
  /** An acknowledgement that takes longer ends the connection. */
  readonly deadlineMs: number
  readonly beforeBirthMs: number
  /** Longest time that `stop` waits for what is still to be sent and acknowledged. */
  readonly stopMs: number
}

export const defaultPublisherLimits: PublisherLimits = Object.freeze({
  queueBytes: 16 * 1024 * 1024,
  window: 256,
  birthWindow: 32,
  deadlineMs: 20_000,
  beforeBirthMs: 5000,
  stopMs: 2000,
})

export type DropReason = Exclude<GoneReason, 'superseded'> | 'illegal-topic' | 'refused' | 'stopped'

/** Every submitted publication is acknowledged, superseded, dropped with a reason, waiting or on its way. */
export interface PublisherCounters {
  /** Given to `publish` or said by a birth. */
  readonly submitted: number
  /** Handed to the broker, repetitions included. */
  readonly published: number
  readonly acknowledged: number
  /** Replaced before the broker had them by something newer: the same topic again, or the next birth. */
  readonly superseded: number
  readonly dropped: Readonly<Record<string, number>>
  readonly queuedMessages: number
  readonly queuedBytes: number
  /** Handed over and not acknowledged. */
  readonly inFlight: number
  /** Births brought to their end: one per connection that lived long enough. */
  readonly births: number
  readonly connectionsLost: number
}

type Phase = 'idle' | 'away' | 'preparing' | 'birth' | 'live' | 'stopping' | 'stopped'

/** Carries publications to the broker: in order, inside a window, with a birth at every connect. */
export class Publisher implements HealthCheckable {
  readonly #options: PublisherOptions
  readonly #limits: PublisherLimits
  readonly #queue: PublicationQueue
  readonly #window: PublishWindow
  readonly #dropped = new ReasonCounts()
  #phase: Phase = 'idle'
  #serial = 0
  #birth: Iterator<Publication> | undefined
  /** What was submitted before this one, the birth supersedes. */
  #birthSerial = 0
  #advancing = false
  #undoLink: Undo = () => {}
  #cancelPreparing: Undo = () => {}
  #stopping: Promise<void> | undefined
  #onDrained: Undo = () => {}
  #submitted = 0
  #published = 0
  #acknowledged = 0
  #superseded = 0
  #births = 0
  #connectionsLost = 0

  constructor(options: PublisherOptions) {
    const { link, clock } = options
    this.#options = options
    this.#limits = { ...defaultPublisherLimits, ...options.limits }
    this.#queue = new PublicationQueue(this.#limits.queueBytes, (entry, reason) =>
      this.#gone(entry, reason),
    )
    this.#window = new PublishWindow(link, clock, this.#limits.deadlineMs, (error) =>
      this.#settled(error),
    )
  }

  start(): void {
    if (this.#phase !== 'idle') return
    const { link } = this.#options
    this.#phase = 'away'
    this.#undoLink = link.onState((state) => this.#linkChanged(state))
    if (link.state.kind === 'open') this.#prepareBirth()
    else link.start()
  }

  /** Says `offline`, waits at most `stopMs` for the broker to have everything, and stops the link. */
  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown()
    return this.#stopping
  }

  publish(publication: Publication): void {
    const entry = this.#submit(publication, false)
    if (topicFault(publication.topic) !== undefined) this.#drop('illegal-topic')
    else if (this.#phase === 'stopping' || this.#phase === 'stopped') this.#drop('stopped')
    else if (this.#isAway() && publication.whileAway === 'drop') this.#drop('away')
    else this.#queue.push(entry)
    this.#advance()
  }

  counters(): PublisherCounters {
    return {
      submitted: this.#submitted,
      published: this.#published,
      acknowledged: this.#acknowledged,
      superseded: this.#superseded,
      dropped: this.#dropped.snapshot(),
      queuedMessages: this.#queue.size,
      queuedBytes: this.#queue.bytes,
      inFlight: this.#window.size,
      births: this.#births,
      connectionsLost: this.#connectionsLost,
    }
  }

  healthCheck(now: number): HealthCheck {
    const { state } = this.#options.link
    const queued = this.#queue.size
    const check = { component: 'broker', checkedAt: now }
    if (state.kind === 'away') {
      const message = `${state.reason} (${state.code}), ${queued} messages wait`
      return { ...check, status: 'unhealthy', message }
    }
    if (state.kind !== 'open') return { ...check, status: 'unknown', message: state.kind }
    const latencyMs = this.#window.latencyMs(now)
    const { latencyMs: latency, queueDepth } = defaultHealthThresholds
    const status = worstHealth([gradeHealth(latencyMs, latency), gradeHealth(queued, queueDepth)])
    const message = `acknowledges in ${Math.round(latencyMs)} ms, ${queued} messages wait`
    return { ...check, status, message, latencyMs }
  }

  #linkChanged(state: SourceState): void {
    if (state.kind === 'open') this.#prepareBirth()
    else if (!this.#isAway()) this.#lost()
  }

  #prepareBirth(): void {
    if (!this.#isAway()) return
    this.#phase = 'preparing'
    let waiting = true
    const begin = () => {
      if (!waiting) return
      waiting = false
      this.#cancelPreparing()
      this.#birthSerial = this.#serial
      this.#birth = this.#options.retained()[Symbol.iterator]()
      this.#phase = 'birth'
      this.#advance()
    }
    const cancelLimit = this.#options.clock.setTimer(this.#limits.beforeBirthMs, begin)
    this.#cancelPreparing = () => {
      waiting = false
      cancelLimit()
    }
    // A failed preparation is no reason to stay silent: the birth comes all the same.
    const prepared = this.#options.beforeBirth?.() ?? Promise.resolve()
    prepared.then(begin, begin)
  }

  #lost(): void {
    this.#connectionsLost++
    this.#cancelPreparing()
    this.#birth = undefined
    if (this.#phase !== 'stopping') this.#phase = 'away'
    const onTheirWay = this.#window.reset()
    this.#superseded += onTheirWay.filter((entry) => entry.birth).length
    this.#queue.putBack(onTheirWay.filter((entry) => !entry.birth))
    this.#queue.dropTransient()
    this.#onDrained()
  }

  /** Sends what may be sent now. Acknowledgements can come while it runs, so it never runs inside itself. */
  #advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#sendNext()) {}
    this.#advancing = false
    if (this.#queue.size === 0 && this.#window.size === 0) this.#onDrained()
  }

  #sendNext(): boolean {
    if (this.#phase === 'birth') return this.#sendBirth()
    if (this.#phase !== 'live' && this.#phase !== 'stopping') return false
    if (this.#window.size >= this.#limits.window) return false
    const entry = this.#queue.shift()
    if (entry) this.#send(entry)
    return entry !== undefined
  }

  #sendBirth(): boolean {
    if (this.#window.size >= this.#limits.birthWindow) return false
    const next = this.#birth?.next()
    if (!next || next.done) {
      this.#sayState('online')
      this.#births++
      this.#phase = 'live'
      return true
    }
    const entry = this.#submit(next.value, true)
    const { topic } = next.value
    if (topicFault(topic) !== undefined) {
      this.#drop('illegal-topic')
    } else {
      // Whatever waited for this topic is older than what the walk yields now.
      this.#queue.supersede(topic, this.#birthSerial)
      this.#send(entry)
    }
    return true
  }

  #sayState(which: 'online' | 'offline'): void {
    const { topic, [which]: payload } = this.#options.state
    const said = { topic, payload, qos: 1, retain: true, whileAway: 'latest' } as const
    this.#send(this.#submit(said, true))
  }

  #send(entry: QueuedPublication): void {
    this.#published++
    this.#window.send(entry)
  }

  #settled(error: Error | undefined): void {
    if (error) this.#drop('refused')
    else this.#acknowledged++
    this.#advance()
  }

  async #shutDown(): Promise<void> {
    const { link } = this.#options
    if (this.#phase === 'live' || this.#phase === 'birth' || this.#phase === 'preparing') {
      this.#cancelPreparing()
      this.#phase = 'stopping'
      await this.#drained(this.#limits.stopMs / 2)
      if (link.state.kind === 'open') {
        this.#sayState('offline')
        await this.#drained(this.#limits.stopMs / 2)
      }
    }
    this.#undoLink()
    this.#phase = 'stopped'
    for (const _ of this.#window.reset()) this.#drop('stopped')
    while (this.#queue.shift()) this.#drop('stopped')
    await link.stop()
  }

  /** Resolves when nothing waits and everything is acknowledged, when the connection is lost, or after the limit. */
  #drained(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.setTimer(limitMs, () => this.#onDrained())
      this.#onDrained = () => {
        this.#onDrained = () => {}
        cancel()
        resolve()
      }
      this.#advance()
    })
  }

  #submit(publication: Publication, birth: boolean): QueuedPublication {
    this.#submitted++
    return { publication, birth, bytes: queuedBytes(publication), serial: this.#serial++ }
  }

  #isAway(): boolean {
    return this.#phase === 'idle' || this.#phase === 'away'
  }

  #gone(_entry: QueuedPublication, reason: GoneReason): void {
    if (reason === 'superseded') this.#superseded++
    else this.#drop(reason)
  }

  #drop(reason: DropReason): void {
    this.#dropped.add(reason)
  }
}
