import type { Undo } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import {
  defaultHealthThresholds,
  gradeHealth,
  type HealthCheck,
  type HealthCheckable,
  worstHealth,
} from '../resilience/index.js'
import { topicFault } from '../topic-filter.js'
import { OutletRoom } from './outlet-room.js'
import { defaultPoisonPolicy, PoisonWatch } from './poison-watch.js'
import {
  type GoneReason,
  PublicationQueue,
  type QueuedPublication,
  queuedBytes,
} from './publication-queue.js'
import { PublishWindow } from './publish-window.js'
import {
  type DropReason,
  defaultPublisherLimits,
  type PublisherCounters,
  type PublisherLimits,
  type PublisherOptions,
} from './publisher-options.js'
import type { SourceState } from './source.js'
import { ReasonCounts } from './source-counters.js'

type Phase = 'idle' | 'away' | 'preparing' | 'birth' | 'live' | 'stopping' | 'stopped'

/** Carries publications to the broker: in order, inside a window, with a birth at every connect. */
export class Publisher implements HealthCheckable {
  readonly #options: PublisherOptions
  readonly #limits: PublisherLimits
  readonly #queue: PublicationQueue
  readonly #window: PublishWindow
  readonly #room: OutletRoom
  readonly #dropped = new ReasonCounts()
  readonly #poison = new PoisonWatch()
  #sentAt = 0
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
  readonly #counts = {
    submitted: 0,
    published: 0,
    acknowledged: 0,
    superseded: 0,
    givenBack: 0,
    births: 0,
    connectionsLost: 0,
  }

  constructor(options: PublisherOptions) {
    const { link, clock } = options
    this.#options = options
    this.#limits = { ...defaultPublisherLimits, ...options.limits }
    this.#queue = new PublicationQueue(this.#limits.queueBytes, (entry, reason) =>
      this.#gone(entry, reason),
    )
    this.#room = new OutletRoom(this.#queue, this.#limits, () => clock.mono())
    this.#window = new PublishWindow(link, clock, this.#limits.deadlineMs, (entry, error) =>
      this.#settled(entry, error),
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

  /**
   * Takes a publication. `settled` comes once its way has ended for good: acknowledged, or dropped for a counted reason;
   * not where it is given back (`onLost`, `stop`).
   */
  publish(publication: Publication, settled?: () => void): void {
    const entry = this.#submit(publication, false, settled)
    if (topicFault(publication.topic) !== undefined) this.#drop(entry, 'illegal-topic')
    else if (this.#isGivenUp(publication)) this.#drop(entry, 'poison')
    else if (this.#phase === 'stopping' || this.#phase === 'stopped') this.#refuse(entry)
    else if (this.#isAway() && publication.whileAway === 'drop') this.#drop(entry, 'away')
    else this.#queue.push(entry)
    this.#advance()
  }

  /** Takes back what waits and would settle these: somebody else says it. */
  withdraw(unwanted: ReadonlySet<() => void>): void {
    this.#counts.givenBack += this.#queue.giveBackAwaited(unwanted)
  }

  /** Whether more may be published of what can wait elsewhere. */
  room(): boolean {
    return this.#room.has(this.#phase === 'live', this.#serial)
  }

  counters(): PublisherCounters {
    return {
      ...this.#counts,
      dropped: this.#dropped.snapshot(),
      queuedMessages: this.#queue.size,
      queuedBytes: this.#queue.bytes,
      inFlight: this.#window.size,
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
    this.#counts.connectionsLost++
    this.#cancelPreparing()
    this.#birth = undefined
    if (this.#phase !== 'stopping') this.#phase = 'away'
    const onTheirWay = this.#window.reset()
    this.#suspect(onTheirWay)
    this.#counts.superseded += onTheirWay.filter((entry) => entry.birth).length
    const { onLost } = this.#options
    const isGivenBack = (entry: QueuedPublication) =>
      onLost !== undefined && entry.settled !== undefined
    this.#counts.givenBack += onTheirWay.filter(isGivenBack).length
    this.#queue.putBack(onTheirWay.filter((entry) => !entry.birth && !isGivenBack(entry)))
    if (onLost) this.#counts.givenBack += this.#queue.giveBackAwaited()
    this.#queue.dropTransient()
    this.#onDrained()
    onLost?.()
  }

  /** A connection that is lost over and over with the same publication on its way is lost because of it. */
  #suspect(onTheirWay: QueuedPublication[]): void {
    const { clock, link, onPoison } = this.#options
    const [oldest] = onTheirWay
    const now = clock.mono()
    if (this.#poison.lost(oldest?.publication, now - this.#sentAt, now) && oldest) {
      onTheirWay.shift()
      this.#drop(oldest, 'poison')
      onPoison?.(oldest.publication, 'the broker closes the connection whenever it gets this')
      link.hasten?.()
    } else if (this.#poison.hastens(now)) link.hasten?.()
  }

  #isGivenUp(publication: Publication): boolean {
    return (
      this.#poison.hasGivenUp && this.#poison.isGivenUp(publication, this.#options.clock.mono())
    )
  }

  /** Sends what may be sent now. Acknowledgements can come while it runs, so it never runs inside itself. */
  #advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#sendNext()) {}
    this.#advancing = false
    if (this.#queue.size === 0 && this.#window.size === 0) this.#onDrained()
    // After the loop, so that who hears of room may publish at once.
    if (this.#room.isBack(this.#phase === 'live')) this.#options.onRoom?.()
  }

  #sendNext(): boolean {
    if (this.#phase === 'birth') return this.#sendBirth()
    if (this.#phase !== 'live' && this.#phase !== 'stopping') return false
    if (this.#window.size >= this.#mostOnTheirWay(this.#limits.window)) return false
    const entry = this.#queue.shift()
    if (entry) this.#send(entry)
    return entry !== undefined
  }

  #mostOnTheirWay(window: number): number {
    return this.#poison.isolating ? 1 : window
  }

  #sendBirth(): boolean {
    if (this.#window.size >= this.#mostOnTheirWay(this.#limits.birthWindow)) return false
    const next = this.#birth?.next()
    if (!next || next.done) {
      this.#sayState('online')
      this.#counts.births++
      this.#phase = 'live'
      return true
    }
    const entry = this.#submit(next.value, true)
    const { topic } = next.value
    if (topicFault(topic) !== undefined) {
      this.#drop(entry, 'illegal-topic')
    } else if (this.#isGivenUp(next.value)) {
      this.#drop(entry, 'poison')
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
    this.#counts.published++
    this.#window.send(entry)
    this.#sentAt = entry.sentAt
  }

  #settled(entry: QueuedPublication, error: Error | undefined): void {
    if (error) this.#refused(entry, error)
    else {
      this.#counts.acknowledged++
      this.#poison.taken(entry.publication)
      entry.settled?.()
    }
    this.#advance()
  }

  /** The broker says that it does not want it: a right or a quota may come back at once, or never, or by the next run. */
  #refused(entry: QueuedPublication, error: Error): void {
    entry.refusals++
    if (this.#phase === 'stopping') this.#refuse(entry)
    else if (entry.refusals < defaultPoisonPolicy.tries) this.#send(entry)
    else this.#giveUp(entry, error)
  }

  #giveUp(entry: QueuedPublication, error: Error): void {
    const { clock, onPoison } = this.#options
    if (entry.publication.whileAway !== 'latest')
      this.#poison.giveUp(entry.publication, clock.mono())
    this.#drop(entry, 'refused')
    onPoison?.(entry.publication, error.message)
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
    for (const entry of this.#window.reset()) this.#refuse(entry)
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) this.#refuse(entry)
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

  #submit(publication: Publication, birth: boolean, settled?: () => void): QueuedPublication {
    this.#counts.submitted++
    const bytes = queuedBytes(publication)
    const serial = this.#serial++
    return { publication, birth, bytes, serial, settled, sentAt: 0, refusals: 0 }
  }

  #isAway(): boolean {
    return this.#phase === 'idle' || this.#phase === 'away'
  }

  #gone(entry: QueuedPublication, reason: GoneReason): void {
    if (reason === 'superseded') {
      this.#counts.superseded++
      entry.settled?.()
    } else this.#drop(entry, reason)
  }

  /** Nothing is sent any more; who waits for it will publish it again. */
  #refuse(entry: QueuedPublication): void {
    if (entry.settled) this.#counts.givenBack++
    else this.#drop(entry, 'stopped')
  }

  #drop(entry: QueuedPublication, reason: DropReason): void {
    this.#dropped.add(reason)
    entry.settled?.()
  }
}
