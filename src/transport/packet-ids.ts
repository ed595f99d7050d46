import type { IClientOptions } from 'mqtt'

type MessageIdProvider = NonNullable<IClientOptions['messageIdProvider']>

/** Packet ids up to here are for what we publish; those above are for the client's own packets. */
const MOST_OWN = 4096
const HIGHEST = 65_535

/** Ids for the messages that we publish, each given out again as late as possible. */
export class OwnIds {
  readonly #free = Uint16Array.from({ length: MOST_OWN }, (_, n) => n + 1)
  #first = 0
  #count = MOST_OWN

  /** 0 where all are in use. */
  take(): number {
    if (this.#count === 0) return 0
    const id = this.#free[this.#first] ?? 0
    this.#first = (this.#first + 1) % MOST_OWN
    this.#count--
    return id
  }

  giveBack(id: number): void {
    this.#free[(this.#first + this.#count) % MOST_OWN] = id
    this.#count++
  }
}

/** Ids for what the client sends by itself: never one of ours, and none that is still in use. */
export class ClientIds implements MessageIdProvider {
  readonly #used = new Set<number>()
  #last = MOST_OWN

  allocate(): number | null {
    if (this.#used.size === HIGHEST - MOST_OWN) return null
    do this.#last = this.#last === HIGHEST ? MOST_OWN + 1 : this.#last + 1
    while (this.#used.has(this.#last))
    this.#used.add(this.#last)
    return this.#last
  }

  getLastAllocated(): number | null {
    return this.#last > MOST_OWN ? this.#last : null
  }

  register(id: number): boolean {
    if (id <= MOST_OWN || this.#used.has(id)) return false
    this.#used.add(id)
    return true
  }

  deallocate(id: number): void {
    this.#used.delete(id)
  }

  clear(): void {
    this.#used.clear()
  }
}
