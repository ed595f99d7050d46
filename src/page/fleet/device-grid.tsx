import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { DeviceRow } from '../../http/feed/messages.js'
import { useMedia } from '../parts/hooks.js'
import { deviceHref } from '../route.js'
import type { FleetStore } from '../store/fleet-store.js'
import type { Query, SortKey } from './arrange.js'
import { GridRow } from './grid-row.jsx'
import { unitsOf } from './units.js'
import { useWindow } from './use-window.js'

interface DeviceGridProps {
  readonly rows: readonly DeviceRow[]
  readonly store: FleetStore
  readonly query: Query
  onSort(key: SortKey): void
}

const COLUMNS: readonly (readonly [key: SortKey | undefined, text: string])[] = [
  ['health', 'Health'],
  ['device', 'Device'],
  [undefined, 'Latest readings'],
  ['sync', 'Sync'],
  ['circuit', 'Circuit'],
  ['seen', 'Last seen'],
  ['loss', 'Loss'],
]

const ROW_HEIGHT = 44
const CARD_HEIGHT = 92

/** All devices, as many of them as fit: the others are only counted. */
export const DeviceGrid = ({ rows, store, query, onSort }: DeviceGridProps) => {
  const isNarrow = useMedia('(max-width: 760px)')
  const rowHeight = isNarrow ? CARD_HEIGHT : ROW_HEIGHT
  const container = useRef<HTMLDivElement>(null)
  const { items, height, scrollTo } = useWindow(container, rows.length, rowHeight)
  // Beside the state: two keys may come before the first of them is rendered.
  const activeId = useRef<string | undefined>(undefined)
  const [, setActive] = useState<string>()
  const activeIndex = () =>
    Math.max(
      0,
      rows.findIndex(({ id }) => id === activeId.current),
    )
  const active = activeIndex()
  /** The device whose row is to be focused, once it is there. */
  const wantsFocus = useRef<string | undefined>(undefined)
  const units = useMemo(() => unitsOf(store.bridge?.models), [store.bridge])

  useLayoutEffect(() => {
    const id = wantsFocus.current
    if (id === undefined) return
    const rowThere = container.current?.querySelector<HTMLElement>(
      `[data-device="${CSS.escape(id)}"]`,
    )
    if (!rowThere) return
    wantsFocus.current = undefined
    rowThere.focus({ preventScroll: true })
  })

  const go = (index: number) => {
    const next = Math.min(Math.max(index, 0), rows.length - 1)
    const row = rows[next]
    if (!row) return
    activeId.current = row.id
    setActive(row.id)
    wantsFocus.current = row.id
    scrollTo(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const at = activeIndex()
    const page = Math.max(1, Math.floor((container.current?.clientHeight ?? 400) / rowHeight) - 1)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    }
    const to = moves[event.key]
    const row = rows[at]
    if (to !== undefined) go(to)
    else if (event.key === 'Enter' && row) window.location.hash = deviceHref(row.id)
    else return
    event.preventDefault()
  }

  return (
    <div
      class={`grid ${isNarrow ? 'is-narrow' : ''}`}
      role="grid"
      aria-label="Devices"
      aria-rowcount={rows.length + 1}
    >
      <div class="grid-head" role="row" aria-rowindex={1}>
        {COLUMNS.map(([key, text]) => (
          <div
            key={text}
            role="columnheader"
            tabIndex={-1}
            aria-sort={key !== query.sort ? 'none' : query.descending ? 'descending' : 'ascending'}
          >
            {key === undefined ? (
              text
            ) : (
              <button type="button" onClick={() => onSort(key)}>
                {text}
                <span class="sort-mark" aria-hidden="true">
                  {key === query.sort ? (query.descending ? '▾' : '▴') : ''}
                </span>
              </button>
            )}
          </div>
        ))}
      </div>
      <div class="grid-body" ref={container} onKeyDown={onKeyDown} role="rowgroup" tabIndex={-1}>
        <div class="grid-space" style={{ height: `${height}px` }}>
          {items.map(({ index, start }) => {
            const row = rows[index]
            return (
              row && (
                <GridRow
                  key={row.id}
                  row={row}
                  units={units.get(row.model)}
                  index={index}
                  top={start}
                  isActive={index === active}
                  store={store}
                />
              )
            )
          })}
        </div>
        {rows.length === 0 && <p class="nothing">No device fits.</p>}
      </div>
    </div>
  )
}
