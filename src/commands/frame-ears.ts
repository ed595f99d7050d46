import type { Configuration, MqttSourceConfig } from '../config/index.js'
import { type TopicMatcher, topicMatcher } from '../topic-filter.js'
import {
  type Extraction,
  type IncomingMessage,
  parseTopicTemplate,
  payloadExtraction,
} from '../transport/index.js'

/** Where frames of an MQTT source come by, and what a message there holds. */
export interface FrameEar {
  readonly filter: string
  readonly matches: TopicMatcher
  readonly acceptRetained: boolean
  hear(message: IncomingMessage): { readonly device: string; readonly frame: Extraction }
}

/** Frames of serial lines do not come by the broker. */
export const frameEars = ({ sources }: Configuration): FrameEar[] =>
  sources.flatMap((source) => (source.kind === 'mqtt' ? [frameEar(source)] : []))

function frameEar({
  topic: template,
  device,
  devices,
  payload: form,
  acceptRetained,
}: MqttSourceConfig): FrameEar {
  const { filter, deviceIn } = parseTopicTemplate(template, device)
  const extract = payloadExtraction(form)
  return {
    filter,
    matches: topicMatcher(filter),
    acceptRetained,
    hear: ({ topic, payload }) => {
      const name = device ?? deviceIn(topic) ?? ''
      return { device: devices?.get(name) ?? name, frame: extract(payload) }
    },
  }
}
