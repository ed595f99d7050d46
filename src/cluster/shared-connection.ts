import { type Clock, setRepeating, type Undo } from '../clock.js'
import type {
  BrokerConnection,
  BrokerDoor,
  ConnectionHandlers,
  IncomingMessage,
  SendOutcome,
} from '../transport/index.js'
import type { LaneMessage } from './lane.js'
import { LaneDesk, type LaneDeskOptions } from './lane-desk.js'
import type { LaneStore } from './lane-store.js'
import { endOf, type QueueEnd, QueueError, storeAway } from './queue-port.js'
import type { Step } from './step.js'

/** Under way from the beginning. */
export interface Probe {
  /** Rejects where the broker cannot be used. */
  readonly result: Promise<void>
  cancel(): void
}

export interface SharedConnectionOptions extends Omit<LaneDeskOptions, 'store' | 'deliver'> {
  readonly group: string
  readonly store: Omit<LaneStore, 'start' | 'stop'>
  /** Resolves once it is known whether the store is there. */
  readonly storeTried: Promise<void>
  /** The way to the broker; what is subscribed there is shared with the others of the group. */
  readonly door: BrokerDoor
  /** Finds out whether the broker deals messages as it has to. */
  readonly probe: () => Probe
  readonly clock: Clock
  /** Shows a message's frame to the doors, as what `step` is about. */
  readonly deliver: (step: Step, show: () => void) => void
}

const ROUND_MS = 1000
/** Who has not looked at the clock for so long was paused, and the broker may have given our messages to others. */
const ASLEEP_MS = 10_000
/** So many messages of QoS 0 wait at most: no broker holds back what it needs no acknowledgement for. */
const MOST_UNKEPT = 10_000
/** What has been taken is finished within so long, or given back. */
const HAND_OVER_MS = 2000

/** One connection to a broker that deals the messages of each topic to one of those who share a subscription. */
export class SharedConnection implements BrokerConnection {
  readonly #options: SharedConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #desk: LaneDesk
  #probe: Probe | undefined
  #base: BrokerConnection | undefined
  #isOpen = false
  #unkept = 0
  #dropped = 0
  #lastRound: number
  #closing = false
  #ended = false
  #cancelRounds: Undo = () => {}
  /** Why it is given up. */
  #why: QueueEnd | undefined

  constructor(options: SharedConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#lastRound = options.clock.mono()
    const deliver = (step: Step, message: LaneMessage) =>
      options.deliver(step, () => this.#show(step, message))
    this.#desk = new LaneDesk({ ...options, deliver })
  }

  /** What of it is whose. */
  get desk(): Pick<LaneDesk, 'owned' | 'stalled' | 'swinging' | 'topicOf' | 'begin'> {
    return this.#desk
  }

  /** Messages of QoS 0 that came faster than their states could be had. */
  get dropped(): number {
    return this.#dropped
  }

  /** Begins to connect; what becomes of it is told by the handlers. */
  open(): void {
    this.#connect().catch((error: unknown) => this.#end(endOf(error)))
  }

  publish(): void {
    throw new TypeError('nothing is published by the connection that frames come by')
  }

  subscribe(filter: string, _qos: 0 | 1 | 2, done: (outcome: SendOutcome) => void): void {
    this.#base?.subscribe(filter, 1, done)
  }

  unsubscribe(filter: string): void {
    this.#base?.unsubscribe(filter)
  }

  close(): void {
    if (this.#ended || this.#closing) return
    this.#closing = true
    if (!this.#isOpen) {
      this.#giveUp('stopped', 'stopped')
      return
    }
    // Still subscribed: others would get what comes from now on before they get what we shall not have taken.
    this.#handOver().then(
      () => this.#base?.close(),
      (error: unknown) => this.#end(endOf(error)),
    )
  }

  abort(): void {
    this.#giveUp('aborted', 'given up')
  }

  async #connect(): Promise<void> {
    const { store, storeTried, marks, group, probe, door } = this.#options
    await storeTried
    if (this.#ended) return
    if (store.state.kind === 'away') throw storeAway(store.state.reason)
    const partitions = await store.partitions()
    if (partitions > 0) {
      const reason = `the group ${group} shares its devices by ${partitions} partitions (cluster.amqp): take another group`
      throw new QueueError('partitions', reason)
    }
    marks.hear(await store.time())
    if (this.#ended) return
    this.#probe = probe()
    await this.#probe.result
    if (this.#ended) return
    this.#base = door.open({
      onConnected: () => {
        if (this.#ended) return
        this.#isOpen = true
        this.#lastRound = this.#options.clock.mono()
        this.#cancelRounds = setRepeating(this.#options.clock, ROUND_MS, () => this.#round())
        this.#handlers.onConnected(false)
      },
      onMessage: (message) => this.#receive(message),
      onClosed: (end) => this.#end(this.#why ?? end),
    })
  }

  #receive({ topic, payload, qos, retain, again = false, hold }: IncomingMessage): void {
    if (this.#ended || this.#wasAsleep()) return
    const acknowledge = hold ? hold() : this.#letIn()
    if (!acknowledge) return
    this.#desk.receive({
      topic,
      // It is only lent.
      payload: Uint8Array.from(payload),
      qos,
      retain,
      again,
      acknowledge,
    })
  }

  /** Lets a message in that nobody keeps; undefined where too many of them wait. */
  #letIn(): (() => void) | undefined {
    if (this.#unkept >= MOST_UNKEPT) {
      this.#dropped++
      return undefined
    }
    this.#unkept++
    return () => {
      this.#unkept--
    }
  }

  #show(step: Step, { acknowledge: _, ...message }: LaneMessage): void {
    this.#handlers.onMessage({ ...message, hold: () => step.hold() })
  }

  #round(): void {
    if (this.#wasAsleep()) return
    this.#lastRound = this.#options.clock.mono()
    this.#desk.round()
  }

  /** Gives the connection up where we were paused: what it has brought since may be somebody else's by now. */
  #wasAsleep(): boolean {
    const asleepMs = this.#options.clock.mono() - this.#lastRound
    if (asleepMs < ASLEEP_MS) return false
    const reason = `this bridge was paused for ${Math.round(asleepMs / 1000)} s: others may have its devices`
    this.#giveUp('paused', reason)
    return true
  }

  async #handOver(): Promise<void> {
    let cancel: Undo = () => {}
    const deadline = new Promise<void>((resolve) => {
      cancel = this.#options.clock.setTimer(HAND_OVER_MS, resolve)
    })
    await this.#desk.finish(deadline).finally(() => cancel())
  }

  #giveUp(code: string, reason: string): void {
    this.#why ??= { code, reason }
    // Before anything more of it is published or written.
    this.#desk.drop()
    if (this.#base) this.#base.abort()
    else this.#end(this.#why)
  }

  #end({ code, reason }: QueueEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelRounds()
    this.#probe?.cancel()
    this.#desk.drop()
    // Never from within a call of ours: whoever hears it may make another connection.
    queueMicrotask(() => this.#handlers.onClosed({ code, reason }))
  }
}
