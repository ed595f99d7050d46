import { type ChannelInfo, channelDocument } from './bridge-status.js'
import type { BridgeTopics } from './bridge-topics.js'
import { Chunks, chunkTopic } from './chunks.js'
import { cleared, type Publication, retained } from './publication.js'

export interface DeviceInfo {
  readonly id: string
  readonly name?: string
  readonly model: string
  /** Who has declared it: the configuration file, a request, or nobody. */
  readonly origin: 'file' | 'request' | 'accepted'
  readonly channels: readonly ChannelInfo[]
}

/**
 * Which devices there are and what they measure: a list on `alec/bridge/devices`. Where it is longer than 64 KiB that
 * topic holds chunk 1, which says `of` how many, and chunk n is on `…/devices/<n>`. Chunks of an earlier, longer list are
 * cleared.
 */
export function deviceListPublications(
  topics: BridgeTopics,
  devices: Iterable<DeviceInfo>,
  chunksBefore: number,
): Publication[] {
  // Devices of a model share their channels' text: of many devices objects would take several times as much memory.
  const texts = new Map<readonly ChannelInfo[], string>()
  const channelsOf = (channels: readonly ChannelInfo[]): string => {
    const text = texts.get(channels) ?? JSON.stringify(channels.map(channelDocument))
    texts.set(channels, text)
    return text
  }
  const chunks = new Chunks(chunkText(1e6, 1e6, ''))
  for (const { id, name, model, origin, channels } of devices) {
    const own = JSON.stringify({ id, ...(name !== undefined && { name }), model, origin })
    chunks.add(`${own.slice(0, -1)},"channels":${channelsOf(channels)}}`)
  }
  const { texts: lists } = chunks
  const publications = lists.map((list, index) =>
    retained(
      chunkTopic(topics.devices, index + 1),
      lists.length === 1 ? `[${list}]` : chunkText(index + 1, lists.length, list),
    ),
  )
  for (let chunk = lists.length + 1; chunk <= chunksBefore; chunk++)
    publications.push(cleared(chunkTopic(topics.devices, chunk)))
  return publications
}

const chunkText = (chunk: number, of: number, devices: string): string =>
  `{"chunk":${chunk},"of":${of},"devices":[${devices}]}`
