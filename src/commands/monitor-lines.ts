import { type Clock, setRepeating, type Undo } from '../clock.js'
import type { CommandIo } from './io.js'
import { painted, unpainted } from './monitor-drawing.js'
import type { MonitorFace } from './monitor-face.js'
import type { MonitoredFleet } from './monitor-fleet.js'
import { filtered, type MonitorRow, type Order, rowsOf, sorted } from './monitor-rows.js'
import { MonitorTable } from './monitor-table.js'
import { reasonOf, rowDocument, type Shapes } from './monitor-words.js'

export interface MonitorLinesOptions {
  readonly fleet: MonitoredFleet
  readonly io: CommandIo
  readonly clock: Clock
  readonly order: Order
  readonly filter: string
  readonly shapes: Shapes
  readonly coloured: boolean
  readonly json: boolean
  /** Ends once all are shown. */
  readonly once: boolean
  readonly onDone: () => void
}

const LOOK_MS = 1000
/** Where nobody says how wide it is. */
const WIDE = 160

/** All devices once, then a line for each that changes. */
export class MonitorLines implements MonitorFace {
  readonly #options: MonitorLinesOptions
  /** What was said of each device last. */
  readonly #said = new Map<string, string>()
  #isKnown = false
  #undo: Undo = () => {}

  constructor(options: MonitorLinesOptions) {
    this.#options = options
  }

  listening(): void {}

  heard(): void {}

  known(): void {
    if (this.#isKnown) return
    this.#isKnown = true
    const { once, clock, onDone } = this.#options
    this.#showAll()
    if (once) onDone()
    else this.#undo = setRepeating(clock, LOOK_MS, () => this.#showChanges())
  }

  away(reason: string): void {
    this.#options.io.stderr(`${reason}: nothing is heard until it is back\n`)
  }

  close(): void {
    this.#undo()
  }

  #rows(): MonitorRow[] {
    const { fleet, clock, filter, order } = this.#options
    return sorted(filtered(rowsOf(fleet, clock.mono()), filter), order)
  }

  #showAll(): void {
    const { io, json, shapes, coloured } = this.#options
    const rows = this.#rows()
    for (const row of rows) this.#said.set(row.device.id, stateOf(row))
    if (json) {
      for (const row of rows) io.stdout(`${JSON.stringify(rowDocument(row))}\n`)
      return
    }
    if (rows.length === 0) {
      io.stderr('no device has been heard of, or none fits\n')
      return
    }
    const { columns } = io
    const table = new MonitorTable(rows, columns ?? WIDE, shapes)
    for (const line of [table.head, ...rows.map((row) => table.line(row, false))]) {
      const text = columns === undefined ? unpainted(line) : painted(line, columns, coloured)
      io.stdout(`${text.trimEnd()}\n`)
    }
  }

  #showChanges(): void {
    const { io, json, clock, shapes } = this.#options
    const ts = new Date(clock.wall()).toISOString()
    const rows = this.#rows()
    const gone = new Set(this.#said.keys())
    for (const row of rows) {
      const { id, report } = row.device
      gone.delete(id)
      const state = stateOf(row)
      if (this.#said.get(id) === state) continue
      this.#said.set(id, state)
      const words = [id, `${shapes[row.health]} ${row.health}`, report.circuit, report.sync]
      io.stdout(
        json
          ? `${JSON.stringify(rowDocument(row))}\n`
          : `${`${ts}  ${words.join('  ')}  ${reasonOf(row)}`.trimEnd()}\n`,
      )
    }
    for (const id of gone) {
      this.#said.delete(id)
      io.stdout(
        json ? `${JSON.stringify({ device: id, gone: true, ts })}\n` : `${ts}  ${id}  gone\n`,
      )
    }
  }
}

/** What of a device is worth a line when it changes. */
const stateOf = ({ health, doubt, device }: MonitorRow): string =>
  [health, doubt, device.report.circuit, device.report.sync, device.report.cause].join('|')
