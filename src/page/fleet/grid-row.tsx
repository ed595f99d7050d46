import type { DeviceRow, LastValue } from '../../http/feed/messages.js'
import { useSeconds } from '../parts/hooks.js'
import { memo } from '../parts/memo.js'
import { Circuit, Health, Sync } from '../parts/states.jsx'
import { deviceHref } from '../route.js'
import type { FleetStore } from '../store/fleet-store.js'
import { ageText, dateText, percentText, valueText } from '../words.js'
import { lossOf } from './arrange.js'
import type { Units } from './units.js'

interface GridRowProps {
  readonly row: DeviceRow
  readonly units: Units | undefined
  readonly index: number
  readonly top: number
  readonly isActive: boolean
  readonly store: FleetStore
}

/** One device in one line; rendered again only where something of it is new. */
export const GridRow = memo(({ row, units, index, top, isActive, store }: GridRowProps) => (
  <div
    class={`grid-row ${row.online ? '' : 'is-offline'}`}
    role="row"
    aria-rowindex={index + 2}
    tabIndex={isActive ? 0 : -1}
    data-device={row.id}
    style={{ transform: `translateY(${top}px)` }}
    onClick={() => {
      window.location.hash = deviceHref(row.id)
    }}
  >
    <div role="gridcell" class="cell-health">
      <Health health={row.health} />
    </div>
    <div role="gridcell" class="cell-device">
      <a href={deviceHref(row.id)} tabIndex={-1}>
        {row.name ?? row.id}
      </a>
      <small title={underName(row)}>{underName(row)}</small>
    </div>
    <div role="gridcell" class="cell-readings">
      {row.last ? (
        row.last.values.map((value) => <Reading key={value[0]} value={value} units={units} />)
      ) : (
        <span class="none">no readings yet</span>
      )}
    </div>
    <div role="gridcell" class="cell-sync">
      <Sync sync={row.sync} />
    </div>
    <div role="gridcell" class="cell-circuit">
      <Circuit circuit={row.circuit} />
    </div>
    <div role="gridcell" class="cell-seen">
      <Seen row={row} store={store} />
    </div>
    <div role="gridcell" class={`cell-loss ${lossOf(row) > 0.05 ? 'is-high' : ''}`}>
      {percentText(lossOf(row))}
      {lossOf(row) > 0.05 && <span class="visually-hidden"> high</span>}
    </div>
  </div>
))

/** What is wrong with it, else what it is called besides. */
function underName({ id, name, model, message }: DeviceRow): string {
  if (message !== '') return message
  if (name !== undefined) return id
  return model === id ? '' : model
}

const Reading = ({
  value,
  units,
}: {
  readonly value: LastValue
  readonly units: Units | undefined
}) => {
  const [name, , , quality] = value
  return (
    <span class={`reading is-${quality}`} title={`${name}: ${quality}`}>
      <span class="reading-name">{name}</span> {valueText(value, units?.get(name))}
    </span>
  )
}

const Seen = ({
  row: { lastSeen, online },
  store,
}: {
  readonly row: DeviceRow
  readonly store: FleetStore
}) => {
  useSeconds()
  if (lastSeen === null) return <span class="none">never</span>
  return (
    <time title={dateText(lastSeen)}>
      {ageText(store.now - lastSeen)}
      {!online && <small> offline</small>}
    </time>
  )
}
