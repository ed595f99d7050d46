import {
  type DeviceEvent,
  type DeviceSession,
  type ResyncBudget,
  type ResyncPolicy,
  resyncGain,
} from '../device/index.js'
import type { Source } from '../transport/index.js'

/** The downlink that asks a device for a keyframe. */
const KEYFRAME = Uint8Array.of(0xff)

interface Moment {
  readonly mono: number
  readonly wall: number
}

/** A request that has left, with the event that tells it. */
export interface SentRequest {
  readonly session: DeviceSession
  readonly event: DeviceEvent
}

/** Asks devices for keyframes by the door they are heard at, within the budgets. */
export class KeyframeRequests {
  readonly #budget: ResyncBudget
  readonly #sources: readonly Source[]
  readonly #sessions = new Map<string, DeviceSession>()
  #unsent = 0

  constructor(budget: ResyncBudget, sources: readonly Source[]) {
    this.#budget = budget
    this.#sources = sources
  }

  /** Requests that a device's budget held back, that wait for the bridge's, and that found no open door. */
  get counters(): { readonly refused: number; readonly waiting: number; readonly unsent: number } {
    return { refused: this.#budget.refused, waiting: this.#budget.waiting, unsent: this.#unsent }
  }

  /** A device needs a keyframe. Returns what has left on that occasion: its request, another's, or none. */
  ask(session: DeviceSession, at: Moment): readonly SentRequest[] {
    const door = this.#doorOf(session)
    if (!door) return []
    this.#sessions.set(session.id, session)
    const { id: device, ttlMs, stream, profile } = session
    const gain = resyncGain(stream, profile)
    const kind = door.id.startsWith('mqtt:') ? 'mqtt' : 'line'
    this.#budget.wish({ device, door: kind, gain, until: at.mono + ttlMs }, at.mono)
    return this.send(at)
  }

  /** Other limits from now on. */
  limit(policy: ResyncPolicy): void {
    this.#budget.policy = policy
  }

  /** Asks a device at once, whatever it needs and what the budgets say: somebody wants it. */
  insist(session: DeviceSession, wall: number): SentRequest | string {
    const door = this.#doorOf(session)
    if (!door) return 'no door leads to the device: it has not been heard yet'
    const outcome = door.send(session.id, KEYFRAME)
    if (!outcome.ok) return `${door.id}: ${outcome.reason}`
    return { session, event: session.resyncSent(wall, 'asked for by a request') }
  }

  /** A device needs none any more. */
  settle(session: DeviceSession): void {
    this.#budget.withdraw(session.id)
  }

  /** A device is gone, or somebody else's: whatever it needs, he asks it for that. */
  forget(device: string): void {
    this.#budget.withdraw(device)
    this.#sessions.delete(device)
  }

  /** Sends what the budgets allow by now. */
  send(at: Moment): readonly SentRequest[] {
    const sent: SentRequest[] = []
    for (;;) {
      const device = this.#budget.draw(at.mono)
      if (device === undefined) return sent
      const session = this.#sessions.get(device)
      const event = session && this.#sendTo(session, at.wall)
      if (session && event) sent.push({ session, event })
    }
  }

  #sendTo(session: DeviceSession, wall: number): DeviceEvent | undefined {
    // It asks again with its next frame.
    if (this.#doorOf(session)?.send(session.id, KEYFRAME).ok)
      return session.resyncSent(wall, session.stream.sync.message)
    this.#unsent++
    this.#budget.giveBack(session.id)
    return undefined
  }

  #doorOf({ id, source }: DeviceSession): Source | undefined {
    return this.#sources.find((door) => door.id === source && door.serves(id))
  }
}
