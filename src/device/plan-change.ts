import { type FleetPlan, isRewired, sameSpec } from './fleet-plan.js'
import type { DeviceProfile } from './profile.js'
import type { DeviceSession } from './session.js'
import type { SessionMemory } from './session-memory.js'

/** What a new plan has made of the devices. */
export interface FleetChange {
  readonly added: readonly DeviceSession[]
  /** Gone, or under this name no more. */
  readonly removed: readonly DeviceSession[]
  /** Of another model, or model of another content, or another device: the rooms that they have now. */
  readonly changed: readonly DeviceSession[]
  /** Those of them of which nothing that was known holds. */
  readonly forgotten: readonly string[]
}

export interface PlanChangeOptions {
  readonly before: FleetPlan
  readonly plan: FleetPlan
  /** Old id → new id. */
  readonly renamed: readonly (readonly [string, string])[]
  /** A new room, whose keys begin behind this epoch. */
  readonly open: (id: string, profile: DeviceProfile, epochBase: number) => DeviceSession
  /** Nothing is asked of a room any more. */
  readonly close: (session: DeviceSession) => void
  readonly epochBase: number
  /** Lets go what a room holds for its order: those frames came under the plan before. */
  readonly letGo: (session: DeviceSession) => void
}

/** Brings the rooms to a plan; those for which nothing changes stay as they are. */
export function changePlan(
  rooms: Map<string, DeviceSession>,
  options: PlanChangeOptions,
): FleetChange & { readonly epochBase: number } {
  const { before, plan, renamed } = options
  // A name may come back, and a key must not: whatever begins from now on begins behind what has ended.
  let { epochBase } = options
  const removed: DeviceSession[] = []
  const changed: DeviceSession[] = []
  const forgotten: string[] = []
  const added: DeviceSession[] = []
  const leave = (session: DeviceSession): SessionMemory => {
    options.letGo(session)
    const memory = session.save()
    rooms.delete(session.id)
    removed.push(session)
    options.close(session)
    return memory
  }

  const formerly = new Map<string, string>()
  for (const [from, to] of renamed) {
    const session = rooms.get(from)
    if (!session || rooms.has(to)) continue
    formerly.set(to, from)
    const memory = leave(session)
    const moved = options.open(to, session.profile, epochBase)
    moved.restore(behind(memory, epochBase))
    epochBase = Math.max(epochBase, memory.stream.epoch)
    rooms.set(to, moved)
    added.push(moved)
  }
  // All of them before anybody begins anew: in which order the rooms stand must not show in a key.
  for (const session of [...rooms.values()].filter(({ id }) => !profileFor(id, plan))) {
    const { stream } = leave(session)
    epochBase = Math.max(epochBase, stream.epoch)
  }
  for (const session of [...rooms.values()]) {
    const profile = profileFor(session.id, plan)
    if (!profile) continue
    const isOther = isRewired(before, plan, session.id, formerly.get(session.id))
    if (isOther || !sameSpec(session.profile.spec, profile.spec)) {
      const next = remodelled(session, profile, isOther, epochBase, options)
      if (next.forgotten) forgotten.push(session.id)
      rooms.set(session.id, next.session)
      changed.push(next.session)
    }
  }
  for (const [id, name] of plan.devices) {
    if (rooms.has(id)) continue
    const profile = plan.profiles.get(name)
    if (!profile) throw new RangeError(`device ${id}: there is no model ${name}`)
    const session = options.open(id, profile, epochBase)
    rooms.set(id, session)
    added.push(session)
  }
  const entered = added.filter((session) => rooms.get(session.id) === session)
  return { added: entered, removed, changed, forgotten, epochBase }
}

/** The room of a device under another model; what is known goes along where that decodes alike, and it is no other device. */
function remodelled(
  session: DeviceSession,
  profile: DeviceProfile,
  isOther: boolean,
  epochBase: number,
  { letGo, close, open }: PlanChangeOptions,
): { readonly session: DeviceSession; readonly forgotten: boolean } {
  letGo(session)
  const memory = session.save()
  close(session)
  const next = open(session.id, profile, epochBase)
  const isAlike = !isOther && session.profile.fingerprint === profile.fingerprint
  const fits = isAlike && next.restore(memory)
  if (!fits) next.stream.beginAfter(memory.stream.epoch)
  return { session: next, forgotten: !fits }
}

/** Undefined for a device that the plan does not have; one that was accepted stays where such devices are. */
function profileFor(id: string, plan: FleetPlan): DeviceProfile | undefined {
  const { devices, profiles, unknownDevices, defaultProfile } = plan
  const name = devices.get(id) ?? (unknownDevices === 'accept' ? defaultProfile : undefined)
  return name === undefined ? undefined : profiles.get(name)
}

/** A memory that goes on under another name, where a device of that name may have ended at this epoch. */
function behind(memory: SessionMemory, epochBase: number): SessionMemory {
  const { stream } = memory
  if (stream.epoch > epochBase) return memory
  return { ...memory, stream: { ...stream, epoch: epochBase + 1 } }
}
