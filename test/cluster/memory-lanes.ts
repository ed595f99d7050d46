import type { Clock } from '../../src/clock.js'
import type { LaneAnswer, LaneClaim, LaneStore, LaneWrite } from '../../src/cluster/lane-store.js'
import type { StoreState } from '../../src/cluster/state-store.js'

interface Kept {
  token: string
  used: number
  readonly states: Map<string, string>
}

/** What several bridges' stores have in common. */
export class SharedMemory {
  readonly topics = new Map<string, Kept>()
  /** Every call rejects while it is away. */
  isAway = false
  claims = 0
}

const LEASE_MS = 1500

/** Claims and states in memory, by the same rules as in Redis, written down naively. */
export class MemoryLanes implements LaneStore {
  state: StoreState = { kind: 'up' }
  groupPartitions = 0
  readonly #memory: SharedMemory
  readonly #run: string
  readonly #clock: Clock

  constructor(memory: SharedMemory, run: string, clock: Clock) {
    this.#memory = memory
    this.#run = run
    this.#clock = clock
  }

  start(onState: (state: StoreState) => void): void {
    onState(this.state)
  }

  stop(): Promise<void> {
    return Promise.resolve()
  }

  time() {
    return this.#asked(() => this.#time)
  }

  partitions() {
    return this.#asked(() => this.groupPartitions)
  }

  claim(claims: readonly LaneClaim[]) {
    return this.#asked(() => ({
      answers: claims.map((claim) => this.#claim(claim)),
      time: this.#time,
    }))
  }

  write(writes: readonly LaneWrite[]) {
    return this.#asked(() => ({
      ours: writes.map((write) => this.#write(write)),
      time: this.#time,
    }))
  }

  tokens(topics: readonly string[]) {
    return this.#asked(() => topics.map((topic) => this.#memory.topics.get(topic)?.token))
  }

  release(lanes: readonly { readonly topic: string; readonly token: string }[]) {
    return this.#asked(() => {
      for (const { topic, token } of lanes) {
        const kept = this.#memory.topics.get(topic)
        if (kept?.token === token) kept.used = Number.NEGATIVE_INFINITY
      }
    })
  }

  #claim({ topic, token, patient }: LaneClaim): LaneAnswer {
    const now = this.#clock.mono()
    const kept = this.#memory.topics.get(topic)
    if (token !== '' && this.#holds(topic, token)) {
      if (kept) kept.used = now
      else this.#memory.topics.set(topic, { token, used: now, states: new Map() })
      return { kind: 'ours' }
    }
    const isAnothers = kept !== undefined && !kept.token.endsWith(`:${this.#run}`)
    if (patient && isAnothers && now - kept.used < LEASE_MS)
      return { kind: 'busy', waitMs: kept.used + LEASE_MS - now }
    const gained = `${++this.#memory.claims}:${this.#run}`
    const states = kept?.states ?? new Map<string, string>()
    this.#memory.topics.set(topic, { token: gained, used: now, states })
    return { kind: 'taken', token: gained, states: [...states] }
  }

  #write({ topic, token, states, forget = false }: LaneWrite): boolean {
    if (!this.#holds(topic, token)) return false
    if (forget) {
      this.#memory.topics.delete(topic)
      return true
    }
    const kept = this.#memory.topics.get(topic) ?? { token, used: 0, states: new Map() }
    kept.token = token
    kept.used = this.#clock.mono()
    for (const [device, state] of states) kept.states.set(device, state)
    this.#memory.topics.set(topic, kept)
    return true
  }

  #holds(topic: string, token: string): boolean {
    const kept = this.#memory.topics.get(topic)
    return kept === undefined || kept.token === token || numberOf(kept.token) < numberOf(token)
  }

  get #time() {
    const now = this.#clock.mono()
    return { sentAt: now, storeTime: this.#clock.wall(), receivedAt: now }
  }

  /** As over a network: done at once, told later. */
  #asked<T>(ask: () => T): Promise<T> {
    if (this.#memory.isAway)
      return Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
    const answer = ask()
    return new Promise((resolve) => setImmediate(() => resolve(answer)))
  }
}

const numberOf = (token: string): number => Number(token.split(':')[0])
