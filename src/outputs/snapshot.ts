import type { DeviceStatus } from '../device/index.js'
import { utf8Length } from '../names.js'
import type { BridgeTopics } from './bridge-topics.js'
import { isoTime } from './iso-time.js'
import { cleared, type Publication, retained } from './publication.js'
import { type StatusContext, statusDocument } from './status.js'

const MAX_CHUNK_BYTES = 64 * 1024

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
  const wrapped = (chunk: number, of: number, devices: string) =>
    `{"ts":"${isoTime(context.wall)}","bridge":${JSON.stringify(context.bridge)},"chunk":${chunk},"of":${of},"devices":[${devices}]}`
  const room = MAX_CHUNK_BYTES - utf8Length(wrapped(1e6, 1e6, ''))

  const chunks = grouped(
    Array.from(statuses, (status) =>
      JSON.stringify({ device: status.device, ...statusDocument(status, context) }),
    ),
    room,
  )
  const publications = chunks.map((devices, index) =>
    retained(chunkTopic(topics, index + 1), wrapped(index + 1, chunks.length, devices)),
  )
  for (let chunk = chunks.length + 1; chunk <= chunksBefore; chunk++) {
    publications.push(cleared(chunkTopic(topics, chunk)))
  }
  return publications
}

const chunkTopic = (topics: BridgeTopics, chunk: number): string =>
  chunk === 1 ? topics.snapshot : `${topics.snapshot}/${chunk}`

/** Joins documents by commas into as few texts of at most `room` bytes as their order allows; at least one text. */
function grouped(documents: readonly string[], room: number): string[] {
  const groups: string[] = []
  let group = ''
  let bytes = 0
  for (const document of documents) {
    const size = utf8Length(document) + 1
    if (group !== '' && bytes + size > room) {
      groups.push(group)
      group = ''
      bytes = 0
    }
    group += group === '' ? document : `,${document}`
    bytes += size
  }
  return [...groups, group]
}
