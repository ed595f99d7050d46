import type { DeviceRow } from '../../http/feed/messages.js'
import { Icon, type Shape } from './icons.jsx'

/** Which colour a state has; its shape and its word say the same. */
type Tone = 'good' | 'warn' | 'bad' | 'none'

interface StateProps {
  readonly shape: Shape
  readonly tone: Tone
  readonly text: string
  /** What the state is of, for those who do not see the column. */
  readonly of: string
}

const State = ({ shape, tone, text, of }: StateProps) => (
  <span class={`state tone-${tone}`}>
    <Icon shape={shape} />
    <span class="visually-hidden">{of} </span>
    {text}
  </span>
)

const HEALTH_TONES = {
  healthy: 'good',
  degraded: 'warn',
  unhealthy: 'bad',
  unknown: 'none',
} as const
const CIRCUIT_TONES = { closed: 'none', open: 'bad', 'half-open': 'warn' } as const
const SYNC_TONES = { exact: 'none', bounded: 'none', recovering: 'warn', unknown: 'none' } as const

export const Health = ({ health }: Pick<DeviceRow, 'health'>) => (
  <State shape={health} tone={HEALTH_TONES[health]} text={health} of="health" />
)

export const Circuit = ({ circuit }: Pick<DeviceRow, 'circuit'>) => (
  <State shape={circuit} tone={CIRCUIT_TONES[circuit]} text={circuit} of="circuit" />
)

export const Sync = ({ sync }: Pick<DeviceRow, 'sync'>) => (
  <State
    shape={sync === 'unknown' ? 'sync-unknown' : sync}
    tone={SYNC_TONES[sync]}
    text={sync}
    of="sync"
  />
)

const DOORS = {
  open: { shape: 'door', tone: 'good' },
  opening: { shape: 'opening', tone: 'none' },
  away: { shape: 'away', tone: 'bad' },
  stopped: { shape: 'stopped', tone: 'none' },
} as const

export const Door = ({ state }: { readonly state: keyof typeof DOORS }) => (
  <State {...DOORS[state]} text={state} of="door" />
)

const QUALITIES = {
  good: { shape: 'healthy', tone: 'good' },
  uncertain: { shape: 'degraded', tone: 'warn' },
  bad: { shape: 'unhealthy', tone: 'bad' },
} as const

export const QualityMark = ({ quality }: { readonly quality: keyof typeof QUALITIES }) => (
  <State {...QUALITIES[quality]} text={quality} of="quality" />
)
