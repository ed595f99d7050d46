import { RedisLink, type RedisStoreOptions } from './redis-link.js'
import { claimScript, reclaimScript, writeScript } from './redis-scripts.js'
import type { Claim, KeptState, StateStore, WriteOutcome } from './state-store.js'

/** So many states are asked for at once. */
const SCAN = 500

/** States of devices in Redis: a hash per partition, and beside it the token of the last claim. */
export class RedisStore extends RedisLink implements StateStore {
  readonly #group: string
  readonly #claimant: string

  constructor({ group, run, clock, ...access }: RedisStoreOptions) {
    super(access, clock)
    this.#group = group
    this.#claimant = run
  }

  partitions(wanted: number): Promise<number> {
    return this.layout(this.#group, wanted)
  }

  async claim(partition: number): Promise<Claim> {
    const { answer, time } = await this.run(claimScript, [this.#token(partition)], [this.#claimant])
    return { token: String(answer), time }
  }

  async load(partition: number): Promise<readonly KeptState[]> {
    const states: KeptState[] = []
    let cursor = '0'
    do {
      const command = ['HSCAN', this.#states(partition), cursor, 'COUNT', String(SCAN)]
      const [next, fields] = (await this.send(command)) as [string, string[]]
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
    const { answer, time } = await this.run(writeScript, keys, [token, ...states.flat()])
    return { ours: answer === 1, time }
  }

  async reclaim(partition: number, token: string): Promise<WriteOutcome> {
    const { answer, time } = await this.run(reclaimScript, [this.#token(partition)], [token])
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
