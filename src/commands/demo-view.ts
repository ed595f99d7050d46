import { type Clock, setRepeating, type Undo } from '../clock.js'
import type { OutgoingMessage } from '../transport/index.js'
import type { CommandIo } from './io.js'

export interface DemoViewOptions {
  readonly json: boolean
  readonly devices: readonly string[]
  readonly clock: Clock
}

interface Row {
  availability: string
  health: string
  circuit: string
  sync: string
  seq: string
  readings: string
}

const REDRAW_MS = 500
const HEADINGS: readonly (keyof Row)[] = [
  'availability',
  'health',
  'circuit',
  'sync',
  'seq',
  'readings',
]
/** Column widths that hold every word of these columns. */
const WIDTHS: Readonly<Record<keyof Row, number>> = {
  availability: 13,
  health: 10,
  circuit: 10,
  sync: 11,
  seq: 6,
  readings: 0,
}
const HOME = '\u001b[H'
const CLEAR = '\u001b[2J'
const CLEAR_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'

/** Shows what the bridge publishes: JSON lines, a live table on a terminal, plain lines elsewhere. */
export class DemoView {
  readonly #io: CommandIo
  readonly #options: DemoViewOptions
  readonly #rows: Map<string, Row>
  #header: readonly string[] = []
  #undo: Undo = () => {}

  constructor(io: CommandIo, options: DemoViewOptions) {
    this.#io = io
    this.#options = options
    this.#rows = new Map(
      options.devices.map((id) => [
        id,
        { availability: '', health: '', circuit: '', sync: '', seq: '', readings: '' },
      ]),
    )
  }

  start(broker: string, dashboard: string | undefined, lines: readonly string[]): void {
    this.#header = [
      `alec-bridge demo: broker ${broker}, ${this.#options.devices.length} simulated nodes`,
      `lines: ${lines.filter((line) => line.startsWith('/')).join(' ')}`,
      `try:   mosquitto_sub -p ${new URL(broker).port} -v -t 'alec/+/readings'      stop: Ctrl-C`,
      `see:   ${dashboard ?? 'no dashboard: its port is taken'}`,
      '',
    ]
    if (this.#isTable) {
      this.#io.stdout(CLEAR)
      this.#undo = setRepeating(this.#options.clock, REDRAW_MS, () => this.#draw())
    } else this.#io.stderr(`${this.#header.join('\n')}\n`)
  }

  stop(): void {
    if (this.#isTable) this.#draw()
    this.#undo()
    this.#undo = () => {}
  }

  show({ topic, payload, retain }: OutgoingMessage): void {
    const text = typeof payload === 'string' ? payload : undefined
    if (this.#options.json) {
      const told = text === undefined ? Buffer.from(payload).toString('hex') : parsed(text)
      this.#io.stdout(`${JSON.stringify({ topic, payload: told, retain })}\n`)
      return
    }
    if (text === undefined) return
    const [, device = '', kind = '', leaf] = topic.split('/')
    if (!this.#isTable) {
      if (kind === 'readings' || kind === 'event' || leaf !== undefined || device === 'bridge')
        this.#io.stdout(`${topic} ${text}\n`)
      return
    }
    const row = this.#rows.get(device)
    if (row) note(row, leaf ?? kind, text)
  }

  get #isTable(): boolean {
    return !this.#options.json && this.#io.columns !== undefined
  }

  #draw(): void {
    const width = this.#io.columns ?? 80
    const nameWidth = Math.max(8, ...this.#options.devices.map((id) => id.length + 2))
    const heading =
      'device'.padEnd(nameWidth) + HEADINGS.map((name) => name.padEnd(WIDTHS[name])).join('')
    const rows = Array.from(
      this.#rows,
      ([id, row]) =>
        id.padEnd(nameWidth) + HEADINGS.map((name) => row[name].padEnd(WIDTHS[name])).join(''),
    )
    const text = [...this.#header, heading, ...rows]
      .map((line) => line.slice(0, width) + CLEAR_LINE)
      .join('\n')
    this.#io.stdout(`${HOME}${text}\n${CLEAR_BELOW}`)
  }
}

function note(row: Row, kind: string, text: string): void {
  if (kind === 'availability' || kind === 'health' || kind === 'circuit') row[kind] = text
  else if (kind === 'status') row.sync = String(fields(text).sync ?? '')
  else if (kind === 'readings') {
    const {
      ts: _ts,
      device_ts: _deviceTs,
      epoch: _epoch,
      seq,
      quality,
      priority: _priority,
      uncertain,
      ...values
    } = fields(text)
    row.seq = String(seq ?? '')
    const good = Object.entries(values).map(([name, value]) => `${name} ${value}`)
    const doubts = uncertain ? [`${quality}: ${JSON.stringify(uncertain)}`] : []
    row.readings = [...good, ...doubts].join('  ')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Most topics carry a plain word.
    return text
  }
}

function fields(text: string): Record<string, unknown> {
  const value = parsed(text)
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
