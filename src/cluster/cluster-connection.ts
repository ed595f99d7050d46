import { afterTurn, type Clock, setRepeating, type Undo } from '../clock.js'
import type { BrokerConnection, ConnectionHandlers, SendOutcome } from '../transport/index.js'
import type { DeviceStates } from './device-states.js'
import { Partition } from './partition.js'
import {
  endOf,
  type OpenQueues,
  type QueueConnection,
  type QueueEnd,
  QueueError,
  type QueueMessage,
  storeAway,
} from './queue-port.js'
import { surplus } from './share.js'
import type { TakenState } from './state-marks.js'
import type { KeptState, StateStore } from './state-store.js'
import type { Step } from './step.js'
import { type Topology, topicOf } from './topology.js'

export interface ClusterConnectionOptions {
  readonly group: string
  readonly topology: Topology
  /** Frames of one partition that are on their way at once. */
  readonly prefetch: number
  readonly openQueues: OpenQueues
  readonly store: Pick<StateStore, 'state' | 'partitions'>
  /** Resolves once it is known whether the store is there. */
  readonly storeTried: Promise<void>
  readonly states: DeviceStates
  readonly clock: Clock
  /** Shows a message's frame to the doors, as what `step` is about. */
  readonly deliver: (step: Step, show: () => void) => void
  readonly onClaimed: (partition: number, states: readonly TakenState[]) => void
  readonly onLost: (partition: number) => void
  readonly statesOf: (partition: number) => readonly KeptState[]
  readonly onTrouble: (partition: number, code: string, reason: string) => void
}

const RECOVER_MS = 1000
/** How often it is looked at who is there. */
const LOOK_ROUNDS = 5
/** What has been taken is finished within so long, or given back. */
const HAND_OVER_MS = 2000

/** One connection to the queues of all partitions, of which some are ours. */
export class ClusterConnection implements BrokerConnection {
  readonly #options: ClusterConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #partitions: readonly Partition[]
  /** How many shared the partitions when it was looked at last; 0 where somebody has to be woken. */
  #bridges = 0
  readonly #ready = new Set<Partition>()
  #queues: QueueConnection | undefined
  #consuming = false
  #writing = false
  #looking = false
  #rounds = 0
  #closing = false
  #ended = false
  #cancelRounds: Undo = () => {}

