export interface WaitingPolicy {
  /** So many wait; one more, and one of them has to go. */
  readonly most: number
  readonly patienceMs: number
}

export const defaultWaitingPolicy: WaitingPolicy = Object.freeze({ most: 200, patienceMs: 2000 })

interface Entry<T> {
  readonly guest: T
  readonly since: number
}

/**
 * Those who cannot be let in now, by their address. Addresses take turns, so that one that sends many keeps nobody else waiting;
 * of each the newest goes first, for whoever came before may have given up by now.
 */
export class WaitingLine<T> {
  readonly #policy: WaitingPolicy
  /** The address whose turn it is first; of each the oldest first, and never none. */
  readonly #byAddress = new Map<string, Entry<T>[]>()
  #size = 0

  constructor(policy: WaitingPolicy = defaultWaitingPolicy) {
    this.#policy = policy
  }

  get size(): number {
    return this.#size
  }

  /** `now` in monotonic milliseconds. Returns who has to go for it: the oldest of the address with most. */
  join(address: string, guest: T, now: number): T | undefined {
    const same = this.#byAddress.get(address)
    if (same) same.push({ guest, since: now })
    else this.#byAddress.set(address, [{ guest, since: now }])
    this.#size++
    return this.#size > this.#policy.most ? this.#giveWay() : undefined
  }

  /** Takes out the one whose turn it is, of the addresses that may enter. */
  next(mayEnter: (address: string) => boolean): T | undefined {
    for (const [address, entries] of this.#byAddress) {
      if (!mayEnter(address)) continue
      const newest = entries.pop()
      this.#size--
      this.#byAddress.delete(address)
      if (entries.length > 0) this.#byAddress.set(address, entries)
      return newest?.guest
    }
    return undefined
  }

  /** Takes out those who have waited long enough. */
  overdue(now: number): T[] {
    const gone: T[] = []
    for (const [address, entries] of this.#byAddress) {
      for (let oldest = entries[0]; oldest; oldest = entries[0]) {
        if (now - oldest.since < this.#policy.patienceMs) break
        gone.push(oldest.guest)
        this.#shift(address, entries)
      }
    }
    return gone
  }

  #giveWay(): T | undefined {
    let [where, most]: [string, Entry<T>[]] = ['', []]
    for (const [address, entries] of this.#byAddress) {
      if (entries.length > most.length) [where, most] = [address, entries]
    }
    return this.#shift(where, most)
  }

  #shift(address: string, entries: Entry<T>[]): T | undefined {
    const oldest = entries.shift()
    this.#size--
    if (entries.length === 0) this.#byAddress.delete(address)
    return oldest?.guest
  }
}
