/** The one place that says which ids and topics there may be. Anything else is refused, never escaped. */

/** What the id of a device or channel may be made of; reserved words are another matter. */
export const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const RESERVED_DEVICE_ID = 'bridge'

/** A channel's name is a key of the readings, beside these. */
const READINGS_KEYS: ReadonlySet<string> = new Set([
  'ts',
  'device_ts',
  'epoch',
  'seq',
  'quality',
  'priority',
  'uncertain',
  'invalid',
  'integrity',
  'key',
])

/** Longest topic that we publish, subscribe or accept, in UTF-8 bytes. */
export const MAX_TOPIC_BYTES = 256
/** Deepest topic; brokers and their matchers pay per level. */
export const MAX_TOPIC_LEVELS = 10

/** The longest that follows a base topic: `/<device>/readings/<channel>`. */
const LONGEST_TAIL = Object.freeze({ bytes: 64 + 64 + '//readings/'.length, levels: 3 })

/** Wildcards, control characters, and what is not well-formed, was not, or is not allowed in UTF-8 [MQTT-1.5.4]. */
const FORBIDDEN = /[+#\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\ufffd]/u

/** Words and ids that topics are made of below the base; `_` for `alec_<device>` in discovery topics. */
const PART = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/

export const isDeviceId = (text: string): boolean =>
  ID.test(text) && text.toLowerCase() !== RESERVED_DEVICE_ID

export const isChannelName = (text: string): boolean => ID.test(text) && !READINGS_KEYS.has(text)

/** Two ids that are the same to somebody who does not look at the case are not allowed beside each other. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Why a text cannot be the base of all our topics; undefined where it can. */
export function baseTopicFault(base: string): string | undefined {
  if (base === '') return 'is empty'
  if (FORBIDDEN.test(base)) return 'holds a wildcard, a control character or invalid Unicode'
  if (base.startsWith('$')) return "begins with '$', which is the broker's"
  const levels = base.split('/')
  if (levels.includes('')) return 'holds an empty level'
  if (levels.length > MAX_TOPIC_LEVELS - LONGEST_TAIL.levels) {
    return `has ${levels.length} levels, more than ${MAX_TOPIC_LEVELS - LONGEST_TAIL.levels}`
  }
  const bytes = utf8Length(base)
  return bytes > MAX_TOPIC_BYTES - LONGEST_TAIL.bytes
    ? `takes ${bytes} bytes, more than ${MAX_TOPIC_BYTES - LONGEST_TAIL.bytes}`
    : undefined
}

/**
 * Builds a topic from a valid base and parts (ids and fixed words). Throws a RangeError where that is no
 * topic: the names it is made of were to be validated before.
 */
export function topic(base: string, ...parts: readonly string[]): string {
  const fault = baseTopicFault(base)
  if (fault !== undefined) throw new RangeError(`base topic ${JSON.stringify(base)} ${fault}`)
  const wrong = parts.find((part) => !PART.test(part))
  if (wrong !== undefined)
    throw new RangeError(`${JSON.stringify(wrong)} cannot be part of a topic`)
  const whole = [base, ...parts].join('/')
  const levels = whole.split('/').length
  if (levels > MAX_TOPIC_LEVELS || utf8Length(whole) > MAX_TOPIC_BYTES) {
    throw new RangeError(`topic ${JSON.stringify(whole)} is too long`)
  }
  return whole
}

/** Bytes of a well-formed text in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    // Each half of a surrogate pair stands for two of its four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return bytes
}

/** The id of the door that a topic of devices' frames is; `device` where all of them are one device's. */
export const mqttSourceId = (topic: string, device: string | undefined): string =>
  `mqtt:${topic}${device === undefined ? '' : ` (${device})`}`

/** A URL in a door's id or in an error may carry `user:password@`: what is shown does not. */
export const withoutCredentials = (text: string): string => text.replace(/:\/\/[^/\s]*@/g, '://')
