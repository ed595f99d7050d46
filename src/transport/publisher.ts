import type { Undo } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import { topicFault } from '../topic-filter.js'
import { Birth } from './birth.js'
import { reasonCode } from './broker-trouble.js'
import { Drain } from './drain.js'
import { OutletRoom, StateRoom } from './outlet-room.js'
import { defaultPoisonPolicy, PoisonWatch } from './poison-watch.js'
import {
  type GoneReason,
  PublicationQueue,
  type QueuedPublication,
  queuedBytes,
} from './publication-queue.js'
import { PublishWindow } from './publish-window.js'
import { publisherCheck } from './publisher-check.js'
import {
  type DropReason,
  defaultPublisherLimits,
  noCounts,
  type PublisherCounters,
  type PublisherLimits,
  type PublisherOptions,
} from './publisher-options.js'
import { isAway, isHere, type Phase } from './publisher-phase.js'
import type { SourceState } from './source.js'
import { ReasonCounts } from './source-counters.js'

/** Carries publications to the broker: in order, inside a window, with a birth at every connect. */
export class Publisher implements HealthCheckable {
  readonly #options: PublisherOptions
  readonly #limits: PublisherLimits
  readonly #queue: PublicationQueue
  readonly #window: PublishWindow
  readonly #room: OutletRoom
  readonly #stateRoom: StateRoom
  readonly #drain: Drain
  readonly #dropped = new ReasonCounts()
  readonly #poison = new PoisonWatch()
  #sentAt = 0
  #phase: Phase = 'idle'
  #serial = 0
  #birth: Birth | undefined
  #advancing = false
  #undoLink: Undo = () => {}
  #cancelPreparing: Undo = () => {}
  #stopping: Promise<void> | undefined
  readonly #counts = noCounts()

