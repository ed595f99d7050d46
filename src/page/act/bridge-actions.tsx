import type { FleetStore } from '../store/fleet-store.js'
import { LogLevel } from './log-level.jsx'
import { Result } from './result.jsx'
import { TakeIn } from './take-in.jsx'
import { useAsking } from './use-asking.js'

/** What an admin can have done with the bridge itself. */
export const BridgeActions = ({ store }: { readonly store: FleetStore }) => {
  const [asking, begin] = useAsking()
  const isBusy = asking.state === 'asked'
  return (
    <section class="panel actions" aria-label="Actions">
      <h2>Actions</h2>
      <div class="buttons">
        <button
          type="button"
          class="button"
          title="Reads the configuration again, and applies what has changed"
          disabled={isBusy}
          onClick={() => void begin({ verb: 'reload', words: reloaded })}
        >
          Reload the configuration
        </button>
        <LogLevel isBusy={isBusy} onWish={(wish) => void begin(wish)} />
      </div>
      <Result asking={asking} />
      <h3>Unknown devices</h3>
      <TakeIn store={store} isBusy={isBusy} onWish={(wish) => void begin(wish)} />
    </section>
  )
}

/** What a reload has come to; what it has not touched is not said. */
function reloaded(data: unknown): string {
  const { devices, sources, needs_restart: restart } = data as Reloaded
  const counts = [
    ...Object.entries(devices).map(([how, ids]) => [ids.length, `devices ${how}`] as const),
    ...Object.entries(sources).map(([how, ids]) => [ids.length, `sources ${how}`] as const),
  ]
  const said = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  const change = said.length === 0 ? 'nothing has changed' : said.join(', ')
  const rest = restart.length === 0 ? '' : `; these need a restart: ${restart.join(', ')}`
  return `The configuration was read: ${change}${rest}.`
}

interface Reloaded {
  readonly devices: Readonly<Record<string, readonly string[]>>
  readonly sources: Readonly<Record<string, readonly string[]>>
  readonly needs_restart: readonly string[]
}
