import type { DeviceEvent } from './event.js'
import type { Rooms } from './rooms.js'
import type { DeviceSession } from './session.js'
import type { Surroundings } from './surroundings.js'

/** What is known of the way that a device's frames come by. */
export type LineFacts = Pick<Surroundings, 'linkUp' | 'lineNoisy'>

/** What is the same for all devices, at a sweep. */
export interface SweepFacts extends Omit<Surroundings, keyof LineFacts> {
  /** Another text whenever what is known of some line may be something else; without it all devices are looked at. */
  readonly lines?: string
}

export interface SweepOptions {
  readonly rooms: Rooms
  /** By seat; undefined where somebody is gone. */
  readonly seated: readonly (DeviceSession | undefined)[]
  readonly onInternalError: (device: string, error: unknown) => void
}

/** So many devices are looked at in a row: half a million of them shall not hold up the others' frames. */
const MOST_LOOKS = 200

/** Looks at what time changes, in every room where it may have changed something. */
export class Sweep {
  readonly #options: SweepOptions
  /** The seat that it goes on from. */
  #at = 0
  #sweptAt = Number.NEGATIVE_INFINITY
  #sweptFor: string | undefined

  constructor(options: SweepOptions) {
    this.#options = options
  }

  /** Returns false where devices are left: the next call goes on with them, and should follow soon. */
  look(
    { lines, ...around }: SweepFacts,
    lineOf: (session: DeviceSession) => LineFacts,
    onEvent: (session: DeviceSession, event: DeviceEvent) => void,
    onLooked: (session: DeviceSession) => void,
  ): boolean {
    const { rooms, seated } = this.#options
    const { looks, ears } = rooms
    const { deafMs = 0, ...rest } = around
    const now = { ...rest, sweptAt: this.#sweptAt }
    ears.deafMs += deafMs
    const sweptFor = lines === undefined ? undefined : `${around.clockSynced} ${lines}`
    // A silence of which nobody could hear a part is shorter than it was.
    if (sweptFor === undefined || sweptFor !== this.#sweptFor || deafMs > 0) looks.putAll()
    this.#sweptFor = sweptFor
    let left = MOST_LOOKS
    for (;;) {
      const seat = looks.next(this.#at, now.mono)
      if (seat < 0) break
      const session = seated[seat]
      if (!session) {
        looks.put(seat, Number.POSITIVE_INFINITY)
        continue
      }
      if (left-- === 0) return false
      this.#at = seat + 1
      for (const event of this.#lookAt(session, { ...now, ...lineOf(session) }))
        onEvent(session, event)
      onLooked(session)
    }
    this.#at = 0
    this.#sweptAt = now.mono
    return true
  }

  #lookAt(session: DeviceSession, around: Surroundings): readonly DeviceEvent[] {
    try {
      return session.sweep(around)
    } catch (error) {
      // The bulkhead here, too.
      this.#options.onInternalError(session.id, error)
      return []
    }
  }
}
