import type { FleetOrder, OrderOutcome } from '../device/index.js'
import type { Frame } from '../framing/index.js'

/** Hears once what became of an order. */
export type OnObeyed = (outcome: OrderOutcome) => void

/** A frame that came while the devices were about to change. */
export interface HeldFrame {
  readonly frame: Frame
  readonly taken: (() => void) | undefined
  readonly again: boolean
}

/** An order that came while the journal was told what the devices are. */
interface HeldOrder {
  readonly order: FleetOrder
  readonly done: OnObeyed | undefined
}

export interface HeldInput {
  readonly orders: readonly HeldOrder[]
  readonly frames: readonly HeldFrame[]
}

/** A disk that does not answer keeps an order waiting for seconds. */
const MOST_HELD = 20_000

/**
 * Orders that are on their way through the journal. What comes while a plan is among them is held: it may be of a device
 * that only the new plan knows. Both are held while the journal is told what the devices are.
 */
export class Orders {
  readonly #waiting: { readonly plan: boolean; readonly done: OnObeyed | undefined }[] = []
  #held: HeldFrame[] = []
  #heldOrders: HeldOrder[] = []
  #plans = 0

  /** Whether frames have to wait. */
  get planned(): boolean {
    return this.#plans > 0
  }

  /** An order has gone into the journal; they are obeyed in this order. */
  sent(order: FleetOrder, done: OnObeyed | undefined): void {
    const plan = order.do === 'plan'
    this.#waiting.push({ plan, done })
    if (plan) this.#plans++
  }

  /** Keeps an order until `release`. */
  holdOrder(held: HeldOrder): void {
    this.#heldOrders.push(held)
  }

  /** What was held; orders go first, as they do where they are not held. */
  release(): HeldInput {
    const [orders, frames] = [this.#heldOrders, this.#held]
    this.#heldOrders = []
    this.#held = []
    return { orders, frames }
  }

  /** Keeps a frame until the plan is in force; false where there is no room. */
  hold(held: HeldFrame): boolean {
    if (this.#held.length >= MOST_HELD) return false
    this.#held.push(held)
    return true
  }

  /** The oldest of them has been obeyed. Returns the frames that waited for it. */
  obeyed(outcome: OrderOutcome): readonly HeldFrame[] {
    const order = this.#waiting.shift()
    if (!order) return []
    if (order.plan) this.#plans--
    order.done?.(outcome)
    if (this.#plans > 0) return []
    const held = this.#held
    this.#held = []
    return held
  }
}
