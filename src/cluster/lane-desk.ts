import { afterTurn, type Clock, type Undo } from '../clock.js'
import { type Answered, Lane, type LaneMessage, type LanePorts } from './lane.js'
import type { LaneStore, LaneWrite } from './lane-store.js'
import type { StateMarks } from './state-marks.js'
import type { Step } from './step.js'

export interface LaneDeskOptions
  extends Pick<LanePorts, 'deliver' | 'onClaimed' | 'onLost' | 'statesOf'> {
  readonly store: Pick<LaneStore, 'state' | 'claim' | 'write' | 'tokens' | 'release'>
  readonly marks: StateMarks
  readonly clock: Clock
  /** Numbers that no lane has had. */
  readonly nextNumber: () => number
  readonly onTrouble: (code: string, reason: string) => void
}

/** So many topics are asked for, or written, at once: nobody else is answered meanwhile. */
const BATCH = 200
/** Every so many rounds it is looked whether somebody else has got what we have not used … */
const LOOK_ROUNDS = 10
/** … of so many topics at once. */
const LOOKED_AT = 1000
/** A topic that we got so often within so many rounds goes to and fro. */
const SWINGS = 3
const SWING_ROUNDS = 600

/** All topics whose frames come by one connection: what they ask of the store is asked together. */
export class LaneDesk {
  readonly #options: LaneDeskOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #byNumber = new Map<number, Lane>()
  readonly #wanting = new Set<Lane>()
  readonly #ready = new Set<Lane>()
  #asking = false
  #writing = false
  #looking = false
  /** The store was away since it was told everything. */
  #mayHaveLost = false
  #rounds = 0
  /** How often we got each topic lately. */
  #gained = new Map<string, number>()
  #swinging = 0
  /** Ends the wait for topics that others have. */
  readonly #waits = new Set<Undo>()
  /** While it is finishing. */
  #onIdle: (() => void) | undefined
  #dropped = false

  constructor(options: LaneDeskOptions) {
    this.#options = options
  }

