import { leapt } from './epoch-leap.js'
import {
  type FleetPlan,
  type PlanDocument,
  planDocument,
  readPlan,
  samePlan,
  withProfilesOf,
} from './fleet-plan.js'
import { PeerGroups } from './peer-groups.js'
import { changePlan, type FleetChange } from './plan-change.js'
import type { DeviceProfile } from './profile.js'
import type { Rooms } from './rooms.js'
import { DeviceSession } from './session.js'
import type { Moment, SessionPolicy } from './surroundings.js'

export interface RollOptions {
  readonly plan: FleetPlan
  readonly policy: SessionPolicy
  readonly rooms: Rooms
  /** The epoch before every new device's first one, at first; as a function, whenever there is one. */
  readonly epochBase: number | (() => number)
  /** Lets go what is held of a device for its order. */
  readonly letGo: (session: DeviceSession) => void
  readonly onGone: (session: DeviceSession) => void
}

/** Who belongs to a fleet now, under which plan, and behind which epochs newcomers begin. */
export class Roll {
  readonly sessions = new Map<string, DeviceSession>()
  /** By seat; undefined where somebody is gone. */
  readonly seated: (DeviceSession | undefined)[] = []
  readonly #options: RollOptions
  readonly #peers = new PeerGroups()
  #plan: FleetPlan
  #document: PlanDocument | undefined
  /** Those who come at the same time share it. */
  #born: Moment = { mono: 0, wall: 0 }
  #epochBase: number

  constructor(options: RollOptions) {
    this.#options = options
    this.#plan = options.plan
    this.#epochBase = typeof options.epochBase === 'number' ? options.epochBase : 0
  }

  get plan(): FleetPlan {
    return this.#plan
  }

  /** The plan as it is kept. */
  get document(): PlanDocument {
    this.#document ??= planDocument(this.#plan)
    return this.#document
  }

  /** None that is gone had a greater epoch. */
  get epochBase(): number {
    return this.#epochBase
  }

  /** How many are there that the plan does not name. */
  get unplanned(): number {
    let count = 0
    for (const id of this.sessions.keys()) if (!this.#plan.devices.has(id)) count++
    return count
  }

  /** A device goes, with all that is known of it; false where there is none of that name. */
  leave(id: string): boolean {
    const session = this.sessions.get(id)
    if (!session) return false
    this.sessions.delete(id)
    this.#close(session)
    return true
  }

  /** One more device. */
  enter(id: string, profileName: string, born: Moment): DeviceSession {
    const profile = this.#plan.profiles.get(profileName)
    if (!profile) throw new RangeError(`device ${id}: there is no model ${profileName}`)
    const session = this.#seat(id, profile, born, this.#epochBase)
    this.sessions.set(id, session)
    return session
  }

  /** Goes on under another plan; `renamed` devices keep what is known of them. */
  change(
    wanted: FleetPlan,
    at: Moment,
    renamed: readonly (readonly [string, string])[],
  ): FleetChange {
    const plan = withProfilesOf(this.#plan, wanted)
    const { epochBase, ...change } = changePlan(this.sessions, {
      before: this.#plan,
      plan,
      renamed,
      open: (id, profile, base) => this.#seat(id, profile, at, base),
      close: (session) => this.#close(session),
      epochBase: this.#epochBase,
      letGo: this.#options.letGo,
    })
    this.#plan = plan
    this.#document = undefined
    this.#epochBase = epochBase
    const profiles = new Set(plan.profiles.values())
    this.#peers.keep(profiles)
    this.#options.rooms.keepFloors(profiles)
    return change
  }

  /** Takes the plan that was kept, before anything is restored; false where that cannot be read. */
  adopt(document: unknown, epochBase: number, born: Moment): boolean {
    this.#epochBase = Math.max(this.#epochBase, epochBase)
    // As it is most often: what was kept need not be there twice.
    if (samePlan(document as PlanDocument, this.document)) return true
    const plan = readPlan(document)
    if (!plan) return false
    this.change(plan, born, [])
    return true
  }

  /** Forgets all that is known of a device, but for which keys it has used. */
  renew(id: string, at: Moment): FleetChange {
    const session = this.sessions.get(id)
    if (!session) return { added: [], removed: [], changed: [], forgotten: [] }
    this.#options.letGo(session)
    const base = Math.max(this.#epochBase, session.stream.epoch)
    this.#close(session)
    const renewed = this.#seat(id, session.profile, at, base)
    this.sessions.set(id, renewed)
    return { added: [], removed: [], changed: [renewed], forgotten: [id] }
  }

  /** Every device, and whoever comes, goes on so many epochs later. */
  leap(epochs: number): void {
    this.#epochBase += epochs
    for (const session of this.sessions.values()) session.restore(leapt(session.save(), epochs))
  }

  #seat(id: string, profile: DeviceProfile, born: Moment, epochBase: number): DeviceSession {
    const { policy, rooms } = this.#options
    const peer = this.#peers.join(profile)
    if (born.mono !== this.#born.mono || born.wall !== this.#born.wall)
      this.#born = { mono: born.mono, wall: born.wall }
    const session = new DeviceSession(id, profile, policy, this.#born, rooms, peer)
    this.seated[session.seat] = session
    const { epochBase: first } = this.#options
    if (typeof first === 'function') session.stream.beginAfter(first())
    // Rooms begin behind the base that there was at first.
    else if (epochBase > first) session.stream.beginAfter(epochBase)
    return session
  }

  #close(session: DeviceSession): void {
    this.seated[session.seat] = undefined
    this.#options.onGone(session)
    session.vacate()
  }
}
