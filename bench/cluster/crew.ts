import { Plant, type PlantOptions, until } from '../../test/cluster/plant.js'

/** Frames of each bridge until all of its code is compiled and its heap has grown: some seconds of its processor. */
const WARM_UP = 30_000
const PATIENCE_MS = 120_000

/** A plant and the bridges that share its devices. */
export interface Crew {
  readonly plant: Plant
  /** The bridges' names; no other bridge at the same broker may have them. */
  readonly ids: readonly string[]
  /** Their processes, in the same order. */
  readonly pids: readonly number[]
}

/** Is told what is waited for, and how far it is. */
export type OnAwaited = (what: string, progress: () => string) => void

/** Starts so many bridges; resolves once each has its share of the partitions, and all devices are known. */
export async function manned(
  options: PlantOptions & { readonly partitions: number },
  count: number,
  onAwaited: OnAwaited,
): Promise<Crew> {
  const { group } = options
  const plant = await Plant.build(options)
  // Two bridges of one name would take each other's connection away for ever, whatever groups they are of.
  const ids = Array.from({ length: count }, (_, n) => `${group}-b${n}`)
  const awaited = (what: string) => onAwaited(`${group}: ${what}`, () => plant.progress)
  try {
    const bridges = []
    awaited('its bridges to start')
    for (const id of ids) bridges.push(await plant.start(id))
    awaited('good readings of all devices')
    await plant.warmUp()
    awaited('each of its bridges to have its share')
    const least = Math.floor(options.partitions / count)
    await until(() => ids.every((id) => plant.owned(id) >= least), PATIENCE_MS)
    const crew = { plant, ids, pids: bridges.map(({ pid }) => pid ?? 0) }
    awaited('its bridges to warm up')
    await carry(crew, Math.ceil((WARM_UP * count) / options.devices))
    return crew
  } catch (error) {
    await plant.close()
    throw error
  }
}

/** All devices send so many frames; resolves once the consumer has a reading of each. */
export async function carry({ plant }: Crew, frames: number): Promise<void> {
  const from = plant.arrivals.length
  await plant.send(frames)
  const all = plant.nodes.length * frames
  await plant.observer.until(({ length }) => length >= from + all, PATIENCE_MS)
}