  constructor(options: ClusterConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
    const { topology, states, prefetch } = options
    this.#partitions = topology.queues.map((queue, number) => {
      const partition: Partition = new Partition(number, queue, {
        states,
        prefetch,
        openChannel: (onClosed) => this.#there.openChannel(onClosed),
        deliver: (step, message) => options.deliver(step, () => this.#show(step, message)),
        onClaimed: options.onClaimed,
        onLost: options.onLost,
        statesOf: options.statesOf,
        onReady: () => this.#writeSoon(partition),
        onTrouble: options.onTrouble,
      })
      return partition
    })
  }

  /** Begins to connect; what becomes of it is told by the handlers. */
  open(): void {
    this.#connect().catch((error: unknown) => this.#end(endOf(error)))
  }

  get owned(): number {
    return this.#partitions.filter(({ isOurs }) => isOurs).length
  }

  /** Partitions that wait for the state store. */
  get stalled(): number {
    return this.#partitions.filter(({ isStalled }) => isStalled).length
  }

  /** How many bridges share the partitions, this one included. */
  get bridges(): number {
    return Math.max(1, this.#bridges)
  }

  /** Only time has passed for devices of this partition; undefined where it is not ours. */
  begin(partition: number): Step | undefined {
    return this.#partitions[partition]?.begin()
  }

  publish(): void {
    throw new TypeError('nothing is published by the connection that frames come by')
  }

  subscribe(filter: string, _qos: 0 | 1 | 2, done: (outcome: SendOutcome) => void): void {
    this.#there.bind(this.#options.topology, filter).then(
      () => {
        if (this.#ended || this.#closing) return
        done({ ok: true })
        this.#consume()
      },
      (error: unknown) => {
        if (!this.#ended) done({ ok: false, reason: endOf(error).reason })
      },
    )
  }

  /** Others of the group go on with what it leads to the queues. */
  unsubscribe(): void {}

  close(): void {
    if (this.#ended || this.#closing) return
    this.#closing = true
    this.#handOver().then(
      () => this.#end({ code: 'stopped', reason: 'stopped' }),
      (error: unknown) => this.#end(endOf(error)),
    )
  }

  abort(): void {
    this.#end({ code: 'aborted', reason: 'given up' })
  }

  async #connect(): Promise<void> {
    const { store, storeTried, states, topology, openQueues, group } = this.#options
    await storeTried
    if (this.#ended || this.#closing) return
    if (store.state.kind === 'away') throw storeAway(store.state.reason)
    const queues = await openQueues((end) => this.#end(end))
    this.#queues = queues
    if (this.#ended) {
      queues.abort()
      return
    }
    const wanted = topology.queues.length
    const there = await store.partitions(wanted)
    if (there !== wanted) {
      const reason =
        there === 0
          ? `the group ${group} shares its devices by their topics (cluster.mqtt): take another group`
          : `the group ${group} has ${there} partitions, cluster.partitions says ${wanted}: the number of a group cannot change`
      throw new QueueError('partitions', reason)
    }
    await states.hearTime()
    await queues.declare(topology)
    if (this.#ended || this.#closing) return
    this.#handlers.onConnected(true)
  }

  /** Once the first filter is bound: from then on there is somebody to show frames to. */
  #consume(): void {
    if (this.#consuming) return
    this.#consuming = true
    this.#cancelRounds = setRepeating(this.#options.clock, RECOVER_MS, () => this.#round())
    for (const partition of this.#partitions) this.#join(partition)
  }

  #join(partition: Partition): void {
    partition.join().then(
      () => this.#tick(partition),
      (error: unknown) => this.#complain(partition, error),
    )
  }

  /** Whoever has the queue now hears of it, also where no device sends. */
  #tick({ number }: Partition): void {
    const { queues } = this.#options.topology
    this.#there.tick(queues[number] ?? '').catch(() => {
      // The next look sends another.
      this.#bridges = 0
    })
  }

  #show(step: Step, { routingKey, payload, again }: QueueMessage): void {
    const hold = () => step.hold()
    const topic = topicOf(routingKey)
    this.#handlers.onMessage({ topic, payload, qos: 1, retain: false, again, hold })
  }

  #writeSoon(partition: Partition): void {
    this.#ready.add(partition)
    if (this.#writing) return
    this.#writing = true
    // After this turn: what the broker has acknowledged in one packet is written in one batch.
    afterTurn(() => void this.#writeAll())
  }

  /** One batch after the other, each with what has become ready meanwhile. */
  async #writeAll(): Promise<void> {
    while (this.#ready.size > 0) {
      const ready = [...this.#ready].filter(({ isReady }) => isReady)
      this.#ready.clear()
      await Promise.all(ready.map((partition) => partition.write()))
    }
    this.#writing = false
  }

  #round(): void {
    if (this.#closing) return
    if (this.#options.store.state.kind === 'up')
      for (const partition of this.#partitions) void partition.recover()
    if (this.#rounds++ % LOOK_ROUNDS > 0 || this.#looking) return
    this.#looking = true
    this.#look()
      .catch(() => {
        // The connection is lost, which is told by itself, or the store is away, which the next look may find changed.
      })
      .finally(() => {
        this.#looking = false
      })
  }

  /** Looks who is there, and gives away what is above our share. */
  async #look(): Promise<void> {
    const { states, topology, store } = this.#options
    const bridges = await this.#there.bridges(topology)
    const changed = bridges !== this.#bridges
    this.#bridges = bridges
    for (const partition of this.#partitions) {
      if (partition.phase === 'closed') this.#join(partition)
      else if (changed && !partition.isOurs) this.#tick(partition)
    }
    if (store.state.kind === 'up') await states.hearTime()
    const owned = this.#partitions.filter(({ phase }) => phase === 'owned')
    const numbers = owned.map(({ number }) => number)
    const tooMany = new Set(surplus(numbers, this.#partitions.length, this.bridges))
    await this.#inTime((deadline) =>
      Promise.all(
        owned
          .filter(({ number }) => tooMany.has(number))
          .map(async (partition) => {
            await partition.leave(deadline)
            // At the end of the line, for when whoever has it now goes.
            if (!this.#closing && !this.#ended) this.#join(partition)
          }),
      ),
    )
  }

  async #handOver(): Promise<void> {
    this.#cancelRounds()
    await this.#inTime((deadline) =>
      Promise.all(this.#partitions.map((partition) => partition.leave(deadline))),
    )
    await this.#inTime((deadline) => Promise.race([this.#queues?.close(), deadline]))
  }

  /** Does something with a deadline, which is over with it: a timer that nobody needs would keep the process. */
  async #inTime(work: (deadline: Promise<void>) => Promise<unknown>): Promise<void> {
    let cancel: Undo = () => {}
    const deadline = new Promise<void>((resolve) => {
      cancel = this.#options.clock.setTimer(HAND_OVER_MS, resolve)
    })
    await work(deadline).finally(() => cancel())
  }

  #end({ code, reason }: QueueEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancelRounds()
    for (const partition of this.#partitions) partition.drop()
    this.#queues?.abort()
    // Never from within a call of ours: whoever hears it may make another connection.
    queueMicrotask(() => this.#handlers.onClosed({ code, reason }))
  }

  #complain({ number }: Partition, error: unknown): void {
    const { code, reason } = endOf(error)
    if (!this.#ended) this.#options.onTrouble(number, code, reason)
  }

  get #there(): QueueConnection {
    if (!this.#queues) throw new TypeError('not connected')
    return this.#queues
  }
}
