import type { EventMessage } from '../../http/feed/messages.js'
import { eventWords } from '../words.js'

/** An event, and how often it came in a row without another in between. */
export interface Repeated extends EventMessage {
  readonly times: number
}

/** Events that say the same in a row are one, with the time of the newest; the newest come first. */
export function withoutRepeats(events: readonly EventMessage[], most: number): readonly Repeated[] {
  const told: Repeated[] = []
  for (const one of events) {
    const last = told.at(-1)
    if (last && isSame(last, one)) told[told.length - 1] = { ...last, times: last.times + 1 }
    else if (told.length === most) break
    else told.push({ ...one, times: 1 })
  }
  return told
}

const isSame = (a: EventMessage, b: EventMessage): boolean =>
  a.device === b.device &&
  a.event.type === b.event.type &&
  eventWords(a.event) === eventWords(b.event)
