import type { Clock } from '../clock.js'
import type {
  DeviceSession,
  Fleet,
  FleetHandlers,
  FleetOrder,
  OrderOutcome,
  PlanDocument,
  Verdict,
} from '../device/index.js'
import type { Frame } from '../framing/index.js'
import type { JournalEntry, JournalState } from '../journal/index.js'
import type { Log } from '../log.js'
import { isoTime, type Publication } from '../outputs/index.js'
import type { HealthCheckable } from '../resilience/index.js'
import { Backlog, type Pass } from './backlog.js'
import { beginPlan, MODEL_CHANGED, makeWhole, type Obey } from './begin-journal.js'
import type { BridgeMemory } from './bridge-memory.js'
import { Delivery, type DeliveryWords, type Outlet } from './delivery.js'
import { DropNotes } from './drop-notes.js'
import type { InputGate } from './input-gate.js'
import type { Intake } from './intake.js'
import { journalCheck } from './journal-check.js'
import { KNOWN_FRAMES, KnownFrames } from './known-frames.js'
import { type HeldInput, type OnObeyed, Orders } from './orders.js'
import type { OverflowPolicy } from './overflow.js'
import { restoreFleet } from './restore-fleet.js'
import { Settlement } from './settlement.js'
import { StateSaving } from './state-saving.js'
import { Thinning } from './thinning.js'
import { WholeStory } from './whole-story.js'

export interface JournaledIntakeOptions {
  readonly memory: BridgeMemory
  /** The live fleet. */
  readonly fleet: Fleet
  /** One more fleet of the same devices, without a past. */
  readonly openFleet: (handlers: FleetHandlers) => Fleet
  readonly outlet: Outlet
  readonly words: DeliveryWords
  readonly aside: (verdict: Verdict, session: DeviceSession) => void
  readonly gate: InputGate
  readonly overflow: OverflowPolicy
  /** What `thin` leaves of a device: one frame in so much time. */
  readonly thinIntervalMs?: number | undefined
  /** The devices as they are configured; default: as they were before. */
  readonly plan?: PlanDocument | undefined
  readonly clock: Clock
  readonly log: Log
}

/** A backlog does not go further ahead of the written checkpoint: a window, and what settles while it is written. */
const MOST_REPEATED = 384
/** Inputs that were shut because the journal was full open again when it is only so full. */
const REOPEN_FILL = 0.5

