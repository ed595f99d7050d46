import type { SystemMessage } from '../../http/feed/messages.js'
import type { DegradationLevel } from '../../resilience/index.js'
import { BridgeActions } from '../act/bridge-actions.jsx'
import { Level } from '../header.jsx'
import { Door, Health } from '../parts/states.jsx'
import { Timeline } from '../parts/timeline.jsx'
import type { FleetStore } from '../store/fleet-store.js'
import { bytesText, countText, rateText } from '../words.js'

/** The bridge itself: its doors, its broker, its checks, what it leaves undone. */
export const SystemView = ({ store }: { readonly store: FleetStore }) => {
  const { system, systemBefore, bridge } = store
  if (!system) return <main class="system nothing">Waiting for the bridge …</main>
  return (
    <main class="system">
      <div class="column">
        <section class="panel" aria-label="Sources">
          <h2>Ports and sources</h2>
          <Sources system={system} before={systemBefore} />
        </section>
        <section class="panel" aria-label="Load">
          <h2>Load and queue</h2>
          <dl class="facts">
            <dt>Degradation</dt>
            <dd>
              <Level level={system.degradation} />
              <p class="hint">{LEVEL_WORDS[system.degradation]}</p>
            </dd>
            <dt>Waiting for the broker</dt>
            <dd>
              {countText(system.broker.queuedMessages)} messages,{' '}
              {bytesText(system.broker.queuedBytes)}
            </dd>
            <dt>Acknowledged by the broker</dt>
            <dd>{countText(system.broker.acknowledged)}</dd>
            <dt>Dropped by a limit</dt>
            <dd>{countText(system.broker.dropped)}</dd>
            <dt>Frames of unknown devices</dt>
            <dd>
              {countText(system.unknown.frames)}
              {system.unknown.latest.length > 0 && (
                <p class="hint">{system.unknown.latest.join(', ')}</p>
              )}
            </dd>
            <dt>Bridge</dt>
            <dd>
              {bridge?.id}, version {bridge?.version}
            </dd>
          </dl>
        </section>
      </div>
      <div class="column">
        {store.acting === 'now' && <BridgeActions store={store} />}
        <section class="panel" aria-label="Checks">
          <h2>Broker and checks</h2>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Component</th>
                <th scope="col">Health</th>
                <th scope="col">What it says</th>
              </tr>
            </thead>
            <tbody>
              {system.checks.map(({ component, status, message }) => (
                <tr key={component}>
                  <th scope="row">{component}</th>
                  <td>
                    <Health health={status} />
                  </td>
                  <td>{message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section class="panel" aria-label="Latest events">
          <h2>Events</h2>
          <Timeline events={store.events} named />
        </section>
      </div>
    </main>
  )
}

const Sources = ({
  system,
  before,
}: {
  readonly system: SystemMessage
  readonly before: SystemMessage | undefined
}) => (
  <table class="table">
    <thead>
      <tr>
        <th scope="col">Source</th>
        <th scope="col">State</th>
        <th scope="col" class="number">
          Frames/s
        </th>
        <th scope="col" class="number">
          Frames
        </th>
        <th scope="col" class="number">
          Bytes
        </th>
        <th scope="col" class="number">
          Noise
        </th>
        <th scope="col" class="number">
          Refused
        </th>
      </tr>
    </thead>
    <tbody>
      {system.sources.map((source) => {
        const old = before?.sources.find(({ id }) => id === source.id)
        const seconds = (system.at - (before?.at ?? system.at)) / 1000
        return (
          <tr key={source.id}>
            <th scope="row">
              {source.id}
              {source.trouble !== undefined && <p class="hint">{source.trouble}</p>}
            </th>
            <td>
              <Door state={source.state} />
            </td>
            <td class="number">
              {old && seconds > 0 ? rateText((source.framesIn - old.framesIn) / seconds) : '–'}
            </td>
            <td class="number">{countText(source.framesIn)}</td>
            <td class="number">{bytesText(source.bytesIn)}</td>
            <td class="number">{bytesText(source.discardedBytes)}</td>
            <td class="number">{countText(source.rejected)}</td>
          </tr>
        )
      })}
    </tbody>
  </table>
)

/** What each level leaves undone, that of the lower ones included. */
const LEVEL_WORDS: Readonly<Record<DegradationLevel, string>> = {
  normal: 'Nothing is left undone.',
  light: 'Left out: topics per channel and events of severity info.',
  moderate: 'Left out as well: counters in the status of devices.',
  heavy: 'Left out as well: readings of priority P4 and P5.',
  emergency:
    'Left out as well: most readings but those of priority P1. Health and gaps are always told.',
}
