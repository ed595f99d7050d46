import type { IncomingMessage } from '../transport/index.js'
import type { LaneClaim, LaneWrite } from './lane-store.js'
import type { TakenState } from './state-marks.js'
import type { KeptState } from './state-store.js'
import { Step } from './step.js'

/** A message of a topic; the payload is ours. */
export interface LaneMessage extends Pick<IncomingMessage, 'topic' | 'payload' | 'qos' | 'retain'> {
  /** Somebody had it before and did not acknowledge it. */
  readonly again: boolean
  readonly acknowledge: () => void
}

/** What the store answered to a claim; see `LaneAnswer`. */
export type Answered =
  | { readonly kind: 'ours' }
  | { readonly kind: 'busy'; readonly waitMs: number }
  | { readonly kind: 'taken'; readonly token: string; readonly states: readonly TakenState[] }

export interface LanePorts {
  /** Monotonic milliseconds. */
  now(): number
  /** Takes a message's frame to the fleet: what it leads to holds the step. */
  deliver(step: Step, message: LaneMessage): void
  /** The topic is ours, and its devices stand here. */
  onClaimed(lane: number, states: readonly TakenState[]): void
  /** It is not ours any more, with all its devices. */
  onLost(lane: number): void
  /** All its devices, as they stand now. */
  statesOf(lane: number): readonly KeptState[]
  /** It has to be asked for. */
  onWanted(): void
  /** There is something to be written. */
  onReady(): void
}

/** Who has a topic and does not use it for so long has to expect that somebody else gets it. */
export const LEASE_MS = 1500
/** So long after it has used its claim it believes in it, whatever its clock and the store's: it ends earlier than the lease. */
const HELD_MS = 1000
/** Whoever has it may finish what he has of it within so long. */
const PATIENCE_MS = 5000
/**
 * Frames of a topic that are taken and not acknowledged; no more than the last ones of which a device's state knows that
 * they came, so that one that comes again is known for that.
 */
const MOST_UNDER_WAY = 8

/**
 * One topic and the devices whose frames come by it. No broker says who has it, so the store does: before a frame is
 * taken the claim must have been used a moment ago, else it is asked for, and every write is refused that is not of the
 * last claim. What was not acknowledged then begins anew from the state that the other one left.
 */
export class Lane {
  readonly number: number
  readonly topic: string
  readonly #ports: LanePorts
  #token = ''
  /** Until then nobody else can have got it. */
  #heldUntil = Number.NEGATIVE_INFINITY
  #asking = false
  /** Somebody else has it: it is not asked for before this. */
  #busyUntil = Number.NEGATIVE_INFINITY
  #patientUntil: number | undefined
  #waiting: LaneMessage[] = []
  /** Taken, in their order, and not written. */
  #steps: Step<LaneMessage>[] = []
  /** How many of them are on their way to the store; undefined where nothing is. */
  #writing: number | undefined
  /** The store may have lost what it was told: it is told everything again, before anything more is taken. */
  #whole = false
  /** Whether the store knows a device of it. */
  #known = false
  /** Nothing more is taken. */
  #leaving = false
  /** Grows whenever what was taken is void. */
  #life = 0

  constructor(number: number, topic: string, ports: LanePorts) {
    this.number = number
    this.topic = topic
    this.#ports = ports
  }

  get token(): string {
    return this.#token
  }

  get isOurs(): boolean {
    return this.#token !== ''
  }

  /** Whether its frames wait for somebody else, or for the store. */
  get isStalled(): boolean {
    return this.#whole || (!this.isOurs && this.#waiting.length > 0)
  }

  /** Whether nothing of it is on its way. */
  get isIdle(): boolean {
    const quiet = this.#leaving || this.#waiting.length === 0
    return quiet && this.#steps.length === 0 && this.#writing === undefined && !this.#asking
  }

