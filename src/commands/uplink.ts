import type { Configuration, MqttSourceConfig, PayloadConfig } from '../config/index.js'
import { topicFault } from '../topic-filter.js'
import type { OutgoingMessage } from '../transport/index.js'

/** How a device's frame is published so that a source of the configuration takes it in. */
export type Uplink = (frame: Uint8Array) => OutgoingMessage

/** The MQTT source that brings a device's frames: one that names it before one that takes any. */
export function sourceBringing(
  device: string,
  { sources }: Configuration,
): MqttSourceConfig | undefined {
  const mqtt = sources.filter((source) => source.kind === 'mqtt')
  return (
    mqtt.find((source) => source.device === device || externalIdOf(device, source) !== undefined) ??
    // An id that is mapped to another device would be that one's.
    mqtt.find((source) => source.device === undefined && !source.devices?.has(device))
  )
}

/** Undefined where no MQTT source brings frames of this device. */
export function uplinkOf(device: string, configuration: Configuration): Uplink | undefined {
  const source = sourceBringing(device, configuration)
  if (!source) return undefined
  const topic = source.topic
    .split('/')
    .map((level) => {
      if (level === '{device}') return externalIdOf(device, source) ?? device
      // Any level will do there.
      return level === '+' || level === '#' ? 'replay' : level
    })
    .join('/')
  if (topicFault(topic) !== undefined) return undefined
  return (frame) => ({ topic, payload: payloadOf(source.payload, frame), qos: 1, retain: false })
}

const externalIdOf = (device: string, { devices }: MqttSourceConfig): string | undefined =>
  [...(devices ?? [])].find(([, id]) => id === device)?.[0]

/** What `payloadExtraction` takes apart. */
function payloadOf({ json, encoding }: PayloadConfig, frame: Uint8Array): string | Uint8Array {
  const text = encoding === 'binary' ? undefined : Buffer.from(frame).toString(encoding)
  if (json === undefined) return text ?? frame
  const field: unknown = text ?? [...frame]
  const document = json.split('.').reduceRight((inner, key) => ({ [key]: inner }), field)
  return JSON.stringify(document)
}
