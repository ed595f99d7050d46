import type { DeviceSession } from '../device/index.js'
import {
  type BridgeTopics,
  type Publication,
  SnapshotDraft,
  type StatusContext,
} from '../outputs/index.js'

/** So many devices are described in a row: frames come in between. */
const DEVICES_AT_ONCE = 400
/** So many messages leave in a row. */
const MESSAGES_AT_ONCE = 32

/** The snapshot of all devices' status, a piece at a time. */
export class StatusSnapshot {
  readonly #topics: BridgeTopics
  #work: Generator<readonly Publication[], readonly Publication[]> | undefined
  #chunks = 0

  constructor(topics: BridgeTopics) {
    this.#topics = topics
  }

  /** Begins anew, whatever was left of one before. */
  begin(sessions: Iterable<DeviceSession>, context: StatusContext): void {
    this.#work = this.#pieces(sessions, context)
  }

  /** How many messages the last one had that was described to the end. */
  get chunks(): number {
    return this.#chunks
  }

  get isUnfinished(): boolean {
    return this.#work !== undefined
  }

  /** What is to be published next; nothing where there is still something to be described. */
  next(): readonly Publication[] {
    const piece = this.#work?.next()
    if (piece?.done) this.#work = undefined
    return piece?.value ?? []
  }

  *#pieces(
    sessions: Iterable<DeviceSession>,
    context: StatusContext,
  ): Generator<readonly Publication[], readonly Publication[]> {
    const draft = new SnapshotDraft(this.#topics, context)
    let described = 0
    for (const session of sessions) {
      draft.add(session.status())
      if (++described % DEVICES_AT_ONCE === 0) yield []
    }
    const before = this.#chunks
    this.#chunks = draft.chunks
    let messages: Publication[] = []
    for (const message of draft.publications(before)) {
      if (messages.length === MESSAGES_AT_ONCE) {
        yield messages
        messages = []
      }
      messages.push(message)
    }
    return messages
  }
}