  /** Whether something is to be written and may be. */
  get isReady(): boolean {
    if (!this.isOurs || this.#writing !== undefined) return false
    return this.#whole ? this.#steps.every((step) => step.over) : this.#steps[0]?.over === true
  }

  /** Whether somebody else may have got it without our knowing. */
  get isDoubtful(): boolean {
    return this.isOurs && this.isIdle && this.#ports.now() > this.#heldUntil
  }

  receive(message: LaneMessage): void {
    this.#waiting.push(message)
    this.#pump()
  }

  /** Asks for it again where that has failed, or where it was somebody else's; to be called now and then. */
  retry(): void {
    this.#pump()
    if (this.isReady) this.#ports.onReady()
  }

  /** Only time has passed for some of its devices; undefined where it is not ours. */
  begin(): Step | undefined {
    return this.isOurs ? this.#open(undefined) : undefined
  }

  claim(): LaneClaim {
    const patient = this.#patientUntil === undefined || this.#ports.now() < this.#patientUntil
    return { topic: this.topic, token: this.#token, patient }
  }

  /** `sentAt`: the claim was used no earlier. */
  answered(answer: Answered, sentAt: number): void {
    this.#asking = false
    if (answer.kind !== 'ours' && this.isOurs) this.#overtaken()
    if (answer.kind === 'busy') {
      const now = this.#ports.now()
      this.#patientUntil ??= now + PATIENCE_MS
      this.#busyUntil = now + answer.waitMs
      return
    }
    this.#patientUntil = undefined
    this.#heldUntil = sentAt + HELD_MS
    if (answer.kind === 'taken') {
      this.#token = answer.token
      this.#known = answer.states.length > 0
      this.#ports.onClaimed(this.number, answer.states)
    }
    this.#pump()
  }

  /** The store is away. */
  unanswered(): void {
    this.#asking = false
  }

  /** What of it is to be written now, after which `written` or `unwritten` must follow; undefined where that is nothing. */
  beginWrite(): LaneWrite | undefined {
    const end = this.#steps.findIndex((step) => !step.over)
    const batch = this.#steps.slice(0, end < 0 ? undefined : end)
    const states = this.#whole
      ? this.#ports.statesOf(this.number)
      : [...new Map(batch.flatMap((step) => [...step.states]))]
    const { topic } = this
    const token = this.#token
    this.#writing = batch.length
    if (states.length > 0) {
      this.#known = true
      return { topic, token, states }
    }
    // Nobody knows a device here: nothing is left behind, for topics may be anybody's invention.
    if (!this.#known && this.#waiting.length === 0 && end < 0)
      return { topic, token, states, forget: true }
    this.#settle()
    return undefined
  }

  /** `ours`: it was, and what was to be written is. */
  written(ours: boolean, sentAt: number): void {
    if (this.#writing === undefined) return
    if (ours) {
      this.#heldUntil = Math.max(this.#heldUntil, sentAt + HELD_MS)
      this.#settle()
    } else {
      this.#overtaken()
      this.#pump()
    }
  }

  /** The store is away: it will have to be told everything. */
  unwritten(): void {
    if (this.#writing === undefined) return
    this.#writing = undefined
    this.#whole = true
  }

  /** The store may have lost what it knew of it. */
  rewrite(): void {
    if (!this.isOurs) return
    this.#whole = true
    if (this.isReady) this.#ports.onReady()
  }

  /** Takes nothing more; what waits, and what has to be done again, is for whoever gets it once we are gone. */
  leave(): void {
    this.#leaving = true
    this.#waiting = []
  }

  /** Gives it up, with all that was taken of it and not acknowledged. */
  drop(): void {
    this.#overtaken()
    this.#waiting = []
  }

  #pump(): void {
    if (this.#leaving) return
    while (this.#waiting.length > 0 && this.#steps.length < MOST_UNDER_WAY && !this.#whole) {
      if (!this.isOurs || this.#ports.now() > this.#heldUntil) {
        this.#ask()
        return
      }
      this.#take(this.#waiting.shift()!)
    }
  }

  #ask(): void {
    if (this.#asking || this.#ports.now() < this.#busyUntil) return
    this.#asking = true
    this.#ports.onWanted()
  }

  #take(message: LaneMessage): void {
    const step = this.#open(message)
    this.#ports.deliver(step, message)
    step.taken()
  }

  #open(message: LaneMessage | undefined): Step<LaneMessage> {
    const life = this.#life
    const step = new Step(this.number, message, () => {
      if (life === this.#life && this.isReady) this.#ports.onReady()
    })
    this.#steps.push(step)
    return step
  }

  /** What was written is safe. */
  #settle(): void {
    const settled = this.#steps.splice(0, this.#writing)
    this.#writing = undefined
    this.#whole = false
    for (const { message } of settled) message?.acknowledge()
    this.#pump()
    if (this.isReady) this.#ports.onReady()
  }

  /** Somebody else has it: what we know of its devices is of the past, and what we did of it is to be done again. */
  #overtaken(): void {
    const { isOurs } = this
    this.#life++
    const again = this.#steps.flatMap(({ message }) => (message ? [message] : []))
    this.#waiting = [...again, ...this.#waiting]
    this.#steps = []
    this.#writing = undefined
    this.#whole = false
    this.#known = false
    this.#token = ''
    this.#heldUntil = Number.NEGATIVE_INFINITY
    if (isOurs) this.#ports.onLost(this.number)
  }
}
