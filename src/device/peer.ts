import type { DeviceEvent } from './event.js'
import type { PeerGroup } from './peer-group.js'
import type { PeerSeat } from './peer-seat.js'
import type { ReadingsVerdict } from './verdict.js'

/** One device among the others of its model. */
export class Peer {
  readonly #group: PeerGroup
  readonly #seat: PeerSeat

  constructor(group: PeerGroup) {
    this.#group = group
    this.#seat = group.join()
  }

  get isApart(): boolean {
    return this.#seat.isApartAnywhere
  }

  /** The channels on which it has left the others. */
  get apart(): readonly string[] {
    return this.#group.apart(this.#seat)
  }

  /** Takes a frame's good readings; `ttlMs` is the longest silence after it that is no absence. Returns what is new. */
  hear(verdict: ReadingsVerdict, ttlMs: number): readonly DeviceEvent[] {
    return this.#group.hear(this.#seat, verdict, ttlMs)
  }

  /** The device is gone. */
  leave(): void {
    this.#group.leave(this.#seat)
  }

  save(): readonly number[] {
    return this.#seat.save()
  }

  /** Goes on where `save` stood. */
  restore(saved: readonly number[]): void {
    this.#group.restore(this.#seat, saved)
  }
}

/** A device that is worked on. */
export interface Tenant {
  readonly id: string
  /** Undefined where it is not held against others. */
  readonly peer: Peer | undefined
}