  get owned(): number {
    let owned = 0
    for (const lane of this.#lanes.values()) if (lane.isOurs) owned++
    return owned
  }

  /** Topics whose frames wait. */
  get stalled(): number {
    let stalled = 0
    for (const lane of this.#lanes.values()) if (lane.isStalled) stalled++
    return stalled
  }

  /** Topics that come to us again and again, and to somebody else meanwhile. */
  get swinging(): number {
    return this.#swinging
  }

  receive(message: LaneMessage): void {
    if (!this.#dropped && !this.#onIdle) this.#laneOf(message.topic).receive(message)
  }

  topicOf(number: number): string | undefined {
    return this.#byNumber.get(number)?.topic
  }

  /** Only time has passed for devices of this lane; undefined where it is not ours. */
  begin(number: number): Step | undefined {
    return this.#byNumber.get(number)?.begin()
  }

  /** To be called once a second. */
  round(): void {
    if (this.#options.store.state.kind === 'up') {
      const toldAnew = this.#mayHaveLost
      this.#mayHaveLost = false
      for (const lane of this.#lanes.values()) {
        if (toldAnew) lane.rewrite()
        lane.retry()
      }
    }
    this.#rounds++
    if (this.#rounds % SWING_ROUNDS === 0) {
      this.#gained = new Map()
      this.#swinging = 0
    }
    if (this.#rounds % LOOK_ROUNDS > 0 || this.#looking) return
    this.#looking = true
    this.#look()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#looking = false
      })
  }

  /**
   * Takes nothing more, finishes what has been taken, or gives it up at the deadline, and leaves the topics to others: what
   * is not acknowledged then goes to them, before what is published later.
   */
  async finish(deadline: Promise<void>): Promise<void> {
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    for (const lane of this.#lanes.values()) lane.leave()
    this.#tellIdle()
    await Promise.race([idle, deadline])
    const { store } = this.#options
    const lanes = [...this.#lanes.values()].filter(({ isOurs }) => isOurs)
    const released = async () => {
      for (let from = 0; from < lanes.length; from += LOOKED_AT)
        await store.release(lanes.slice(from, from + LOOKED_AT))
    }
    await Promise.race([released().catch((error: unknown) => this.#failed(error)), deadline])
  }

  /** The connection is gone: what was not acknowledged goes to somebody else, or comes again. */
  drop(): void {
    this.#dropped = true
    for (const lane of this.#lanes.values()) lane.drop()
    this.#lanes.clear()
    this.#byNumber.clear()
    for (const cancel of this.#waits) cancel()
    this.#waits.clear()
    this.#onIdle?.()
  }

  #laneOf(topic: string): Lane {
    const known = this.#lanes.get(topic)
    if (known) return known
    const { clock, deliver, onClaimed, onLost, statesOf, nextNumber } = this.#options
    const lane: Lane = new Lane(nextNumber(), topic, {
      now: () => clock.mono(),
      deliver,
      onClaimed,
      onLost,
      statesOf,
      onWanted: () => this.#want(lane),
      onReady: () => this.#writeSoon(lane),
    })
    this.#lanes.set(topic, lane)
    this.#byNumber.set(lane.number, lane)
    return lane
  }

  #want(lane: Lane): void {
    this.#wanting.add(lane)
    if (this.#asking) return
    this.#asking = true
    afterTurn(() => void this.#askAll())
  }

  #writeSoon(lane: Lane): void {
    this.#ready.add(lane)
    if (this.#writing) return
    this.#writing = true
    // What the broker has acknowledged in one packet is written in one batch.
    afterTurn(() => void this.#writeAll())
  }

  /** One batch after the other, each with what is asked for meanwhile. */
  async #askAll(): Promise<void> {
    while (this.#wanting.size > 0 && !this.#dropped) {
      const lanes = firstOf(this.#wanting)
      const { store, marks, clock } = this.#options
      const sentAt = clock.mono()
      try {
        const { answers, time } = await store.claim(lanes.map((lane) => lane.claim()))
        if (this.#dropped) return
        marks.hear(time)
        for (const [index, lane] of lanes.entries()) {
          const answer = answers[index]
          if (answer?.kind === 'taken')
            this.#answer(lane, { ...answer, states: marks.taken(answer.states) }, sentAt)
          else if (answer) this.#answer(lane, answer, sentAt)
        }
      } catch (error) {
        for (const lane of lanes) lane.unanswered()
        this.#failed(error)
      }
      this.#tellIdle()
    }
    this.#asking = false
  }

  #answer(lane: Lane, answer: Answered, sentAt: number): void {
    if (answer.kind === 'taken') this.#count(lane.topic)
    lane.answered(answer, sentAt)
    if (answer.kind !== 'busy') return
    const cancel = this.#options.clock.setTimer(answer.waitMs, () => {
      this.#waits.delete(cancel)
      lane.retry()
    })
    this.#waits.add(cancel)
  }

  async #writeAll(): Promise<void> {
    while (this.#ready.size > 0 && !this.#dropped) {
      const due = firstOf(this.#ready).flatMap((lane) => {
        const write = lane.isReady ? lane.beginWrite() : undefined
        return write ? [{ lane, write }] : []
      })
      if (due.length > 0) await this.#write(due)
      this.#tellIdle()
    }
    this.#writing = false
  }

  async #write(due: readonly { readonly lane: Lane; readonly write: LaneWrite }[]): Promise<void> {
    const { store, marks, clock } = this.#options
    const sentAt = clock.mono()
    try {
      const { ours, time } = await store.write(
        due.map(({ write }) => ({ ...write, states: marks.marked(write.states) })),
      )
      if (this.#dropped) return
      marks.hear(time)
      for (const [index, { lane, write }] of due.entries()) {
        lane.written(ours[index] === true, sentAt)
        if ((write.forget || !lane.isOurs) && lane.isIdle) this.#forget(lane)
      }
    } catch (error) {
      for (const { lane } of due) lane.unwritten()
      this.#failed(error)
    }
  }

  /** Whoever has got what we have not used for a while speaks of its devices from now on. */
  async #look(): Promise<void> {
    const doubtful = [...this.#lanes.values()].filter(({ isDoubtful }) => isDoubtful)
    for (let from = 0; from < doubtful.length && !this.#dropped; from += LOOKED_AT) {
      const lanes = doubtful.slice(from, from + LOOKED_AT)
      const asked = lanes.map(({ topic, token }) => ({ topic, token }))
      const tokens = await this.#options.store.tokens(asked.map(({ topic }) => topic))
      for (const [index, lane] of lanes.entries()) {
        const held = tokens[index]
        // It was used meanwhile.
        if (lane.token !== asked[index]?.token || !lane.isIdle) continue
        if (held === undefined) lane.rewrite()
        else if (held !== lane.token) this.#forget(lane)
      }
    }
  }

  #forget(lane: Lane): void {
    lane.drop()
    this.#lanes.delete(lane.topic)
    this.#byNumber.delete(lane.number)
  }

  #count(topic: string): void {
    const times = (this.#gained.get(topic) ?? 0) + 1
    this.#gained.set(topic, times)
    if (times === SWINGS) this.#swinging++
  }

  #tellIdle(): void {
    if (!this.#onIdle) return
    for (const lane of this.#lanes.values()) if (!lane.isIdle) return
    this.#onIdle()
  }

  #failed(error: unknown): void {
    this.#mayHaveLost = true
    if (this.#dropped) return
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'state-store'
    this.#options.onTrouble(code, error instanceof Error ? error.message : String(error))
  }
}

/** Takes the first ones out of a set. */
function firstOf(lanes: Set<Lane>): Lane[] {
  const first: Lane[] = []
  for (const lane of lanes) {
    if (first.length === BATCH) break
    lanes.delete(lane)
    first.push(lane)
  }
  return first
}
