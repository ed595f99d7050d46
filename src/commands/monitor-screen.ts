import type { MonitoredEvent, MonitoredFleet } from './monitor-fleet.js'
import { HEALTHS } from './monitor-report.js'
import { census, type MonitorRow } from './monitor-rows.js'
import { type Line, MonitorTable, type Span } from './monitor-table.js'
import { chosenIndex, type View } from './monitor-view.js'
import { ago, PAINT_OF, percent, reasonOf, type Shapes } from './monitor-words.js'
import { eventWords } from './tap-words.js'
import { printable } from './terminal-text.js'

export interface Screen {
  readonly fleet: MonitoredFleet
  /** All of them, and those that are shown, in their order. */
  readonly all: readonly MonitorRow[]
  readonly rows: readonly MonitorRow[]
  readonly view: View
  readonly columns: number
  readonly lines: number
  readonly shapes: Shapes
  /** Why nothing is heard; empty where something is. */
  readonly away: string
}

/** What is not rows: two lines above them with the heads, two below. */
const AROUND = 4

/** How many rows are seen at once. */
export const pageOf = (lines: number): number => Math.max(1, lines - AROUND)

/** The whole screen, as many lines as it has; they may be wider than it is. */
export function screenLines(screen: Screen): Line[] {
  const { view, lines } = screen
  const body =
    view.shows === 'help'
      ? HELP
      : view.shows === 'device'
        ? deviceLines(screen)
        : tableLines(screen)
  const room = Math.max(0, lines - 2)
  const filled = Array.from({ length: room }, (_, i) => body[i] ?? [])
  return [summaryLine(screen), ...filled, footLine(screen)].slice(0, lines)
}

function summaryLine({ fleet, all, shapes, away }: Screen): Line {
  const counts = census(all)
  const bridges = Array.from(fleet.bridges, ([id, state]) => printable(`${id} ${state}`.trim()))
  const spans: Span[] = [{ text: `${all.length} devices`, paint: 'strong' }]
  for (const health of HEALTHS)
    if (counts.has(health))
      spans.push(
        { text: '  ' },
        { text: `${shapes[health]} ${counts.get(health)} ${health}`, paint: PAINT_OF[health] },
      )
  if (away === '') {
    const isOffline = [...fleet.bridges.values()].some((state) => state !== 'online')
    const told = bridges.length === 0 ? 'no bridge has been heard' : `bridge ${bridges.join(', ')}`
    spans.push({ text: '   ' }, { text: told, ...(isOffline && { paint: 'bad' as const }) })
  } else spans.push({ text: '   ' }, { text: printable(`${away}; trying again`), paint: 'bad' })
  return spans
}

function tableLines({ rows, all, view, columns, lines, shapes }: Screen): Line[] {
  const table = new MonitorTable(rows, columns, shapes)
  const page = pageOf(lines)
  const chosen = chosenIndex(view, rows)
  // The chosen row stays near the middle, so that what is around it is seen.
  const first = Math.max(0, Math.min(chosen - Math.floor(page / 2), rows.length - page))
  const shown = rows.slice(first, first + page)
  if (rows.length === 0) {
    const why = all.length === 0 ? 'no device has been heard of' : 'no device fits'
    return [table.head, [{ text: `  ${why}`, paint: 'faint' }]]
  }
  return [table.head, ...shown.map((row, i) => table.line(row, first + i === chosen))]
}

function deviceLines({ fleet, rows, all, view, shapes, lines }: Screen): Line[] {
  const row = [...rows, ...all].find(({ device }) => device.id === view.chosen)
  if (!row) return [[{ text: `  ${view.chosen ?? ''} is gone`, paint: 'faint' }]]
  const { device, name, model, health, silenceMs, loss, good } = row
  const { report } = device
  const of = (counter: string) => report.counters.get(counter) ?? 0
  const fields: [string, string][] = [
    ['name', name ?? ''],
    ['model', model ?? ''],
    ['bridge', report.bridge ?? ''],
    ['circuit', report.circuit],
    ['sync', report.sync],
    ['since', report.since === undefined ? '' : new Date(report.since).toISOString()],
    ['last frame', silenceMs === undefined ? 'never' : `${ago(silenceMs)} ago`],
    [
      'frames',
      `${of('frames.received')} received, ${of('frames.lost')} lost (${percent(loss)}), ${of('frames.rejected')} rejected, ${of('frames.skipped')} skipped`,
    ],
    [
      'readings',
      `${of('readings.good')} good (${percent(good)}), ${of('readings.uncertain')} uncertain, ${of('readings.bad')} bad`,
    ],
    ['keyframes', `${of('resync.requested')} requested, ${of('resync.completed')} recovered`],
    ['left peers', report.leftPeers.join(', ')],
    ['integrity', report.integrity ?? ''],
  ]
  const facts = fields
    .filter(([, value]) => value !== '')
    .map(([key, value]): Line => [{ text: `  ${key.padEnd(12)}${printable(value)}` }])
  const events = eventLines(fleet.eventsOf(device.id))
  // On a small screen the facts make room: what has just happened is why one looks.
  const room = Math.max(0, lines - 3)
  const left = Math.max(room - events.length, Math.floor(room / 2))
  return [
    [
      { text: `  ${device.id}  `, paint: 'strong' },
      { text: `${shapes[health]} ${health}`, paint: PAINT_OF[health] },
      { text: `  ${reasonOf(row)}` },
    ],
    ...facts.slice(0, left),
    ...events,
  ]
}

function eventLines(events: readonly MonitoredEvent[]): Line[] {
  const head = events.length === 0 ? 'no event since this was started' : 'events, the newest first'
  return [
    [{ text: `  ${head}`, paint: 'strong' }],
    ...[...events]
      .reverse()
      .map(({ ts, document }): Line => [{ text: printable(`  ${ts}  ${eventWords(document)}`) }]),
  ]
}

function footLine({ view, rows, all }: Screen): Line {
  if (view.typing)
    return [
      { text: `filter: ${printable(view.filter)}█` },
      { text: '   enter keeps it, escape clears it', paint: 'faint' },
    ]
  const filter =
    view.filter === ''
      ? ''
      : `   filter: ${printable(view.filter)} (${rows.length} of ${all.length})`
  const keys =
    view.shows === 'table'
      ? 'q quit  ↑↓ choose  enter details  s order  / filter  ? help'
      : 'escape back  q back  ↑↓ next device'
  return [{ text: `by ${view.order}${filter}` }, { text: `   ${keys}`, paint: 'faint' }]
}

const HELP: readonly Line[] = `
  ↑ ↓ j k            one device up or down
  page up, down      a screen
  home end g G       the first or the last
  enter →            details and events of the device
  escape ←           back; in the table it clears the filter
  s S                another order: worst first, device, last seen, lost, good
  /                  type a filter: words of id, name, model, health, circuit, sync, cause
  ?                  this help
  q Ctrl-C           quit

  lost and good are counted since the bridge knows the device.
  What is older than its ttl, or of a bridge that is offline, is unknown.`
  .split('\n')
  .map((text) => [{ text }])
