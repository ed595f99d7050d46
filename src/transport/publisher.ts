import type { Undo } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'
import { topicFault } from '../topic-filter.js'
import { Birth } from './birth.js'
import { Drain } from './drain.js'
import { OutletRoom, StateRoom } from './outlet-room.js'
import { PublicationQueue, type QueuedPublication, queuedBytes } from './publication-queue.js'
import { PublishWindow } from './publish-window.js'
import { publisherCheck } from './publisher-check.js'
import { PublisherLedger } from './publisher-ledger.js'
import {
  defaultPublisherLimits,
  type PublisherCounters,
  type PublisherLimits,
  type PublisherOptions,
} from './publisher-options.js'
import { isAway, isHere, type Phase } from './publisher-phase.js'
import { type Refusal, Rejections } from './rejections.js'
import type { SourceState } from './source.js'

/** Carries publications to the broker: in order, inside a window, with a birth at every connect. */
export class Publisher implements HealthCheckable {
  readonly #options: PublisherOptions
  readonly #limits: PublisherLimits
  readonly #queue: PublicationQueue
  readonly #window: PublishWindow
  readonly #room: OutletRoom
  readonly #stateRoom: StateRoom
  readonly #drain: Drain
  readonly #ledger = new PublisherLedger()
  readonly #rejections: Rejections
  #sentAt = 0
  #phase: Phase = 'idle'
  #serial = 0
  #birth: Birth | undefined
  #advancing = false
  #undoLink: Undo = () => {}
  #cancelPreparing: Undo = () => {}
  #stopping: Promise<void> | undefined

