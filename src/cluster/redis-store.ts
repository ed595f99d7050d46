import { RedisLink, type RedisStoreOptions } from './redis-link.js'
import { claimScript, reclaimScript, writeScript } from './redis-scripts.js'
import type {
  Claim,
  KeptState,
  StateStore,
  StoreState,
  TimeSample,
  WriteOutcome,
} from './state-store.js'

/** So many states are asked for at once. */
const SCAN = 500

/** States of devices in Redis: a hash per partition, and beside it the token of the last claim. */
export class RedisStore implements StateStore {
  readonly #link: RedisLink
  readonly #group: string
  readonly #run: string

  constructor({ group, run, clock, ...access }: RedisStoreOptions) {
    this.#link = new RedisLink(access, clock)
    this.#group = group
    this.#run = run
  }

  get state(): StoreState {
    return this.#link.state
  }

  start(onState: (state: StoreState) => void): void {
    this.#link.start(onState)
  }

  stop(): Promise<void> {
    return this.#link.stop()
  }

  time(): Promise<TimeSample> {
    return this.#link.time()
  }

  partitions(wanted: number): Promise<number> {
    return this.#link.partitions(this.#group, wanted)
  }

  async claim(partition: number): Promise<Claim> {
    const { answer, time } = await this.#link.run(
      claimScript,
      [this.#token(partition)],
      [this.#run],
    )
    return { token: String(answer), time }
  }

  async load(partition: number): Promise<readonly KeptState[]> {
    const states: KeptState[] = []
    let cursor = '0'
    do {
      const command = ['HSCAN', this.#states(partition), cursor, 'COUNT', String(SCAN)]
      const [next, fields] = (await this.#link.send(command)) as [string, string[]]
      for (let i = 0; i + 1 < fields.length; i += 2)
        states.push([fields[i] ?? '', fields[i + 1] ?? ''])
      cursor = next
    } while (cursor !== '0')
    return states
  }

  async write(
    partition: number,
    token: string,
    states: readonly KeptState[],
  ): Promise<WriteOutcome> {
    const keys = [this.#token(partition), this.#states(partition)]
    const { answer, time } = await this.#link.run(writeScript, keys, [token, ...states.flat()])
    return { ours: answer === 1, time }
  }

  async reclaim(partition: number, token: string): Promise<WriteOutcome> {
    const { answer, time } = await this.#link.run(reclaimScript, [this.#token(partition)], [token])
    return { ours: answer === 1, time }
  }

  // The braces keep what belongs together on one node of a Redis cluster.
  #token(partition: number): string {
    return `alec:{${this.#group}:${partition}}:token`
  }

  #states(partition: number): string {
    return `alec:{${this.#group}:${partition}}:states`
  }
}
