import type { DeviceStatus } from '../device/index.js'
import type { BridgeTopics } from './bridge-topics.js'
import { Chunks, chunkTopic } from './chunks.js'
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
  const draft = new SnapshotDraft(topics, context)
  for (const status of statuses) draft.add(status)
  return [...draft.publications(chunksBefore)]
}

/** The same, made bit by bit: that of a large fleet takes a second, in which frames must not wait. */
export class SnapshotDraft {
  readonly #topics: BridgeTopics
  readonly #context: StatusContext
  readonly #chunks: Chunks

  constructor(topics: BridgeTopics, context: StatusContext) {
    this.#topics = topics
    this.#context = context
    this.#chunks = new Chunks(this.#chunk(1e6, 1e6, ''))
  }

  add(status: DeviceStatus): void {
    const { device } = status
    this.#chunks.add(JSON.stringify({ device, ...statusDocument(status, this.#context) }))
  }

  /** How many messages have devices in them; at least one. */
  get chunks(): number {
    return this.#chunks.count
  }

  *publications(chunksBefore: number): Generator<Publication> {
    const { texts } = this.#chunks
    for (const [index, devices] of texts.entries()) {
      const chunk = index + 1
      yield retained(
        chunkTopic(this.#topics.snapshot, chunk),
        this.#chunk(chunk, texts.length, devices),
      )
    }
    for (let chunk = texts.length + 1; chunk <= chunksBefore; chunk++)
      yield cleared(chunkTopic(this.#topics.snapshot, chunk))
  }

  #chunk(chunk: number, of: number, devices: string): string {
    const { wall, bridge } = this.#context
    return `{"ts":"${isoTime(wall)}","bridge":${JSON.stringify(bridge)},"chunk":${chunk},"of":${of},"devices":[${devices}]}`
  }
}
