import type { Health } from './monitor-report.js'
import type { MonitorRow } from './monitor-rows.js'
import { printable } from './terminal-text.js'

/** How a line is painted; never the only sign of something. */
export type Paint = 'good' | 'doubtful' | 'bad' | 'faint' | 'chosen' | 'strong'

export const PAINT_OF: Readonly<Record<Health, Paint>> = {
  healthy: 'good',
  degraded: 'doubtful',
  unhealthy: 'bad',
  unknown: 'faint',
}

/** A shape beside each word and colour. */
export type Shapes = Readonly<Record<Health, string>>
export const SHAPES: Shapes = { healthy: '●', degraded: '▲', unhealthy: '✖', unknown: '?' }
/** For terminals that know no more than ASCII. */
export const PLAIN_SHAPES: Shapes = { healthy: 'o', degraded: '!', unhealthy: 'X', unknown: '?' }

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** How long something is ago, in its greatest unit. */
export function ago(ms: number | undefined): string {
  if (ms === undefined) return 'never'
  for (const [unit, length] of UNITS) if (ms >= length) return `${Math.floor(ms / length)} ${unit}`
  return '0 s'
}

/** A share as people read it: what is not all, or not nothing, never looks so. */
export function percent(share: number | undefined): string {
  if (share === undefined) return '–'
  if (share === 0 || share === 1) return `${share * 100} %`
  const text = (share * 100).toFixed(1)
  return text === '0.0' ? '<0.1 %' : text === '100.0' ? '>99.9 %' : `${text} %`
}

/** Why it is not well, in one line. */
export function reasonOf({ doubt, device }: MonitorRow): string {
  const { cause, message } = device.report
  const said = [cause, message].filter((part) => part !== undefined).join(': ')
  return printable(doubt === undefined ? said : said === '' ? doubt : `${doubt} (${said})`)
}

/** A device as one JSON line. */
export function rowDocument(row: MonitorRow): Record<string, unknown> {
  const { device, name, model, health, doubt, loss, good } = row
  const { report } = device
  const iso = (wall: number | undefined) =>
    wall === undefined ? null : new Date(wall).toISOString()
  return {
    device: device.id,
    ...(name !== undefined && { name }),
    ...(model !== undefined && { model }),
    health,
    doubt: doubt ?? null,
    circuit: report.circuit,
    sync: report.sync,
    cause: report.cause ?? null,
    message: report.message ?? null,
    last_seen: iso(report.lastSeen),
    lost: loss ?? null,
    good: good ?? null,
    bridge: report.bridge ?? null,
    ts: iso(report.wall),
  }
}
