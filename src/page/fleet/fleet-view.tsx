import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useMedia } from '../parts/hooks.js'
import { Icon, type Shape } from '../parts/icons.jsx'
import { Timeline } from '../parts/timeline.jsx'
import type { FleetStore } from '../store/fleet-store.js'
import { countText } from '../words.js'
import { arrange, countMarks, MARKS, type Mark, type Query, type SortKey } from './arrange.js'
import { DeviceGrid } from './device-grid.jsx'

interface FleetViewProps {
  readonly store: FleetStore
}

/** As it was left when a device was opened: whoever comes back finds it so. */
let lastQuery: Query = { text: '', marks: new Set(), sort: 'health', descending: false }

export const FleetView = ({ store }: FleetViewProps) => {
  const [query, setQuery] = useState(lastQuery)
  const isWide = useMedia('(min-width: 1280px)')
  const search = useRef<HTMLInputElement>(null)
  useEffect(() => {
    lastQuery = query
  }, [query])
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement) return
      event.preventDefault()
      search.current?.focus()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const { version } = store.changes
  // The version stands for the rows: the map itself is always the same.
  const rows = useMemo(() => arrange(store.rows.values(), query), [store, version, query])
  const counts = useMemo(() => countMarks(store.rows.values()), [store, version])

  const toggle = (mark: Mark) => {
    const marks = new Set(query.marks)
    if (!marks.delete(mark)) marks.add(mark)
    setQuery({ ...query, marks })
  }
  const sort = (key: SortKey) =>
    setQuery({ ...query, sort: key, descending: query.sort === key && !query.descending })

  return (
    <main class="fleet">
      <section class="fleet-main" aria-label="Fleet">
        <div class="toolbar">
          <div class="tiles" role="group" aria-label="Show only">
            {MARKS.map((mark) => (
              <button
                key={mark}
                type="button"
                class={`tile mark-${mark} ${counts.get(mark) === 0 ? 'is-zero' : ''}`}
                aria-pressed={query.marks.has(mark)}
                onClick={() => toggle(mark)}
              >
                <Icon shape={MARK_SHAPES[mark]} />
                <b>{countText(counts.get(mark) ?? 0)}</b>
                <span>{MARK_WORDS[mark]}</span>
              </button>
            ))}
          </div>
          <label class="search">
            <Icon shape="search" />
            <span class="visually-hidden">Search devices</span>
            <input
              ref={search}
              type="search"
              placeholder="Search name, id, model, source …"
              value={query.text}
              onInput={({ currentTarget }) => setQuery({ ...query, text: currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key === 'Escape') setQuery({ ...query, text: '' })
              }}
            />
            <kbd>/</kbd>
          </label>
          <p class="count" role="status">
            {countText(rows.length)} of {countText(store.rows.size)} devices
          </p>
        </div>
        {!store.isReady && store.rows.size === 0 ? (
          <p class="nothing">Waiting for the bridge …</p>
        ) : (
          <DeviceGrid rows={rows} store={store} query={query} onSort={sort} />
        )}
      </section>
      {isWide && (
        <aside class="panel side" aria-label="Latest events">
          <h2>Events</h2>
          <Timeline events={store.events} named most={120} />
        </aside>
      )}
    </main>
  )
}

const MARK_WORDS: Readonly<Record<Mark, string>> = {
  unhealthy: 'unhealthy',
  degraded: 'degraded',
  healthy: 'healthy',
  unknown: 'unknown',
  'circuit-open': 'circuit not closed',
  recovering: 'recovering',
  offline: 'offline',
}

const MARK_SHAPES: Readonly<Record<Mark, Shape>> = {
  unhealthy: 'unhealthy',
  degraded: 'degraded',
  healthy: 'healthy',
  unknown: 'unknown',
  'circuit-open': 'open',
  recovering: 'recovering',
  offline: 'away',
}
