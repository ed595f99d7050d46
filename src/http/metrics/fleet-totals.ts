import type { DeviceStatus } from '../../device/index.js'

/** What is counted of a device. Every received frame is one of those that stand behind it, up to `skipped`. */
const COUNTS = [
  ...(['received', 'decoded', 'rejected', 'duplicate', 'late', 'skipped', 'lost'] as const),
  ...(['bytes', 'good', 'uncertain', 'bad', 'requested', 'completed'] as const),
] as const

export type Totals = Readonly<Record<(typeof COUNTS)[number], number>>

/** The counters of one device, in the order of `COUNTS`. */
const countsOf = ({ frames, readings, resync, bytes }: DeviceStatus): Float64Array =>
  Float64Array.of(
    frames.received,
    frames.decoded,
    frames.rejected,
    frames.duplicate,
    frames.late,
    frames.skipped,
    frames.lost,
    bytes.in,
    readings.good,
    readings.uncertain,
    readings.bad,
    resync.requested,
    resync.completed,
  )

/** The sums over all devices. They never shrink: what a device had counted that is gone, or began anew, still counts. */
export class FleetTotals {
  readonly #gone = new Float64Array(COUNTS.length)
  #before: ReadonlyMap<string, Float64Array> | undefined

  of(statuses: readonly DeviceStatus[]): Totals {
    const now = new Map(statuses.map((status) => [status.device, countsOf(status)]))
    const fresh = new Map([...now].filter(([id]) => this.#before?.has(id) === false))
    for (const [id, counts] of this.#before ?? []) {
      const after = now.get(id)
      if (after ? goesOn(counts, after) : isRenamed(counts, fresh)) continue
      add(this.#gone, counts)
    }
    this.#before = now
    const sums = Float64Array.from(this.#gone)
    for (const counts of now.values()) add(sums, counts)
    return Object.fromEntries(COUNTS.map((name, at) => [name, sums[at] ?? 0])) as Totals
  }
}

/** A device under another name goes on with its counters; each of the new ones is taken for one device. */
function isRenamed(counts: Float64Array, candidates: Map<string, Float64Array>): boolean {
  for (const [id, after] of candidates) {
    if (!goesOn(counts, after)) continue
    candidates.delete(id)
    return true
  }
  return false
}

const goesOn = (before: Float64Array, after: Float64Array): boolean =>
  before.every((count, at) => count <= (after[at] ?? 0))

function add(sums: Float64Array, counts: Float64Array): void {
  for (const [at, count] of counts.entries()) sums[at] = (sums[at] ?? 0) + count
}
