import type { Clock, Undo } from '../clock.js'
import type { OutgoingMessage } from './broker-port.js'
import type { QueuedPublication } from './publication-queue.js'
import { SlotLine } from './slot-line.js'

/** What the window needs of a link. */
export interface WindowLink {
  publish(message: OutgoingMessage, done: (error?: Error) => void): boolean
  drop(code: string, reason: string): void
}

/** What the broker has been handed and has not acknowledged, each with a deadline on the monotonic clock. */
export class PublishWindow {
  readonly #link: WindowLink
  readonly #clock: Clock
  readonly #deadlineMs: number
  readonly #onSettled: (entry: QueuedPublication, error: Error | undefined) => void
  readonly #outstanding = new SlotLine<QueuedPublication>()
  #serial = 0
  #cancelDeadline: Undo | undefined
  #lastLatencyMs = 0
  #turnsAway = false
  #births = 0
  #birthBytes = 0

  constructor(
    link: WindowLink,
    clock: Clock,
    deadlineMs: number,
    onSettled: (entry: QueuedPublication, error: Error | undefined) => void,
  ) {
    this.#link = link
    this.#clock = clock
    this.#deadlineMs = deadlineMs
    this.#onSettled = onSettled
  }

  get size(): number {
    return this.#outstanding.size
  }

  /** Whether something of a topic is on its way. */
  carries(topic: string): boolean {
    return this.#outstanding.some(({ publication }) => publication.topic === topic)
  }

  /** Whether fewer of a birth are on their way, and less of it. */
  isBirthBelow(bytes: number, entries: number): boolean {
    return this.#birthBytes < bytes && this.#births < entries
  }

  /** Hands an entry over; what becomes of it comes back by `onSettled`, perhaps at once, or by `reset`. */
  send(entry: QueuedPublication): void {
    const serial = this.#serial++
    entry.sentAs = serial
    entry.sentAt = this.#clock.mono()
    const slot = this.#outstanding.add(entry)
    if (entry.birth) {
      this.#births++
      this.#birthBytes += entry.bytes
    }
    this.#cancelDeadline ??= this.#clock.setTimer(this.#deadlineMs, () => this.#sweep())
    this.#link.publish(entry.publication, (error) => this.#settle(slot, serial, error))
  }

  /** The broker takes nothing now: an entry that it did not take comes back by `reset` as well. */
  turnAway(entry: QueuedPublication): void {
    this.#turnsAway = true
    entry.sentAs = this.#serial++
    this.#outstanding.add(entry)
  }

  /** Whether the broker has taken nothing: the connection is lost because of that. */
  get turnsAway(): boolean {
    return this.#turnsAway
  }

  /** Forgets a lost connection; returns what was on its way, oldest first. */
  reset(): QueuedPublication[] {
    const entries = this.#outstanding.drain()
    this.#births = 0
    this.#birthBytes = 0
    this.#cancelDeadline?.()
    this.#cancelDeadline = undefined
    this.#lastLatencyMs = 0
    this.#turnsAway = false
    return entries
  }

  /** Milliseconds that the last acknowledgement took, or that the oldest outstanding one has taken so far. */
  latencyMs(now: number): number {
    return Math.max(this.#lastLatencyMs, now - (this.#oldestSentAt() ?? now))
  }

  #settle(slot: number, serial: number, error: Error | undefined): void {
    const entry = this.#outstanding.at(slot)
    // A connection that is gone may still report: its entries are no longer here, or were sent again since.
    if (entry?.sentAs !== serial) return
    this.#outstanding.remove(slot)
    if (entry.birth) {
      this.#births--
      this.#birthBytes -= entry.bytes
    }
    if (entry.publication.qos > 0) this.#lastLatencyMs = this.#clock.mono() - entry.sentAt
    this.#onSettled(entry, error)
  }

  /** One timer for all: it fires when the oldest could be due, and again when the then oldest is. */
  #sweep(): void {
    this.#cancelDeadline = undefined
    const sentAt = this.#oldestSentAt()
    if (sentAt === undefined) return
    const leftMs = sentAt + this.#deadlineMs - this.#clock.mono()
    if (leftMs > 0) this.#cancelDeadline = this.#clock.setTimer(leftMs, () => this.#sweep())
    else this.#link.drop('publish-timeout', `no acknowledgement in ${this.#deadlineMs} ms`)
  }

  #oldestSentAt(): number | undefined {
    return this.#outstanding.first?.sentAt
  }
}
