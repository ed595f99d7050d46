import { compileProfile, type DeviceProfile, type ModelSpec } from './profile.js'

/** Device id → name of its profile. */
export interface DeviceModels extends Iterable<readonly [id: string, model: string]> {
  get(id: string): string | undefined
  has(id: string): boolean
}

/** Which devices there are, and how their frames are decoded: all of a configuration that decides on readings. */
export interface FleetPlan {
  readonly profiles: ReadonlyMap<string, DeviceProfile>
  readonly devices: DeviceModels
  readonly unknownDevices: 'ignore' | 'announce' | 'accept'
  /** What unknown devices are taken for, where they are accepted. */
  readonly defaultProfile?: string
  /**
   * Id of a door → how many frames of a device may be held there to be put back in order. None at doors without one:
   * a line keeps the order, and every lost frame would cost a wait.
   */
  readonly reorderWindows?: ReadonlyMap<string, number>
  /**
   * Device id → what its doors know it by, where that is not its id: whoever has another is another device. Undefined where
   * that is not known.
   */
  readonly ways?: ReadonlyMap<string, string>
}

/** A plan as it is kept, JSON-like: the journal says by it what the frames behind it are. */
export interface PlanDocument {
  readonly models: Readonly<Record<string, ModelSpec>>
  /** Name of a model → the devices of it. */
  readonly devices: Readonly<Record<string, readonly string[]>>
  readonly unknownDevices: FleetPlan['unknownDevices']
  readonly defaultModel?: string
  readonly reorderWindows: Readonly<Record<string, number>>
  /** Absent in those of an older version. */
  readonly ways?: Readonly<Record<string, string>>
}

/** The same for the same plan, in whatever order it was declared. */
export function planDocument(plan: FleetPlan): PlanDocument {
  const { profiles, devices, unknownDevices, defaultProfile, reorderWindows, ways } = plan
  const byModel = new Map<string, string[]>()
  for (const [id, model] of devices) {
    const known = byModel.get(model)
    if (known) known.push(id)
    else byModel.set(model, [id])
  }
  const windows = [...(reorderWindows ?? [])].filter(([, window]) => window > 0)
  return {
    models: inOrder(Array.from(profiles, ([name, { spec }]) => [name, spec])),
    devices: inOrder(Array.from(byModel, ([model, ids]) => [model, ids.sort()])),
    unknownDevices,
    ...(defaultProfile !== undefined && { defaultModel: defaultProfile }),
    reorderWindows: inOrder(windows),
    ...(ways && { ways: inOrder([...ways]) }),
  }
}

/** Whether frames are decoded alike under both. */
export const samePlan = (one: PlanDocument, other: PlanDocument): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The plan that was kept; undefined where it is none that this program can use. */
export function readPlan(document: unknown): FleetPlan | undefined {
  try {
    const { models, devices, unknownDevices, defaultModel, reorderWindows, ways } =
      document as PlanDocument
    const named = [...Object.keys(devices), ...(defaultModel === undefined ? [] : [defaultModel])]
    const ids = Object.entries(devices).flatMap(([model, all]) =>
      all.map((id) => [id, model] as const),
    )
    if (!named.every((name) => Object.hasOwn(models, name))) return undefined
    return {
      profiles: new Map(Object.entries(models).map(([name, spec]) => [name, compileProfile(spec)])),
      devices: new Map(ids),
      unknownDevices,
      ...(defaultModel !== undefined && { defaultProfile: defaultModel }),
      reorderWindows: new Map(Object.entries(reorderWindows)),
      ...(ways && { ways: new Map(Object.entries(ways)) }),
    }
  } catch {
    // It came from a disk, and perhaps from another version.
    return undefined
  }
}

/**
 * The same plan with profiles of `before` where they are the same: who shares one belongs together. A model may have
 * got another name; two models that are alike stay two.
 */
export function withProfilesOf(before: FleetPlan, plan: FleetPlan): FleetPlan {
  const renamed = new Set(
    Array.from(before.profiles).flatMap(([name, profile]) =>
      plan.profiles.has(name) ? [] : [profile],
    ),
  )
  const profiles = Array.from(plan.profiles, ([name, profile]) => {
    const candidates = [before.profiles.get(name), ...renamed]
    const same = candidates.find((one) => one && sameSpec(one.spec, profile.spec))
    if (same) renamed.delete(same)
    return [name, same ?? profile] as const
  })
  return { ...plan, profiles: new Map(profiles) }
}

/** Whether frames under an id may be of another device than before; `former`: what it was called then. */
export const isRewired = (before: FleetPlan, after: FleetPlan, id: string, former = id): boolean =>
  before.ways !== undefined &&
  after.ways !== undefined &&
  (before.ways.get(former) ?? former) !== (after.ways.get(id) ?? id)

/** Whether nothing at all differs, be it only for people. */
export const sameSpec = (one: ModelSpec, other: ModelSpec): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other)

/** A record with its keys in order; without a prototype, as names are somebody's. */
function inOrder<T>(entries: (readonly [string, T])[]): Record<string, T> {
  const record: Record<string, T> = Object.create(null)
  for (const [key, value] of entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b))))
    record[key] = value
  return record
}
