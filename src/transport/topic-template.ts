import { filterFault, topicFault } from '../topic-filter.js'
import { BrokerError } from './broker-error.js'

const DEVICE = '{device}'

/** A topic filter in which one level may name the device. */
export interface TopicTemplate {
  /** What is subscribed: `{device}` has become `+`. */
  readonly filter: string
  /** The level that names the device, as it came; `undefined` where the template has none. */
  deviceIn(topic: string): string | undefined
}

/** Reads `alec/{device}/frame`, or a topic whose frames are all of one `device`; throws `ERR_TOPIC_TEMPLATE`. */
export function parseTopicTemplate(template: string, device?: string): TopicTemplate {
  const levels = template.split('/')
  const position = levels.indexOf(DEVICE)
  const filter = levels.map((level) => (level === DEVICE ? '+' : level)).join('/')
  const problem = templateProblem(levels, filter, device)
  if (problem !== undefined) {
    throw new BrokerError(
      'ERR_TOPIC_TEMPLATE',
      `topic '${template}' cannot be a source: ${problem}`,
    )
  }
  return {
    filter,
    deviceIn: (topic) => (position < 0 ? undefined : levelOf(topic, position)),
  }
}

/** The level of a topic at this place; undefined where it has fewer. */
function levelOf(topic: string, position: number): string | undefined {
  let start = 0
  for (let level = 0; level < position; level++) {
    const slash = topic.indexOf('/', start)
    if (slash < 0) return undefined
    start = slash + 1
  }
  const end = topic.indexOf('/', start)
  return end < 0 ? topic.slice(start) : topic.slice(start, end)
}

function templateProblem(
  levels: readonly string[],
  filter: string,
  device: string | undefined,
): string | undefined {
  const named = levels.filter((level) => level === DEVICE).length
  if (/[{}]/.test(filter)) return `only '${DEVICE}' is known, and it stands for a whole level`
  if (named > 1) return `'${DEVICE}' stands in it ${named} times`
  if (named === 1 && device !== undefined) return `both '${DEVICE}' and ${device} name the device`
  if (named === 0 && device === undefined) return `neither '${DEVICE}' nor a device name the device`
  const fault = filterFault(filter)
  return fault === undefined ? undefined : `it is no topic filter (${fault})`
}

/** Fills `{device}` into a downlink topic; throws `ERR_DOWNLINK_TOPIC` where no id could make it a legal topic. */
export function parseDownlinkTopic(template: string): (device: string) => string {
  const parts = template.split(DEVICE)
  const sample = parts.join('x')
  const fault = /[{}]/.test(sample) ? 'unknown-placeholder' : topicFault(sample)
  if (fault !== undefined) {
    throw new BrokerError(
      'ERR_DOWNLINK_TOPIC',
      `downlink topic '${template}' cannot be published (${fault})`,
    )
  }
  return (device) => parts.join(device)
}
