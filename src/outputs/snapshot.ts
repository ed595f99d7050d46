import type { DeviceStatus } from '../device/index.js'
import type { BridgeTopics } from './bridge-topics.js'
import { chunksOf, chunkTopic } from './chunks.js'
import { isoTime } from './iso-time.js'
import { cleared, type Publication, retained } from './publication.js'
import { type StatusContext, statusDocument } from './status.js'

/**
 * All devices' status for readers behind a broker that does not send retained messages to wildcards. Chunk 1
 * is on `alec/bridge/snapshot` itself and says `of` how many; chunk n is on `…/snapshot/<n>`. Chunks of an
 * earlier, longer snapshot are cleared. No chunk is above 64 KiB, unless one device alone is.
 */
export function snapshotPublications(
  statuses: Iterable<DeviceStatus>,
  topics: BridgeTopics,
  context: StatusContext,
  chunksBefore: number,
): Publication[] {
  const entries = Array.from(statuses, (status) => snapshotEntry(status, context))
  const texts = [...chunksOf(entries, longestFrame(context))]
  return [
    ...texts.map((devices, index) =>
      snapshotChunk({ chunk: index + 1, of: texts.length, devices }, topics, context),
    ),
    ...clearedChunks(topics, texts.length, chunksBefore),
  ]
}

/** One device of it. */
export const snapshotEntry = (status: DeviceStatus, context: StatusContext): string =>
  JSON.stringify({ device: status.device, ...statusDocument(status, context) })

export interface SnapshotChunk {
  /** From 1 on. */
  readonly chunk: number
  readonly of: number
  /** Entries, joined by commas. */
  readonly devices: string
}

/** One message of it. */
export const snapshotChunk = (
  chunk: SnapshotChunk,
  { snapshot }: BridgeTopics,
  context: StatusContext,
): Publication => retained(chunkTopic(snapshot, chunk.chunk), wordsOf(chunk, context))

/** What a message holds beside devices, at its longest. */
export const longestFrame = (context: StatusContext): string =>
  wordsOf({ chunk: 1e6, of: 1e6, devices: '' }, context)

/** Takes back what a snapshot before this one of `chunks` had more. */
export function clearedChunks(
  { snapshot }: BridgeTopics,
  chunks: number,
  before: number,
): Publication[] {
  const more = Math.max(0, before - chunks)
  return Array.from({ length: more }, (_, n) => cleared(chunkTopic(snapshot, chunks + 1 + n)))
}

const wordsOf = ({ chunk, of, devices }: SnapshotChunk, { wall, bridge }: StatusContext): string =>
  `{"ts":"${isoTime(wall)}","bridge":${JSON.stringify(bridge)},"chunk":${chunk},"of":${of},"devices":[${devices}]}`