/** Frames are safe in the journal before they are decoded; their readings go out from there if need be. */
export class JournaledIntake implements Intake {
  readonly checkables: readonly HealthCheckable[]
  readonly #options: JournaledIntakeOptions
  readonly #delivery: Delivery
  readonly #settlement: Settlement
  readonly #saving: StateSaving
  readonly #thinning: Thinning
  readonly #drops: DropNotes
  readonly #known = new KnownFrames()
  readonly #orders = new Orders()
  readonly #story: WholeStory
  /** The plan that was ordered last. */
  #plan: PlanDocument | undefined
  #backlog: Backlog | undefined
  #bringing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: JournaledIntakeOptions) {
    const { memory, fleet, outlet, words, aside, clock } = options
    const { journal } = memory
    this.#options = options
    this.#drops = new DropNotes({ ...options, journal })
    this.checkables = [{ healthCheck: (now) => journalCheck(journal, this.#waiting, now) }]
    this.#settlement = new Settlement(memory.checkpoint, (ordinal) => journal.checkpoint(ordinal))
    const onBehind = () => this.#bringBacklog()
    const settlement = this.#settlement
    this.#delivery = new Delivery({ live: fleet, outlet, words, settlement, aside, onBehind })
    this.#thinning = new Thinning({
      store: memory.thinned,
      intervalMs: options.thinIntervalMs,
      words,
      publish: (publication, settled) => outlet.publish(publication, settled),
    })
    this.#story = new WholeStory({
      journal,
      fleet,
      clock,
      // One that is on its way comes before this, and must not be taken back.
      orderPlan: () => this.#send({ do: 'plan', plan: this.#plan ?? fleet.document }),
      release: () => this.#takeIn(this.#orders.release()),
    })
    this.#saving = new StateSaving({
      ...options,
      handled: () => this.#delivery.handled,
      read: () => this.#backlog?.at,
    })
  }

  async start(): Promise<void> {
    const { memory, fleet, log, plan } = this.#options
    this.#drops.start()
    const replay = (entry: JournalEntry) => this.#delivery.replay(entry)
    const know = (entry: JournalEntry) => this.#know(entry)
    const forgotten = await restoreFleet(memory, fleet, replay, know, KNOWN_FRAMES)
    if (forgotten.length > 0) log.info({ devices: forgotten }, MODEL_CHANGED)
    this.#delivery.resume(memory.journal.lastOrdinal)
    if (this.#thinning.waiting && !this.#delivery.behind) this.#delivery.fallBehind()
    memory.listen({
      onEntries: (entries) => this.#handle(entries),
      // What comes after entries that were lost is decoded from what the live fleet knows.
      onHole: () => this.#story.tell(),
      onState: (state) => this.#journalChanged(state),
      onCheckpoint: () => this.#backlog?.wake(),
      onDamaged: (file) => log.warn({ ...file }, 'damaged journal segment is not used'),
      onLost: (range) => log.error({ ...range }, 'journal entries lost'),
    })
    this.#saving.start()
    // Before any key is given: a next run may be under another plan, and has to know this one.
    if (!memory.hadSnapshot) await this.#saving.saveNow()
    const obey: Obey = (order) => new Promise((resolve) => this.order(order, resolve))
    await makeWhole(memory, obey, () => this.#story.tell(), log)
    // Where the disk did not take it, the journal itself says so.
    if (this.#saving.isFailing) await obey({ do: 'plan', plan: fleet.document })
    await beginPlan(plan, fleet, obey, log)
  }

  accept(frame: Frame, taken?: () => void, again = false): boolean {
    const { fleet, memory, overflow } = this.#options
    if (this.#orders.planned || this.#story.isTelling)
      return this.#orders.hold({ frame, taken, again }) || this.#refuse(frame, taken)
    if (again && this.#known.has(frame)) {
      if (taken) memory.journal.confirm(taken)
      return false
    }
    if (!fleet.admits(frame)) {
      taken?.()
      return false
    }
    if (overflow.refusesNewest && this.#full) return this.#refuse(frame, taken)
    memory.journal.append(frame, taken)
    return true
  }

  #refuse({ device }: Frame, taken: (() => void) | undefined): false {
    this.#drops.refuse(device, taken)
    return false
  }

  order(order: FleetOrder, done?: OnObeyed): void {
    if (this.#story.isTelling) this.#orders.holdOrder({ order, done })
    else this.#send(order, done)
  }

  #send(order: FleetOrder, done?: OnObeyed): void {
    const { memory, clock } = this.#options
    this.#orders.sent(order, done)
    if (order.do === 'plan') this.#plan = order.plan as PlanDocument
    memory.journal.note({ kind: 'order', order, mono: clock.mono(), wall: clock.wall() })
  }

  obeyed(outcome: OrderOutcome): void {
    this.#takeIn({ orders: [], frames: this.#orders.obeyed(outcome) })
  }

  #takeIn({ orders, frames }: HeldInput): void {
    for (const { order, done } of orders) this.order(order, done)
    for (const { frame, taken, again } of frames) this.accept(frame, taken, again)
  }

  verdict(verdict: Verdict, session: DeviceSession): void {
    this.#delivery.verdict(verdict, session)
  }

  roomMade(): void {
    this.#backlog?.wake()
  }

  outletLost(): void {
    // Where nothing was on its way, nothing is lost.
    if (this.#thinning.lost() || this.#delivery.behind || this.#settlement.open > 0)
      this.#delivery.fallBehind()
  }

  gaveUp({ topic, payload }: Publication, reason: string): void {
    const { memory, clock, log } = this.#options
    const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString('hex')
    void memory.deadLetters.keep({ ts: isoTime(clock.wall()), topic, reason, payload: text })
    log.error({ topic, reason }, 'publication given up: it is kept among the dead letters')
  }

  sweep(): void {
    const { gate, overflow, clock } = this.#options
    const { fill, idle } = this.#options.memory.journal
    this.#delivery.release(idle, clock.mono())
    const { behind } = this.#delivery
    // What has left makes room only behind a snapshot: where that matters it does not wait for its time.
    if (fill > REOPEN_FILL && !behind) this.#saving.saveSoon()
    if (overflow.blocksInputs) {
      const full = this.#full || (gate.has('journal-full') && behind && fill > REOPEN_FILL)
      gate.set('journal-full', full, 'the journal is full: inputs wait until readings have left')
    }
    this.#drops.nameRefused(!this.#full)
    this.#backlog?.wake()
  }

  fill(): number {
    // What has left is not in the way: it goes with the next snapshots.
    return this.#delivery.behind ? this.#options.memory.journal.fill : 0
  }

  async stop(): Promise<void> {
    const { journal, patience } = this.#options.memory
    this.#drops.nameRefused(true)
    await patience.spend('telling the whole story', this.#story.finish())
    await patience.spend('writing the last entries', journal.flush())
    // What was held for a plan has only come in with it.
    await patience.spend('writing the last entries', journal.flush())
    this.#stopped = true
    this.#backlog?.stop()
    this.#drops.stop()
    await patience.spend('reading the backlog', this.#bringing)
  }

  async close(): Promise<void> {
    await this.#options.memory.patience.spend('saving the state', this.#saving.stop())
  }

  #know(entry: JournalEntry): void {
    if (entry.kind === 'frame') this.#known.add(entry.frame)
  }

  #handle(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.#know(entry)
      this.#delivery.handle(entry)
    }
    this.#saving.count(entries.length)
  }

  /** Brings what waits in the journal, from the last that has settled on. */
  #bringBacklog(): void {
    if (this.#stopped) return
    this.#backlog?.stop()
    const { memory, openFleet, clock, log } = this.#options
    const backlog = new Backlog({
      journal: memory.journal,
      snapshot: async () => (await memory.snapshots.load(this.#settlement.reached)).snapshot,
      save: (snapshot) => this.#saving.save(snapshot),
      openFleet,
      delivery: this.#delivery,
      pass: () => this.#pass(),
      onDropped: (ranges) => this.#drops.nameForGood(ranges),
      thinning: this.#thinning,
      onInternalError: (device, error) =>
        log.error({ device, err: error }, 'decoding from the journal failed unexpectedly'),
      clock,
    })
    this.#backlog = backlog
    this.#bringing = this.#bringing
      .then(() => this.#thinning.begin(this.#settlement.reached))
      .then(() => backlog.run())
      .then(() => {
        if (this.#backlog === backlog) this.#backlog = undefined
      })
  }

  #pass(): Pass {
    const { outlet, overflow } = this.#options
    if (outlet.room()) return this.#isNearCheckpoint ? 'deliver' : 'wait'
    if (!overflow.dropsOldest || !this.#full || this.#saving.isFailing) return 'wait'
    return this.#drops.makesRoom ? 'drop' : 'wait'
  }

  /** Whether little enough would be published a second time after a crash. */
  get #isNearCheckpoint(): boolean {
    const { checkpointWritten, state } = this.#options.memory.journal
    const ahead = (this.#backlog?.at ?? 0) - checkpointWritten
    return ahead < MOST_REPEATED || state.kind === 'failing'
  }

  /** Entries whose readings wait in the journal; 0 while they leave as they come. */
  get #waiting(): number {
    return this.#delivery.behind ? this.#delivery.handled - this.#settlement.reached : 0
  }

  get #full(): boolean {
    return this.fill() >= 1
  }

  #journalChanged(state: JournalState): void {
    const { gate, log } = this.#options
    const failing = state.kind === 'failing'
    gate.set('journal-failing', failing, 'the journal cannot be written: inputs wait')
    if (!failing) this.#drops.wake()
    if (failing) log.error({ ...state }, 'journal failing: what comes now is in memory only')
    else log.info({}, 'journal working again')
  }
}
