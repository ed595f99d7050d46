import type { EventMessage } from '../../http/feed/messages.js'
import { deviceHref } from '../route.js'
import { clockText, dateText, eventTitle, eventWords } from '../words.js'
import { Icon } from './icons.jsx'
import { withoutRepeats } from './repeats.js'

interface TimelineProps {
  readonly events: readonly EventMessage[]
  /** Whether to say which device it was. */
  readonly named: boolean
  readonly most?: number
}

/** What has happened, the newest first. */
export const Timeline = ({ events, named, most = 100 }: TimelineProps) => {
  if (events.length === 0) return <p class="nothing">Nothing has happened yet.</p>
  return (
    <ol class="timeline">
      {withoutRepeats(events, most).map(({ device, event, times }, index) => (
        <li key={`${events.length - index}`} class={`event event-${event.severity}`}>
          <time title={dateText(event.wall)}>{clockText(event.wall)}</time>
          <span class="event-mark">
            <Icon shape={event.severity} />
            <span class="visually-hidden">{event.severity}</span>
          </span>
          <div class="event-text">
            {named && <a href={deviceHref(device)}>{device}</a>} <b>{eventTitle(event)}</b>{' '}
            <span>{eventWords(event)}</span>
            {times > 1 && <span class="times"> ×{times}</span>}
          </div>
        </li>
      ))}
    </ol>
  )
}
