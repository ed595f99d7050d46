import type { BrokerUserConfig } from '../config/configuration.js'
import { covers, filterFault, topicMatcher } from '../topic-filter.js'

/** What somebody who is let in may do at the embedded broker. */
export interface Rights {
  /** For counters and messages. */
  readonly name: string
  readonly mayRetain: boolean
  readonly mayPersist: boolean
  /** Longest payload, in bytes. */
  readonly maxPayload: number
  mayPublish(topic: string): boolean
  /** Why not, or undefined where the filter may be subscribed. */
  subscribeFault(filter: string): string | undefined
  /** Asked again at every delivery: rights may have changed since the subscription. */
  mayReceive(topic: string): boolean
}

/** Anybody on this machine, where no users are named: everything but what is the broker's own. */
export const OPEN_RIGHTS: Rights = Object.freeze({
  name: 'anybody',
  mayRetain: false,
  mayPersist: false,
  maxPayload: Number.POSITIVE_INFINITY,
  mayPublish: () => true,
  subscribeFault: filterFault,
  mayReceive: (topic: string) => !topic.startsWith('$'),
})

/** A frame, in whatever envelope, is no longer. */
const MAX_PAYLOAD = 4096
/** Topics whose answer is remembered, for each user. */
const REMEMBERED = 1024

export function rightsOf(user: BrokerUserConfig): Rights {
  const { name, admin, persistent, publish, subscribe, forbidden = [] } = user
  const shared = { name, mayRetain: admin, mayPersist: persistent }
  if (admin) return { ...shared, ...ADMIN }
  const published = publish.map(topicMatcher)
  const denied = forbidden.map(topicMatcher)
  const received = subscribe.map(topicMatcher)
  return {
    ...shared,
    maxPayload: MAX_PAYLOAD,
    mayPublish: remembering(
      (topic) =>
        published.some((matches) => matches(topic)) && !denied.some((matches) => matches(topic)),
    ),
    subscribeFault: (filter) =>
      filterFault(filter) ??
      (subscribe.some((allowed) => covers(allowed, filter)) ? undefined : 'not-allowed'),
    mayReceive: remembering((topic) => received.some((matches) => matches(topic))),
  }
}

const ADMIN = Object.freeze({
  maxPayload: Number.POSITIVE_INFINITY,
  mayPublish: () => true,
  subscribeFault: (filter: string) =>
    // What the broker tells of itself is nobody else's business.
    filterFault(filter.startsWith('$SYS/') ? filter.slice(1) : filter),
  mayReceive: () => true,
})

function remembering(judge: (topic: string) => boolean): (topic: string) => boolean {
  const answers = new Map<string, boolean>()
  return (topic) => {
    const known = answers.get(topic)
    if (known !== undefined) return known
    if (answers.size >= REMEMBERED) answers.clear()
    const answer = judge(topic)
    answers.set(topic, answer)
    return answer
  }
}
