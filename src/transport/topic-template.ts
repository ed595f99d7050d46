import { BrokerError } from './broker-error.js'
import { filterFault, topicFault } from './topic-filter.js'

const DEVICE = '{device}'

/** A topic filter in which one level may name the device. */
export interface TopicTemplate {
  /** What is subscribed: `{device}` has become `+`. */
  readonly filter: string
  /** Whether a level of the topic names the device. */
  readonly namesDevice: boolean
  /** The level that names the device, as it came; `undefined` where there is none. */
  deviceIn(topic: string): string | undefined
}

/** Reads `alec/{device}/frame`; throws `ERR_TOPIC_TEMPLATE` where it is no usable filter. */
export function parseTopicTemplate(template: string): TopicTemplate {
  const levels = template.split('/')
  const position = levels.indexOf(DEVICE)
  const filter = levels.map((level) => (level === DEVICE ? '+' : level)).join('/')
  const fault = /[{}]/.test(filter) ? 'partial-placeholder' : filterFault(filter)
  if (fault !== undefined || position !== levels.lastIndexOf(DEVICE)) {
    throw new BrokerError(
      'ERR_TOPIC_TEMPLATE',
      `topic '${template}' cannot be subscribed (${fault ?? 'two-devices'}): '${DEVICE}', '+' and '#' ` +
        `stand for whole levels, '${DEVICE}' once, '#' last`,
    )
  }
  return {
    filter,
    namesDevice: position >= 0,
    deviceIn: (topic) => (position < 0 ? undefined : topic.split('/')[position]),
  }
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
