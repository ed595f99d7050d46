import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { DeviceRow } from '../../http/feed/messages.js'
import { DeviceActions } from '../act/device-actions.jsx'
import { lossOf } from '../fleet/arrange.js'
import { useSeconds, useStore } from '../parts/hooks.js'
import { Icon } from '../parts/icons.jsx'
import { Circuit, Health, Sync } from '../parts/states.jsx'
import { Timeline } from '../parts/timeline.jsx'
import { followDevice } from '../store/connect.js'
import { DeviceStore } from '../store/device-store.js'
import type { FleetStore } from '../store/fleet-store.js'
import type { Theme } from '../theme.js'
import { ageText, countText, dateText, percentText } from '../words.js'
import { ChannelPanel } from './channel-panel.jsx'
import { FramesPanel } from './frames-panel.jsx'

interface DeviceViewProps {
  readonly id: string
  readonly store: FleetStore
  readonly theme: Theme
}

/** One device in full. */
export const DeviceView = ({ id, store, theme }: DeviceViewProps) => {
  const [device] = useState(() => new DeviceStore((paint) => void requestAnimationFrame(paint)))
  useEffect(() => followDevice(id, device), [id, device])
  useStore(device)
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !isTyping(event.target) && !isAsked())
        window.location.hash = '#/'
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  const row = store.rows.get(id)
  const facts = device.device
  if (!row && store.isReady) {
    return (
      <main class="device">
        <Back />
        <p class="nothing">There is no device {id}.</p>
      </main>
    )
  }
  return (
    <main class="device">
      <div class="device-head">
        <Back />
        <div class="device-title">
          <h1>{row?.name ?? id}</h1>
          {row?.name !== undefined && <code>{id}</code>}
        </div>
        {row && (
          <div class="device-states">
            <Health health={row.health} />
            <Sync sync={row.sync} />
            <Circuit circuit={row.circuit} />
          </div>
        )}
      </div>
      {row && row.message !== '' && (
        <p class={`cause cause-${row.health}`}>
          <b>{row.cause}</b> {row.message}
        </p>
      )}
      {row && <Facts row={row} store={store} />}
      {row && store.acting === 'now' && <DeviceActions row={row} />}
      <div class="channels">
        {facts?.spec.channels.map((channel, index) => (
          <ChannelPanel
            key={channel.name}
            channel={channel}
            tolerance={facts.tolerances[index] ?? 0}
            index={index}
            points={device.points}
            theme={theme}
          />
        ))}
      </div>
      <div class="device-below">
        <FramesPanel device={device} />
        <section class="panel" aria-label="Events of this device">
          <h2>Events</h2>
          <Timeline events={device.events} named={false} />
        </section>
      </div>
    </main>
  )
}

const Back = () => (
  <a class="back" href="#/" title="Back to the fleet (Escape)">
    <Icon shape="back" />
    Fleet
  </a>
)

const Facts = ({ row, store }: { readonly row: DeviceRow; readonly store: FleetStore }) => {
  useSeconds()
  const { lastSeen, last } = row
  const facts: readonly (readonly [string, string, string?])[] = [
    [
      'Last seen',
      lastSeen === null ? 'never' : ageText(store.now - lastSeen),
      lastSeen === null ? '' : dateText(lastSeen),
    ],
    ['Model', row.model],
    ['Source', row.source === '' ? 'none yet' : row.source, row.source],
    ['Frames', countText(row.received)],
    ['Lost', `${countText(row.lost)} (${percentText(lossOf(row))})`],
    ['Rejected', countText(row.rejected)],
    ['Epoch / number', last ? `${last.epoch} / ${last.seq}` : 'none yet'],
    ...(row.unvouched ? ([['Integrity', 'nothing vouches for its bytes']] as const) : []),
  ]
  return (
    <dl class="strip">
      {facts.map(([name, value, title]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={title ?? ''}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Whether a dialog is open: Escape closes that. */
const isAsked = (): boolean => document.querySelector('dialog[open]') !== null

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
