import { MAX_TOPIC_BYTES, MAX_TOPIC_LEVELS } from '../names.js'

const DEVICE = '{device}'

/** A topic filter with `{device}` as the broker knows it. */
export const filterOf = (template: string): string =>
  template
    .split('/')
    .map((level) => (level.includes(DEVICE) ? '+' : level))
    .join('/')

/** Whether a level of the topic names the device. */
export const namesDevice = (template: string): boolean => template.split('/').includes(DEVICE)

/** Why nothing can be subscribed by this template, or undefined. */
export function templateFault(template: string): string | undefined {
  const levels = template.split('/')
  if (levels.filter((level) => level === DEVICE).length > 1) return `${DEVICE} can stand only once`
  for (const [index, level] of levels.entries()) {
    if (level === DEVICE || level === '+') continue
    if (level === '#' && index === levels.length - 1) continue
    if (/[{}]/.test(level))
      return `${DEVICE} must be a whole level, and there are no other placeholders`
    if (/[+#]/.test(level)) return '+ and # must be whole levels, and # the last one'
  }
  return commonFault(template)
}

/** Why nothing can be published on this topic, `{device}` filled in, or undefined. */
export function publishFault(template: string): string | undefined {
  const topic = template.replaceAll(DEVICE, 'x')
  if (/[{}]/.test(topic)) return `there are no other placeholders than ${DEVICE}`
  if (/[+#]/.test(topic)) return 'a topic to publish on has no + and no #'
  return commonFault(topic)
}

function commonFault(topic: string): string | undefined {
  if (topic === '') return 'it is empty'
  if (topic.startsWith('$')) return 'topics that begin with $ belong to the broker'
  if (/[\0\p{Surrogate}\ufffd]/u.test(topic)) return 'it holds a character that MQTT does not carry'
  if (new TextEncoder().encode(topic).length > MAX_TOPIC_BYTES) {
    return `it is longer than ${MAX_TOPIC_BYTES} bytes`
  }
  const levels = topic.split('/').length
  return levels > MAX_TOPIC_LEVELS ? `it has more than ${MAX_TOPIC_LEVELS} levels` : undefined
}

/** Every topic that the bridge may publish by itself, as filters; `discovery` where Home Assistant looks for devices. */
export const outputFilters = (base: string, discovery?: string): readonly string[] => [
  ...[
    '+/command',
    '+/readings',
    '+/readings/+',
    '+/availability',
    '+/status',
    '+/status/health',
    '+/status/circuit',
    '+/event',
    'bridge/state',
    'bridge/status',
    'bridge/info',
    'bridge/devices',
    'bridge/devices/+',
    'bridge/snapshot',
    'bridge/snapshot/+',
    'bridge/response/#',
    // Where several bridges share the base topic, each has a level of its own.
    'bridge/+/state',
    'bridge/+/status',
    'bridge/+/info',
    'bridge/+/devices',
    'bridge/+/devices/+',
    'bridge/+/snapshot',
    'bridge/+/snapshot/+',
    'bridge/+/response/#',
  ].map((topic) => `${base}/${topic}`),
  ...(discovery === undefined ? [] : [`${discovery}/device/+/config`]),
]

/** Every topic that requests to this bridge come by, or to one of several that share the base topic. */
export const requestFilters = (base: string): readonly string[] => [
  `${base}/bridge/request/#`,
  `${base}/bridge/+/request/#`,
]