  constructor(options: PublisherOptions) {
    const { link, clock } = options
    this.#options = options
    this.#limits = { ...defaultPublisherLimits, ...options.limits }
    this.#queue = new PublicationQueue(this.#limits.queueBytes, (entry, reason) =>
      this.#gone(entry, reason),
    )
    this.#room = new OutletRoom(this.#queue, this.#limits, () => clock.mono())
    this.#stateRoom = new StateRoom(this.#queue, this.#limits)
    this.#drain = new Drain(clock)
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
    else if (isAway(this.#phase) && publication.whileAway === 'drop') this.#drop(entry, 'away')
    else this.#queue.push(entry)
    this.#advance()
  }

  /** Takes back what waits and would settle these: somebody else says it. */
  withdraw(unwanted: ReadonlySet<() => void>): void {
    this.#counts.givenBack += this.#queue.giveBackAwaited(unwanted)
  }

  /** Whether more may be published of what can wait elsewhere. */
  room(): boolean {
    return this.#room.has(this.#isExpected(), this.#serial)
  }

  /** Whether more may be published of states of which only the last one counts. A birth says all of them. */
  stateRoom(): boolean {
    return this.#stateRoom.has(this.#phase === 'live')
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
    const latencyMs = this.#window.latencyMs(now)
    return publisherCheck(this.#options.link.state, this.#queue.size, latencyMs, now)
  }

  #linkChanged(state: SourceState): void {
    if (state.kind === 'open') this.#prepareBirth()
    else if (!isAway(this.#phase)) this.#lost()
  }

  #prepareBirth(): void {
    if (!isAway(this.#phase)) return
    this.#phase = 'preparing'
    let waiting = true
    const begin = () => {
      if (!waiting) return
      waiting = false
      this.#cancelPreparing()
      this.#birth = new Birth(this.#options.retained(), this.#serial)
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
    const { turnsAway } = this.#window
    const onTheirWay = this.#window.reset()
    if (!turnsAway) this.#suspect(onTheirWay)
    this.#counts.superseded += onTheirWay.filter((entry) => entry.birth).length
    const { onLost } = this.#options
    const isGivenBack = (entry: QueuedPublication) =>
      onLost !== undefined && entry.settled !== undefined
    this.#counts.givenBack += onTheirWay.filter(isGivenBack).length
    this.#queue.putBack(onTheirWay.filter((entry) => !entry.birth && !isGivenBack(entry)))
    if (onLost) this.#counts.givenBack += this.#queue.giveBackAwaited()
    this.#queue.dropTransient()
    this.#drain.end()
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
    if (this.#queue.size === 0 && this.#window.size === 0) this.#drain.end()
    // After the loop, so that who hears of room may publish at once.
    const isRoomBack = this.#room.isBack(this.#isExpected())
    if (this.#stateRoom.isBack(this.#phase === 'live') || isRoomBack) this.#options.onRoom?.()
  }

  #sendNext(): boolean {
    if (this.#phase === 'birth' && this.#birth) return this.#sendBeside(this.#birth)
    if (this.#phase !== 'live' && this.#phase !== 'stopping') return false
    if (this.#window.size >= this.#mostOnTheirWay(this.#limits.window)) return false
    const entry = this.#queue.shift()
    if (entry) this.#send(entry)
    return entry !== undefined
  }

  /** Of a long birth and what else is to leave neither waits for all of the other. */
  #sendBeside(birth: Birth): boolean {
    if (birth.spokeLast && this.#sendLined(birth)) return true
    return this.#sendBirth(birth) || this.#sendLined(birth)
  }

  #sendLined(birth: Birth): boolean {
    const { birthAheadBytes, window } = this.#limits
    if (!birth.hasSaid(birthAheadBytes) || this.#window.size >= this.#mostOnTheirWay(window))
      return false
    const entry = this.#queue.shiftLined()
    if (!entry) return false
    birth.yieldTurn()
    this.#send(entry)
    return true
  }

  #mostOnTheirWay(window: number): number {
    return this.#poison.isolating ? 1 : window
  }

  #sendBirth(birth: Birth): boolean {
    const { birthWindow, birthWindowBytes, window } = this.#limits
    if (!this.#window.isBirthBelow(birthWindowBytes, birthWindow)) return false
    if (this.#window.size >= this.#mostOnTheirWay(window)) return false
    const next = birth.next()
    if (!next) {
      this.#birth = undefined
      this.#sayState('online')
      this.#counts.births++
      this.#phase = 'live'
      this.#options.onBorn?.()
      return true
    }
    const entry = this.#submit(next, true)
    if (topicFault(next.topic) !== undefined) this.#drop(entry, 'illegal-topic')
    else if (this.#isGivenUp(next)) this.#drop(entry, 'poison')
    else {
      // Whatever waited for this topic is older than what the walk yields now.
      this.#queue.supersede(next.topic, birth.serial)
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
    const { clock, link, onPoison } = this.#options
    const { publication } = entry
    if (!this.#poison.refused(publication, reasonCode(error), clock.mono())) {
      // It is not this one: the broker takes nothing now, and is asked again later.
      this.#window.turnAway(entry)
      link.drop('quota-exceeded', error.message)
      return
    }
    this.#drop(entry, 'refused')
    onPoison?.(publication, error.message)
  }

  async #shutDown(): Promise<void> {
    const { link } = this.#options
    if (isHere(this.#phase)) {
      this.#cancelPreparing()
      this.#phase = 'stopping'
      const drained = () => this.#drain.wait(this.#limits.stopMs / 2, () => this.#advance())
      await drained()
      if (link.state.kind === 'open') {
        this.#sayState('offline')
        await drained()
      }
    }
    this.#undoLink()
    this.#phase = 'stopped'
    for (const entry of this.#window.reset()) this.#refuse(entry)
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) this.#refuse(entry)
    await link.stop()
  }

  #submit(publication: Publication, birth: boolean, settled?: () => void): QueuedPublication {
    this.#counts.submitted++
    const bytes = queuedBytes(publication)
    const serial = this.#serial++
    return { publication, birth, bytes, serial, settled, sentAt: 0, sentAs: 0, refusals: 0 }
  }

  /** Whether the broker is there or, when everything begins, about to be: what waits for it will soon leave. */
  #isExpected(): boolean {
    if (isHere(this.#phase)) return true
    const isFirst = this.#counts.births === 0 && this.#counts.connectionsLost === 0
    return isFirst && this.#phase === 'away' && this.#options.link.state.kind === 'opening'
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
