import { type MonitorRow, ORDERS, type Order } from './monitor-rows.js'
import type { Key } from './terminal.js'

/** What the person at the terminal has chosen to see. */
export interface View {
  readonly shows: 'table' | 'device' | 'help'
  readonly order: Order
  readonly filter: string
  /** The filter is being typed. */
  readonly typing: boolean
  /** Whatever row it is in. */
  readonly chosen: string | undefined
}

export const FIRST_VIEW: View = {
  shows: 'table',
  order: 'worst first',
  filter: '',
  typing: false,
  chosen: undefined,
}

export type Reaction = View | 'quit' | 'suspend'

const LONGEST_FILTER = 100

/** What a key does. `rows` are those of the table now, `page` how many of them are seen at once. */
export function react(view: View, key: Key, rows: readonly MonitorRow[], page: number): Reaction {
  if (key.ctrl && (key.name === 'c' || key.name === 'd')) return 'quit'
  if (key.ctrl && key.name === 'z') return 'suspend'
  if (view.typing) return typed(view, key)
  if (key.ctrl) return view
  switch (key.name) {
    case 'up':
    case 'k':
      return moved(view, rows, -1)
    case 'down':
    case 'j':
      return moved(view, rows, 1)
    case 'pageup':
      return moved(view, rows, -page)
    case 'pagedown':
    case 'space':
      return moved(view, rows, page)
    case 'home':
    case 'g':
      return moved(view, rows, key.text === 'G' ? rows.length : -rows.length)
    case 'end':
      return moved(view, rows, rows.length)
    case 'return':
    case 'enter':
    case 'right':
      return opened(view, rows)
    case 'escape':
    case 'left':
    case 'backspace':
      return left(view)
    case 's':
      return { ...view, order: next(view.order, key.text === 'S' ? -1 : 1) }
    case 'q':
      return view.shows === 'table' ? 'quit' : { ...view, shows: 'table' }
  }
  if (key.text === '/') return { ...view, shows: 'table', typing: true }
  if (key.text === '?' || key.name === 'h')
    return { ...view, shows: view.shows === 'help' ? 'table' : 'help' }
  return view
}

function typed(view: View, { name, text }: Key): View {
  if (name === 'return' || name === 'enter') return { ...view, typing: false }
  if (name === 'escape') return { ...view, typing: false, filter: '' }
  if (name === 'backspace') return { ...view, filter: [...view.filter].slice(0, -1).join('') }
  if (text === '' || /\p{Cc}/u.test(text)) return view
  return { ...view, filter: (view.filter + text).slice(0, LONGEST_FILTER) }
}

/** The row that is chosen: the first one where none is, or where it is not among them any more. */
export function chosenIndex(view: View, rows: readonly MonitorRow[]): number {
  const index = rows.findIndex(({ device }) => device.id === view.chosen)
  return Math.max(0, index)
}

function moved(view: View, rows: readonly MonitorRow[], by: number): View {
  if (view.shows === 'help' || rows.length === 0) return view
  const to = Math.min(rows.length - 1, Math.max(0, chosenIndex(view, rows) + by))
  return { ...view, chosen: rows[to]?.device.id }
}

function opened(view: View, rows: readonly MonitorRow[]): View {
  const row = rows[chosenIndex(view, rows)]
  return row && view.shows === 'table' ? { ...view, shows: 'device', chosen: row.device.id } : view
}

function left(view: View): View {
  if (view.shows !== 'table') return { ...view, shows: 'table' }
  return { ...view, filter: '' }
}

function next(order: Order, by: number): Order {
  const index = ORDERS.indexOf(order) + by
  return ORDERS[(index + ORDERS.length) % ORDERS.length] ?? order
}
