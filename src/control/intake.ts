import type { DeviceSession, FleetOrder, OrderOutcome, Verdict } from '../device/index.js'
import type { Frame } from '../framing/index.js'
import type { Publication } from '../outputs/index.js'
import type { HealthCheckable } from '../resilience/index.js'
import type { OnObeyed } from './orders.js'

/** What lies between the doors and the rooms: it decides when a frame is safe, and when its readings go out. */
export interface Intake {
  /** What of it can be healthy or not. */
  readonly checkables: readonly HealthCheckable[]
  /** Brings the fleet to where an earlier run left it; before any door is open. */
  start(): Promise<void>
  /**
   * Takes a frame from a door; `taken` comes once it is safe, or was finally refused. `again`: the door has it a second
   * time, because nobody heard that it was taken. Returns whether it came in.
   */
  accept(frame: Frame, taken?: () => void, again?: boolean): boolean
  /** Hears every verdict of the fleet. */
  verdict(verdict: Verdict, session: DeviceSession): void
  /** Has an order obeyed, behind every frame that was accepted before it. */
  order(order: FleetOrder, done?: OnObeyed): void
  /** Hears what became of every order of the fleet. */
  obeyed(outcome: OrderOutcome): void
  /** The broker can take more. */
  roomMade(): void
  /** What was on its way to the broker is lost. */
  outletLost(): void
  /** A publication was given up: the broker cannot stand it. */
  gaveUp(publication: Publication, reason: string): void
  /** Time passes: once a second. */
  sweep(): void
  /** How full it is, 0 … 1; NaN where it has no limit of its own. */
  fill(): number
  /** No frame comes any more: what came is made safe and decoded. */
  stop(): Promise<void>
  /** Nothing leaves any more either: what is known is kept. */
  close(): Promise<void>
}
