import { MAX_TOPIC_BYTES, MAX_TOPIC_LEVELS, utf8Length } from './names.js'

/**
 * Why a topic may not be published, or `undefined` where it may. A broker closes the connection on an
 * illegal topic and a client sends it again after every reconnect, so one such message stops a link for good.
 */
export function topicFault(topic: string): string | undefined {
  if (isPlain(topic)) return undefined
  if (/[+#]/.test(topic)) return 'wildcard'
  return commonFault(topic)
}

/**
 * Whether nothing can be wrong with a topic: all that we publish ourselves is like this.
 * measured: 25 ns, the long way 450 ns.
 */
function isPlain(topic: string): boolean {
  if (topic.length > MAX_TOPIC_BYTES || topic.charCodeAt(0) === 0x24) return false
  let levels = 1
  for (let i = 0; i < topic.length; i++) {
    const code = topic.charCodeAt(i)
    // Printable ASCII without # and +.
    if (code < 0x20 || code > 0x7e || code === 0x23 || code === 0x2b) return false
    if (code === 0x2f) levels++
  }
  return topic.length > 0 && levels <= MAX_TOPIC_LEVELS
}

/** Why a topic filter may not be subscribed, or `undefined` where it may. */
export function filterFault(filter: string): string | undefined {
  const levels = filter.split('/')
  for (const [index, level] of levels.entries()) {
    if (level.includes('+') && level !== '+') return 'partial-wildcard'
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      return 'misplaced-wildcard'
    }
  }
  return commonFault(filter)
}

function commonFault(text: string): string | undefined {
  if (text === '') return 'empty'
  // Control characters, half characters and non-characters: brokers close on them [MQTT-1.5.4]. The replacement
  // character is what bytes that were no UTF-8 have become.
  if (/[\p{Cc}\p{Surrogate}\p{Noncharacter_Code_Point}\ufffd]/u.test(text)) return 'bad-character'
  if (text.startsWith('$')) return 'reserved'
  if (utf8Length(text) > MAX_TOPIC_BYTES) return 'too-long'
  if (text.split('/').length > MAX_TOPIC_LEVELS) return 'too-deep'
  return undefined
}

/** A filter compiled for many topics. */
export type TopicMatcher = (topic: string) => boolean

/** Tells whether topics match a filter, by the rules of MQTT 3.1.1 section 4.7. */
export function topicMatcher(filter: string): TopicMatcher {
  if (!/[+#]/.test(filter)) return (topic) => topic === filter
  const pattern = filter.split('/')
  return (topic) => matchesLevels(pattern, topic)
}

/** Walks over a topic without taking it apart: this is asked for every message. */
function matchesLevels(pattern: readonly string[], topic: string): boolean {
  // [MQTT-4.7.2-1]: a leading wildcard does not reach topics that begin with `$`.
  if (isWild(pattern[0]) && topic.startsWith('$')) return false
  let at = 0
  for (let index = 0; ; index++) {
    const level = pattern[index]
    // It also stands for its parent level, where the topic has just ended.
    if (level === '#') return true
    const hasEnded = at > topic.length
    if (level === undefined || hasEnded) return level === undefined && hasEnded
    const slash = topic.indexOf('/', at)
    const end = slash < 0 ? topic.length : slash
    const isSame = level === '+' || (level.length === end - at && topic.startsWith(level, at))
    if (!isSame) return false
    at = end + 1
  }
}

/** Whether some topic matches both filters: nothing that we publish may come back in as input. */
export function overlaps(filterA: string, filterB: string): boolean {
  return levelsOverlap(filterA.split('/'), filterB.split('/'))
}

/** Whether every topic that `filter` matches is matched by `allowed` as well: what a right to subscribe comes down to. */
export function covers(allowed: string, filter: string): boolean {
  const wide = allowed.split('/')
  // Every topic has at least one level.
  const narrow = filter === '#' ? ['+', '#'] : filter.split('/')
  // [MQTT-4.7.2-1]: a leading wildcard does not reach topics that begin with `$`.
  if (isWild(wide[0]) && narrow[0]?.startsWith('$')) return false
  for (let level = 0; ; level++) {
    const left = wide[level]
    const right = narrow[level]
    if (left === '#') return true
    if (left === undefined || right === undefined) return left === right
    if (right === '#' || (left !== '+' && left !== right)) return false
  }
}

function levelsOverlap(a: readonly string[], b: readonly string[]): boolean {
  // [MQTT-4.7.2-1]: a leading wildcard does not reach topics that begin with `$`.
  if (isWild(a[0]) && b[0]?.startsWith('$')) return false
  if (isWild(b[0]) && a[0]?.startsWith('$')) return false
  for (let level = 0; ; level++) {
    const left = a[level]
    const right = b[level]
    // `#` also stands for its parent level, so it overlaps where the other one has just ended.
    if (left === '#' || right === '#') return true
    if (left === undefined || right === undefined) return left === right
    if (left !== right && left !== '+' && right !== '+') return false
  }
}

const isWild = (level: string | undefined): boolean => level === '+' || level === '#'
