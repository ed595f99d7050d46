import type { DeviceEvent } from './event.js'
import type { PeerGroup } from './peer-group.js'
import type { ReadingsVerdict } from './verdict.js'

/** One device among the others of its model. */
export class Peer {
  readonly #group: PeerGroup
  /** Undefined until it is needed. */
  #seat: number | undefined

  constructor(group: PeerGroup) {
    this.#group = group
  }

  get isApart(): boolean {
    return this.#seat !== undefined && this.#group.isApart(this.#seat)
  }

  /** The channels on which it has left the others. */
  get apart(): readonly string[] {
    return this.#seat === undefined ? [] : this.#group.apart(this.#seat)
  }

  /** Takes a frame's good readings; `ttlMs` is the longest silence after it that is no absence. Returns what is new. */
  hear(verdict: ReadingsVerdict, ttlMs: number): readonly DeviceEvent[] {
    this.#seat ??= this.#group.join()
    return this.#group.hear(this.#seat, verdict, ttlMs)
  }

  /** The device is gone. */
  leave(): void {
    if (this.#seat !== undefined) this.#group.leave(this.#seat)
    this.#seat = undefined
  }

  /** Nothing where it was never heard. */
  save(): readonly number[] {
    return this.#seat === undefined ? [] : this.#group.save(this.#seat)
  }

  /** Goes on where `save` stood. */
  restore(saved: readonly number[]): void {
    this.leave()
    if (saved.length === 0) return
    this.#seat = this.#group.join()
    this.#group.restore(this.#seat, saved)
  }
}

/** A device that is worked on. */
export interface Tenant {
  readonly id: string
  /** Undefined where it is not held against others. */
  readonly peer: Peer | undefined
}
