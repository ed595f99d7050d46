import type { Acting as ActingState } from '../http/routes/requests.js'
import type { DegradationLevel } from '../resilience/index.js'
import { Icon } from './parts/icons.jsx'
import { Health } from './parts/states.jsx'
import type { Place } from './route.js'
import type { FleetStore } from './store/fleet-store.js'
import { choose, type Theme } from './theme.js'

interface HeaderProps {
  readonly store: FleetStore
  readonly place: Place
  readonly theme: Theme
  onTheme(theme: Theme): void
}

export const Header = ({ store, place, theme, onTheme }: HeaderProps) => {
  const { bridge, system, acting } = store
  const turn = () => {
    const next = theme === 'dark' ? 'light' : 'dark'
    choose(next)
    onTheme(next)
  }
  return (
    <header class="header">
      <a class="brand" href="#/">
        <span class="brand-mark">
          <Icon shape="wave" />
        </span>
        <span class="brand-name">{bridge?.id ?? 'alec-bridge'}</span>
      </a>
      <nav class="nav" aria-label="Views">
        <a href="#/" aria-current={place.view === 'system' ? undefined : 'page'}>
          Fleet
        </a>
        <a href="#/system" aria-current={place.view === 'system' ? 'page' : undefined}>
          System
        </a>
      </nav>
      <div class="header-states">
        {system && (
          <a class="header-health" href="#/system" title="Health of the bridge itself">
            <span class="label">bridge</span> <Health health={system.health} />
          </a>
        )}
        {system && <Level level={system.degradation} />}
        {acting !== undefined && <Acting acting={acting} />}
        <LinkState store={store} />
        <button
          type="button"
          class="icon-button"
          onClick={turn}
          aria-label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
        >
          <Icon shape={theme === 'dark' ? 'sun' : 'moon'} />
        </button>
        {(bridge?.guarded || acting === 'now') && (
          <form method="post" action="/logout">
            <button type="submit" class="quiet-button">
              Log out
            </button>
          </form>
        )}
      </div>
    </header>
  )
}

const LEVELS: readonly DegradationLevel[] = ['normal', 'light', 'moderate', 'heavy', 'emergency']

/** How much the bridge leaves undone: so many of four bars are filled. */
export const Level = ({ level }: { readonly level: DegradationLevel }) => (
  <span class={`level level-${level}`} title="What is left undone under pressure">
    <span class="label">load</span>
    <span class="level-bars" aria-hidden="true">
      {LEVELS.slice(1).map((name, i) => (
        <i key={name} class={i < LEVELS.indexOf(level) ? 'on' : ''} />
      ))}
    </span>
    {level}
  </span>
)

/** Whether anything can be changed here, and how one comes to that. */
const Acting = ({ acting }: { readonly acting: ActingState }) => {
  if (acting === 'now')
    return (
      <span class="acting acting-now" title="You may change devices and the bridge">
        admin
      </span>
    )
  if (acting === 'never')
    return (
      <span class="acting" title="Nothing can be changed here: there is no http.admin_token_file">
        read-only
      </span>
    )
  return (
    <span class="acting">
      <span class="acting-words">read-only: </span>
      <a href="/login">log in to act</a>
    </span>
  )
}

const LINK_WORDS = { connecting: 'connecting', live: 'live', lost: 'not connected' } as const

const LinkState = ({ store }: { readonly store: FleetStore }) => (
  <span class={`link link-${store.link}`} role="status">
    <i aria-hidden="true" />
    {LINK_WORDS[store.link]}
  </span>
)
