import type { MonitoredDevice, MonitoredFleet } from './monitor-fleet.js'
import { goodOf, type Health, lossOf } from './monitor-report.js'

/** Why what was said of a device says nothing about now. */
export type Doubt = 'stale' | 'bridge offline'

/** A device as it is shown. */
export interface MonitorRow {
  readonly device: MonitoredDevice
  readonly name: string | undefined
  readonly model: string | undefined
  /** `unknown` where there is a doubt, whatever the report says. */
  readonly health: Health
  readonly doubt: Doubt | undefined
  /** Milliseconds since its last frame. */
  readonly silenceMs: number | undefined
  /** 0 … 1. */
  readonly loss: number | undefined
  readonly good: number | undefined
}

export const ORDERS = ['worst first', 'device', 'last seen', 'lost', 'good'] as const
export type Order = (typeof ORDERS)[number]

export function rowsOf(fleet: MonitoredFleet, mono: number): MonitorRow[] {
  return Array.from(fleet.devices.values(), (device): MonitorRow => {
    const doubt = fleet.isOffline(device)
      ? 'bridge offline'
      : device.freshUntil < mono
        ? 'stale'
        : undefined
    const { name, model } = fleet.wordsOf(device.id)
    return {
      device,
      name,
      model,
      health: doubt ? 'unknown' : device.report.health,
      doubt,
      silenceMs: device.heardAt === undefined ? undefined : Math.max(0, mono - device.heardAt),
      loss: lossOf(device.report),
      good: goodOf(device.report),
    }
  })
}

const BADNESS: Readonly<Record<Health, number>> = {
  unhealthy: 0,
  degraded: 2,
  unknown: 4,
  healthy: 6,
}
const badness = ({ health, doubt, device }: MonitorRow): number => {
  // It was well, as far as anybody knows.
  if (doubt) return 1
  return BADNESS[health] - (device.report.circuit === 'closed' ? 0 : 0.5)
}

/** What nobody knows comes last, whichever way the others are put. */
const most = (value: number | undefined): number => value ?? Number.NEGATIVE_INFINITY
const least = (value: number | undefined): number => value ?? Number.POSITIVE_INFINITY

const COMPARE: Readonly<Record<Order, (a: MonitorRow, b: MonitorRow) => number>> = {
  'worst first': (a, b) =>
    badness(a) - badness(b) ||
    order(most(b.loss), most(a.loss)) ||
    order(least(a.good), least(b.good)),
  device: () => 0,
  'last seen': (a, b) => order(least(a.silenceMs), least(b.silenceMs)),
  lost: (a, b) => order(most(b.loss), most(a.loss)),
  good: (a, b) => order(least(a.good), least(b.good)),
}

/** Infinity less Infinity is nothing to sort by. */
function order<T extends number | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** Sorted; devices that are alike by their ids. */
export const sorted = (rows: readonly MonitorRow[], by: Order): MonitorRow[] =>
  [...rows].sort((a, b) => COMPARE[by](a, b) || order(a.device.id, b.device.id))

/** Those of which some word holds the text, whatever its case; several words all have to be there. */
export function filtered(rows: readonly MonitorRow[], filter: string): readonly MonitorRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const { id, report } = row.device
    const text = [
      id,
      row.name,
      row.model,
      row.health,
      row.doubt,
      report.circuit,
      report.sync,
      report.cause,
      report.bridge,
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** How many there are of each health. */
export function census(rows: readonly MonitorRow[]): ReadonlyMap<Health, number> {
  const counts = new Map<Health, number>()
  for (const { health } of rows) counts.set(health, (counts.get(health) ?? 0) + 1)
  return counts
}
