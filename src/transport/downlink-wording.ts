import type { DownlinkConfig } from '../config/configuration.js'
import type { OutgoingMessage } from './broker-port.js'
import { parseDownlinkTopic } from './topic-template.js'

/** Words a downlink as the network behind a topic wants it; `device` is the id that this network uses. */
export type DownlinkWording = (device: string, bytes: Uint8Array) => OutgoingMessage

/** Without a configuration: bare bytes on `<base>/<device>/command`. Throws `ERR_DOWNLINK_TOPIC`. */
export function downlinkWording(
  config: DownlinkConfig | undefined,
  baseTopic: string,
): DownlinkWording {
  const topicFor = parseDownlinkTopic(config?.topic ?? `${baseTopic}/{device}/command`)
  return (device, bytes) => ({
    topic: topicFor(device),
    payload: payloadOf(config, device, bytes),
    qos: 1,
    retain: false,
  })
}

function payloadOf(
  config: DownlinkConfig | undefined,
  device: string,
  bytes: Uint8Array,
): string | Uint8Array {
  const buffer = Buffer.from(bytes)
  if (config?.json !== undefined) {
    const values = { base64: buffer.toString('base64'), hex: buffer.toString('hex'), device }
    return JSON.stringify(fill(config.json, values))
  }
  const encoding = config?.encoding ?? 'binary'
  return encoding === 'binary' ? buffer : buffer.toString(encoding)
}

type Values = Readonly<Record<'base64' | 'hex' | 'device', string>>

/** One pass, so that an id which looks like a placeholder is not filled in itself. */
function fill(document: unknown, values: Values): unknown {
  if (typeof document === 'string') {
    return document.replace(/\{(base64|hex|device)\}/g, (_, name: keyof Values) => values[name])
  }
  if (Array.isArray(document)) return document.map((item) => fill(item, values))
  if (typeof document === 'object' && document !== null) {
    return Object.fromEntries(
      Object.entries(document).map(([key, item]) => [key, fill(item, values)]),
    )
  }
  return document
}