  constructor(options: PublisherOptions) {
    const { link, clock } = options
    this.#options = options
    this.#limits = { ...defaultPublisherLimits, ...options.limits }
    this.#queue = new PublicationQueue(this.#limits.queueBytes, (entry, reason) =>
      this.#ledger.leave(entry, reason),
    )
    this.#room = new OutletRoom(this.#queue, this.#limits, () => clock.mono())
    this.#stateRoom = new StateRoom(this.#queue, this.#limits)
    this.#drain = new Drain(clock)
    this.#rejections = new Rejections({
      clock,
      offer: (state) => this.#offer(state),
      onPoison: options.onPoison,
    })
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
    this.#rejections.replaces(publication)
    if (topicFault(publication.topic) !== undefined) this.#ledger.drop(entry, 'illegal-topic')
    else if (this.#rejections.isGivenUp(publication)) this.#ledger.drop(entry, 'poison')
    else if (this.#phase === 'stopping' || this.#phase === 'stopped') this.#ledger.stop(entry)
    else if (isAway(this.#phase) && publication.whileAway === 'drop')
      this.#ledger.drop(entry, 'away')
    else this.#queue.push(entry)
    this.#advance()
  }

  /** Takes back what waits and would settle these: somebody else says it. */
  withdraw(unwanted: ReadonlySet<() => void>): void {
    this.#ledger.counts.givenBack += this.#queue.giveBackAwaited(unwanted)
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
      ...this.#ledger.snapshot(),
      queuedMessages: this.#queue.size,
      queuedBytes: this.#queue.bytes,
      inFlight: this.#window.size,
    }
  }

  healthCheck(now: number): HealthCheck {
    const latencyMs = this.#window.latencyMs(now)
    const { state } = this.#options.link
    return publisherCheck(state, this.#queue.size, latencyMs, now, this.#rejections.complaint(now))
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
    this.#ledger.counts.connectionsLost++
    this.#cancelPreparing()
    this.#birth = undefined
    if (this.#phase !== 'stopping') this.#phase = 'away'
    const { turnsAway } = this.#window
    const onTheirWay = this.#window.reset()
    if (!turnsAway) this.#suspect(onTheirWay)
    this.#ledger.counts.superseded += onTheirWay.filter((entry) => entry.birth).length
    const { onLost } = this.#options
    const isGivenBack = (entry: QueuedPublication) =>
      onLost !== undefined && entry.settled !== undefined
    this.#ledger.counts.givenBack += onTheirWay.filter(isGivenBack).length
    this.#queue.putBack(onTheirWay.filter((entry) => !entry.birth && !isGivenBack(entry)))
    if (onLost) this.#ledger.counts.givenBack += this.#queue.giveBackAwaited()
    this.#queue.dropTransient()
    this.#drain.end()
    onLost?.()
  }

  /** A connection that is lost over and over with the same publication on its way is lost because of it. */
  #suspect(onTheirWay: QueuedPublication[]): void {
    const { clock, link } = this.#options
    const [oldest] = onTheirWay
    const loss = this.#rejections.lost(oldest?.publication, clock.mono() - this.#sentAt)
    if (loss === 'give-up' && oldest) {
      onTheirWay.shift()
      this.#ledger.drop(oldest, 'poison')
    }
    if (loss !== 'nothing') link.hasten?.()
  }

  /** A state that was refused is said again; not beside a birth, which may be about to say something newer. */
  #offer(state: Publication): boolean {
    const isLive = this.#phase === 'live'
    if (isLive) this.publish(state)
    return isLive
  }

  /** Sends what may be sent now. Acknowledgements can come while it runs, so it never runs inside itself. */
  #advance(): void {
    if (this.#advancing) return
    this.#advancing = true
    while (this.#sendNext()) {}
    this.#advancing = false
    if (this.#queue.unheld === 0 && this.#window.size === 0) this.#drain.end()
    // After the loop, so that who hears of room may publish at once.
    const isRoomBack = this.#room.isBack(this.#isExpected())
    if (this.#stateRoom.isBack(this.#phase === 'live') || isRoomBack) this.#options.onRoom?.()
  }

  #sendNext(): boolean {
    if (this.#phase === 'birth' && this.#birth) return this.#sendBeside(this.#birth)
    if (this.#phase !== 'live' && this.#phase !== 'stopping') return false
    if (this.#isFull()) return false
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
    if (!birth.hasSaid(this.#limits.birthAheadBytes) || this.#isFull()) return false
    const entry = this.#queue.shiftLined()
    if (!entry) return false
    birth.yieldTurn()
    this.#send(entry)
    return true
  }

  /** Whether no more may leave: what waited in the link would not be held there behind one that is refused. */
  #isFull(): boolean {
    const { window } = this.#limits
    const most = Math.min(window, this.#options.link.mostUnacknowledged ?? window)
    return this.#window.size >= (this.#rejections.isolating ? 1 : most)
  }

  #sendBirth(birth: Birth): boolean {
    const { birthWindow, birthWindowBytes } = this.#limits
    if (this.#isFull() || !this.#window.isBirthBelow(birthWindowBytes, birthWindow)) return false
    const next = birth.next()
    if (!next) {
      this.#birth = undefined
      this.#sayState('online')
      this.#ledger.counts.births++
      this.#phase = 'live'
      this.#options.onBorn?.()
      return true
    }
    const entry = this.#submit(next, true)
    this.#rejections.replaces(next)
    if (topicFault(next.topic) !== undefined) this.#ledger.drop(entry, 'illegal-topic')
    else if (this.#rejections.isGivenUp(next)) this.#ledger.drop(entry, 'poison')
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
    this.#ledger.counts.published++
    this.#window.send(entry)
    this.#sentAt = entry.sentAt
  }

  #settled(entry: QueuedPublication, error: Error | undefined): void {
    const { topic } = entry.publication
    if (error) this.#refused(entry, error)
    else {
      this.#rejections.taken(entry.publication)
      this.#queue.taken(topic)
      this.#ledger.acknowledge(entry)
    }
    if (this.#queue.holds(topic)) this.#goOn(topic)
    this.#advance()
  }

  /** What was refused of a topic goes first, one at a time; where this run ends, with the next one. */
  #goOn(topic: string): void {
    if (this.#phase === 'stopping' || this.#window.carries(topic)) return
    const next = this.#queue.shiftHeld(topic, this.#options.clock.mono())
    if (next) this.#send(next)
  }

  #refused(entry: QueuedPublication, error: Error): void {
    entry.refusals++
    if (this.#phase === 'stopping') this.#holdOr(entry, () => this.#ledger.stop(entry))
    // Sent again it would come behind that, and be what the broker holds.
    else if (this.#hasNewer(entry)) this.#ledger.supersede(entry)
    else this.#follow(this.#rejections.refused(entry, error), entry, error)
  }

  #follow(refusal: Refusal, entry: QueuedPublication, { message }: Error): void {
    if (refusal === 'send-again') this.#holdOr(entry, () => this.#send(entry))
    else if (refusal === 'gone') {
      this.#queue.giveUp(entry.publication.topic)
      this.#ledger.drop(entry, 'refused')
    } else {
      this.#window.turnAway(entry)
      this.#options.link.drop('quota-exceeded', message)
    }
  }

  #holdOr(entry: QueuedPublication, otherwise: () => void): void {
    if (!this.#queue.hold(entry, this.#options.clock.mono())) otherwise()
  }

  /** Whether a newer state of the same topic waits, or is on its way. */
  #hasNewer({ publication: { topic, whileAway } }: QueuedPublication): boolean {
    return whileAway === 'latest' && (this.#queue.holdsState(topic) || this.#window.carries(topic))
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
    this.#rejections.close()
    for (const entry of this.#window.reset()) this.#ledger.stop(entry)
    this.#queue.putBack([])
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift())
      this.#ledger.stop(entry)
    await link.stop()
  }

  #submit(publication: Publication, birth: boolean, settled?: () => void): QueuedPublication {
    this.#ledger.counts.submitted++
    const bytes = queuedBytes(publication)
    const serial = this.#serial++
    return { publication, birth, bytes, serial, settled, sentAt: 0, sentAs: 0, refusals: 0 }
  }

  /** Whether the broker is there or, when everything begins, about to be: what waits for it will soon leave. */
  #isExpected(): boolean {
    if (isHere(this.#phase)) return true
    const isFirst = this.#ledger.counts.births === 0 && this.#ledger.counts.connectionsLost === 0
    return isFirst && this.#phase === 'away' && this.#options.link.state.kind === 'opening'
  }
}
