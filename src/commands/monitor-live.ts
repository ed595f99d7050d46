import { type Clock, setRepeating, type Undo } from '../clock.js'
import { Drawing } from './monitor-drawing.js'
import type { MonitorFace } from './monitor-face.js'
import type { MonitoredFleet } from './monitor-fleet.js'
import { filtered, type MonitorRow, type Order, rowsOf, sorted } from './monitor-rows.js'
import { pageOf, screenLines } from './monitor-screen.js'
import { FIRST_VIEW, react, type View } from './monitor-view.js'
import type { Shapes } from './monitor-words.js'
import type { Key, Terminal } from './terminal.js'

export interface LiveMonitorOptions {
  readonly fleet: MonitoredFleet
  readonly terminal: Terminal
  readonly clock: Clock
  readonly order: Order
  readonly filter: string
  readonly shapes: Shapes
  readonly coloured: boolean
  readonly onQuit: () => void
}

/** As often as it is drawn at most. */
const DRAW_MS = 200
/** Ages grow, whatever is heard. */
const TICK_MS = 1000

/** A table on a terminal that follows what is said of the devices. */
export class LiveMonitor implements MonitorFace {
  readonly #options: LiveMonitorOptions
  readonly #drawing: Drawing
  #view: View
  #away = ''
  #drawnAt = Number.NEGATIVE_INFINITY
  #cancelDraw: Undo | undefined
  #restore: Undo | undefined
  #isClosed = false

  constructor(options: LiveMonitorOptions) {
    this.#options = options
    this.#drawing = new Drawing(options.coloured)
    this.#view = { ...FIRST_VIEW, order: options.order, filter: options.filter }
  }

  /** Takes the terminal only now: why a broker does not let us in is said on the shell's own screen. */
  listening(): void {
    this.#away = ''
    if (!this.#isClosed) this.#restore ??= this.#open()
    this.#drawSoon()
  }

  heard(device: string | undefined): void {
    // While one is looked at, the others are not seen.
    if (this.#view.shows === 'device' && device !== undefined && device !== this.#view.chosen)
      return
    this.#drawSoon()
  }

  known(): void {
    this.#drawSoon()
  }

  away(reason: string): void {
    this.#away = reason
    this.#drawSoon()
  }

  close(): void {
    this.#cancelDraw?.()
    this.#cancelDraw = undefined
    this.#restore?.()
    this.#restore = undefined
    this.#isClosed = true
  }

  #open(): Undo {
    const { terminal, clock } = this.#options
    const restore = terminal.open({
      onKey: (key) => this.#press(key),
      onResize: () => {
        this.#drawing.forget()
        this.#drawSoon()
      },
    })
    const stopTicks = setRepeating(clock, TICK_MS, () => this.#drawSoon())
    return () => {
      stopTicks()
      restore()
    }
  }

  #press(key: Key): void {
    const { terminal, onQuit } = this.#options
    const reaction = react(this.#view, key, this.#rows().rows, pageOf(terminal.lines))
    if (reaction === 'quit') onQuit()
    else if (reaction === 'suspend') terminal.suspend()
    else if (reaction !== this.#view) {
      this.#view = reaction
      this.#drawSoon()
    }
  }

  #rows(): { readonly all: readonly MonitorRow[]; readonly rows: readonly MonitorRow[] } {
    const { fleet, clock } = this.#options
    const all = rowsOf(fleet, clock.mono())
    return { all, rows: sorted(filtered(all, this.#view.filter), this.#view.order) }
  }

  #drawSoon(): void {
    if (this.#cancelDraw || !this.#restore) return
    const { clock } = this.#options
    const wait = Math.max(0, this.#drawnAt + DRAW_MS - clock.mono())
    this.#cancelDraw = clock.setTimer(wait, () => {
      this.#cancelDraw = undefined
      this.#draw()
    })
  }

  #draw(): void {
    const { fleet, terminal, clock, shapes } = this.#options
    this.#drawnAt = clock.mono()
    if (terminal.isBusy) {
      this.#drawSoon()
      return
    }
    const { columns, lines } = terminal
    const screen = {
      fleet,
      ...this.#rows(),
      view: this.#view,
      columns,
      lines,
      shapes,
      away: this.#away,
    }
    const text = this.#drawing.update(screenLines(screen), columns)
    if (text !== '') terminal.write(text)
  }
}
