import { importContext } from './context-import.js'
import type { DeviceEvent } from './event.js'
import { type FleetPlan, readPlan } from './fleet-plan.js'
import { fromHex } from './hex.js'
import type { FleetChange } from './plan-change.js'
import type { DeviceSession } from './session.js'
import type { Moment } from './surroundings.js'

/**
 * What is done to the fleet from outside, JSON-like: it stands in the journal among the frames, so that whoever reads
 * them again comes to the same readings under the same keys.
 */
export type FleetOrder =
  | {
      readonly do: 'plan'
      /** A `PlanDocument`. */
      readonly plan: unknown
      /** Old id → new id. */
      readonly renamed?: readonly (readonly [string, string])[]
    }
  | {
      readonly do: 'circuit'
      readonly device: string
      readonly command: 'reset' | 'force-open' | 'force-closed'
    }
  | { readonly do: 'reset'; readonly device: string }
  | {
      readonly do: 'import'
      readonly device: string
      /** In hexadecimal digits. */
      readonly alcs: string
      /** Monotonic milliseconds of the bridge's clock. */
      readonly exportedAt: number
    }
  /** Every device goes on so many epochs later: keys up to there may have been used, and nobody knows for what. */
  | { readonly do: 'leap'; readonly epochs: number }

export type OrderOutcome =
  | {
      readonly ok: true
      readonly change?: FleetChange
      /** The device that it was about, and what happened to it. */
      readonly device?: string
      readonly events: readonly DeviceEvent[]
    }
  /** Nothing has changed; why, for people. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** What of a fleet orders are about. */
interface Ordered {
  session(id: string): DeviceSession | undefined
  change(plan: FleetPlan, at: Moment, renamed?: readonly (readonly [string, string])[]): FleetChange
  renew(id: string, at: Moment): FleetChange
  leap(epochs: number): void
}

/** Does to a fleet what an order says; a function of what the fleet knows and of the order's own time. */
export function obey(fleet: Ordered, order: FleetOrder, at: Moment): OrderOutcome {
  if (order.do === 'plan') {
    const plan = readPlan(order.plan)
    if (!plan) return { ok: false, problems: ['the plan cannot be read'] }
    return { ok: true, change: fleet.change(plan, at, order.renamed), events: [] }
  }
  if (order.do === 'leap') {
    fleet.leap(order.epochs)
    return { ok: true, events: [] }
  }
  const { device } = order
  const session = fleet.session(device)
  if (!session) return { ok: false, problems: [`there is no device ${device}`] }
  switch (order.do) {
    case 'circuit':
      return { ok: true, device, events: session.command(order.command, at) }
    case 'reset':
      return { ok: true, device, change: fleet.renew(device, at), events: [] }
    case 'import': {
      const { alcs, exportedAt } = order
      const outcome = importContext(session.profile, fromHex(alcs), exportedAt, session.save())
      if (!outcome.ok) return outcome
      session.restore(outcome.memory)
      return { ok: true, device, events: [] }
    }
    default:
      return { ok: false, problems: ['this version does not know the order'] }
  }
}
