import type { MonitorRow } from './monitor-rows.js'
import { ago, PAINT_OF, type Paint, percent, reasonOf, type Shapes } from './monitor-words.js'
import { cells, inCells } from './terminal-text.js'

/** A piece of a line, and how it is painted. */
export interface Span {
  readonly text: string
  readonly paint?: Paint
}
export type Line = readonly Span[]

interface Column {
  readonly head: string
  readonly width: number
  readonly right?: boolean
  cell(row: MonitorRow): string
}

/** What is needed before a reason is shown, and what comes after that. */
const FIRST: readonly Column[] = [
  { head: 'circuit', width: 9, cell: ({ device }) => device.report.circuit },
  { head: 'sync', width: 10, cell: ({ device }) => device.report.sync },
  { head: 'seen', width: 7, right: true, cell: ({ silenceMs }) => ago(silenceMs) },
]
const NEXT: readonly Column[] = [
  { head: 'lost', width: 7, right: true, cell: ({ loss }) => percent(loss) },
  { head: 'good', width: 7, right: true, cell: ({ good }) => percent(good) },
]
const HEALTH_WIDTH = 11
const GAP = 2
const LONGEST_DEVICE = 32
const SHORTEST_DEVICE = 6
/** Where there is less room, a reason is of no use. */
const SHORTEST_REASON = 16

/** A table as wide as the terminal: columns that do not fit are left out, the least needed first. */
export class MonitorTable {
  readonly #device: number
  readonly #columns: readonly Column[]
  readonly #reason: number
  readonly #shapes: Shapes

  constructor(rows: readonly MonitorRow[], width: number, shapes: Shapes) {
    const longest = rows.reduce((most, { device }) => Math.max(most, device.id.length), 0)
    const wanted = Math.min(LONGEST_DEVICE, Math.max(SHORTEST_DEVICE, longest))
    // The mark of the chosen row, the device, its health.
    const marks = 2
    this.#device = Math.max(SHORTEST_DEVICE, Math.min(wanted, width - marks - GAP - HEALTH_WIDTH))
    let left = width - marks - this.#device - GAP - HEALTH_WIDTH
    const isRoom = (wanted: number) => {
      if (left < wanted + GAP) return false
      left -= wanted + GAP
      return true
    }
    const first = FIRST.filter(({ width }) => isRoom(width))
    const hasReason = first.length === FIRST.length && isRoom(SHORTEST_REASON)
    this.#columns = [...first, ...NEXT.filter(({ width }) => hasReason && isRoom(width))]
    this.#reason = hasReason ? SHORTEST_REASON + left : 0
    this.#shapes = shapes
  }

  get head(): Line {
    const heads = this.#columns.map((column) => padded(column, column.head))
    const reason = this.#reason > 0 ? ['cause'] : []
    const text = [
      inCells('device', this.#device),
      inCells('health', HEALTH_WIDTH),
      ...heads,
      ...reason,
    ]
    return [{ text: `  ${text.join('  ')}`, paint: 'strong' }]
  }

  line(row: MonitorRow, chosen: boolean): Line {
    const { device, health, doubt } = row
    const values = this.#columns.map((column) => padded(column, column.cell(row)))
    const reason = this.#reason > 0 ? [inCells(reasonOf(row), this.#reason)] : []
    const name = inCells(device.id, this.#device)
    const rest = [...values, ...reason].map((text) => `  ${text}`).join('')
    return [
      { text: `${chosen ? '>' : ' '} ${name}  `, ...(chosen && { paint: 'chosen' as const }) },
      { text: inCells(`${this.#shapes[health]} ${health}`, HEALTH_WIDTH), paint: PAINT_OF[health] },
      { text: rest, ...(doubt && { paint: 'faint' as const }) },
    ]
  }
}

function padded({ width, right }: Column, text: string): string {
  return right
    ? ' '.repeat(Math.max(0, width - cells(text))) + inCells(text, Math.min(width, cells(text)))
    : inCells(text, width)
}
