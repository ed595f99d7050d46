import type { DeviceEvent, DeviceSession, ResyncBudget } from '../device/index.js'
import type { Source } from '../transport/index.js'

/** The downlink that asks a device for a keyframe. */
const KEYFRAME = Uint8Array.of(0xff)

/** Asks devices for keyframes by the door they are heard at, within the budgets. */
export class KeyframeRequests {
  readonly #budget: ResyncBudget
  readonly #sources: readonly Source[]
  #unsent = 0

  constructor(budget: ResyncBudget, sources: readonly Source[]) {
    this.#budget = budget
    this.#sources = sources
  }

  /** Requests that a budget held back, and requests that found no open door. */
  get counters(): { readonly refused: number; readonly unsent: number } {
    return { refused: this.#budget.refused, unsent: this.#unsent }
  }

  /** Sends a request, or does not: the device asks again with its next frame. Returns the event where it left. */
  ask(session: DeviceSession, at: { mono: number; wall: number }): DeviceEvent | undefined {
    const door = this.#sources.find(
      (source) => source.id === session.source && source.serves(session.id),
    )
    if (!door) return undefined
    const kind = door.id.startsWith('mqtt:') ? 'mqtt' : 'line'
    if (!this.#budget.take(session.id, kind, at.mono)) return undefined
    const sent = door.send(session.id, KEYFRAME)
    if (sent.ok) return session.resyncSent(at.wall, session.stream.sync.message)
    this.#unsent++
    this.#budget.giveBack(session.id)
    return undefined
  }
}
