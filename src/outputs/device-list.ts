import { type ChannelInfo, channelDocument } from './bridge-status.js'
import type { BridgeTopics } from './bridge-topics.js'
import { chunksOf, chunkTopic } from './chunks.js'
import { cleared, type Publication, retained } from './publication.js'

export interface DeviceInfo {
  readonly id: string
  readonly name?: string
  readonly model: string
  /** Who has declared it: the configuration file, a request, or nobody. */
  readonly origin: 'file' | 'request' | 'accepted'
  readonly channels: readonly ChannelInfo[]
}

/** The list as its messages are made one by one. */
export interface DeviceList {
  /** Messages with devices in them; at least one. */
  readonly chunks: number
  readonly publications: Iterable<Publication>
}

/**
 * Which devices there are and what they measure: a list on `alec/bridge/devices`. Where it is longer than 64 KiB that
 * topic holds chunk 1, which says `of` how many, and chunk n is on `…/devices/<n>`. Chunks of an earlier, longer list are
 * cleared.
 *
 * `devices` is walked once to know how many messages there are, and once more while they are taken: all of them together
 * would be 40 MB of 100 000 devices. Of devices that come in between those are left out for which there is no room; of a
 * list that is said while devices come and go another follows.
 */
export function deviceList(
  topics: BridgeTopics,
  devices: () => Iterable<DeviceInfo>,
  chunksBefore: number,
): DeviceList {
  let chunks = 0
  for (const _ of listTexts(devices())) chunks++
  return { chunks, publications: listPublications(topics, devices, chunks, chunksBefore) }
}

function* listPublications(
  topics: BridgeTopics,
  devices: () => Iterable<DeviceInfo>,
  chunks: number,
  chunksBefore: number,
): Generator<Publication, void> {
  let chunk = 0
  for (const list of listTexts(devices())) {
    if (++chunk > chunks) break
    const words = chunks === 1 ? `[${list}]` : wordsOf(chunk, chunks, list)
    yield retained(chunkTopic(topics.devices, chunk), words)
  }
  for (; chunk < chunks; chunk++)
    yield retained(chunkTopic(topics.devices, chunk + 1), wordsOf(chunk + 1, chunks, ''))
  for (let more = chunks + 1; more <= chunksBefore; more++)
    yield cleared(chunkTopic(topics.devices, more))
}

function* listTexts(devices: Iterable<DeviceInfo>): Generator<string, void> {
  yield* chunksOf(listEntries(devices), wordsOf(1e6, 1e6, ''))
}

function* listEntries(devices: Iterable<DeviceInfo>): Generator<string, void> {
  // Devices of a model share their channels' text.
  const texts = new Map<readonly ChannelInfo[], string>()
  const channelsOf = (channels: readonly ChannelInfo[]): string => {
    const text = texts.get(channels) ?? JSON.stringify(channels.map(channelDocument))
    texts.set(channels, text)
    return text
  }
  for (const { id, name, model, origin, channels } of devices) {
    const own = JSON.stringify({ id, ...(name !== undefined && { name }), model, origin })
    yield `${own.slice(0, -1)},"channels":${channelsOf(channels)}}`
  }
}

const wordsOf = (chunk: number, chunks: number, devices: string): string =>
  `{"chunk":${chunk},"of":${chunks},"devices":[${devices}]}`
