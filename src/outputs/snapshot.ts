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
  const draft = new SnapshotDraft(topics, context)
  for (const status of statuses) draft.add(status)
  return [...draft.publications(chunksBefore)]
}

/** The same, made bit by bit: that of a large fleet takes a second, in which frames must not wait. */
export class SnapshotDraft {
  readonly #topics: BridgeTopics
  readonly #context: StatusContext
  readonly #room: number
  /** Documents joined by commas, as few texts as their order and the room allow. */
  readonly #groups: string[] = []
  #group = ''
  #bytes = 0

  constructor(topics: BridgeTopics, context: StatusContext) {
    this.#topics = topics
    this.#context = context
    this.#room = MAX_CHUNK_BYTES - utf8Length(this.#chunk(1e6, 1e6, ''))
  }

  add(status: DeviceStatus): void {
    const { device } = status
    const document = JSON.stringify({ device, ...statusDocument(status, this.#context) })
    const size = utf8Length(document) + 1
    if (this.#group !== '' && this.#bytes + size > this.#room) {
      this.#groups.push(this.#group)
      this.#group = ''
      this.#bytes = 0
    }
    this.#group += this.#group === '' ? document : `,${document}`
    this.#bytes += size
  }

  /** How many messages have devices in them; at least one. */
  get chunks(): number {
    return this.#groups.length + 1
  }

  *publications(chunksBefore: number): Generator<Publication> {
    const groups = [...this.#groups, this.#group]
    for (const [index, devices] of groups.entries()) {
      const chunk = index + 1
      yield retained(chunkTopic(this.#topics, chunk), this.#chunk(chunk, groups.length, devices))
    }
    for (let chunk = groups.length + 1; chunk <= chunksBefore; chunk++)
      yield cleared(chunkTopic(this.#topics, chunk))
  }

  #chunk(chunk: number, of: number, devices: string): string {
    const { wall, bridge } = this.#context
    return `{"ts":"${isoTime(wall)}","bridge":${JSON.stringify(bridge)},"chunk":${chunk},"of":${of},"devices":[${devices}]}`
  }
}

const chunkTopic = (topics: BridgeTopics, chunk: number): string =>
  chunk === 1 ? topics.snapshot : `${topics.snapshot}/${chunk}`
