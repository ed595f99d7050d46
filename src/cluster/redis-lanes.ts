import { laneClaimScript, laneReleaseScript, laneWriteScript } from './lane-scripts.js'
import type { LaneAnswer, LaneClaim, LaneStore, LaneWrite } from './lane-store.js'
import { RedisLink, type RedisStoreOptions } from './redis-link.js'
import type { KeptState } from './state-store.js'

export interface RedisLanesOptions extends RedisStoreOptions {
  /** So long after it has used its claim last whoever has a topic is left to it by those who can wait. */
  readonly leaseMs: number
}

/** States of devices in Redis: a hash per topic, and beside them one with the claims of all topics. */
export class RedisLanes extends RedisLink implements LaneStore {
  readonly #group: string
  readonly #claimant: string
  readonly #leaseMs: number

  constructor({ group, run, clock, leaseMs, ...access }: RedisLanesOptions) {
    super(access, clock)
    this.#group = group
    this.#claimant = run
    this.#leaseMs = leaseMs
  }

  partitions(): Promise<number> {
    return this.layout(this.#group, 0)
  }

  async claim(claims: readonly LaneClaim[]) {
    const topics = claims.map(({ topic }) => topic)
    const { answer, time } = await this.run(laneClaimScript, this.#keys(topics), [
      this.#claimant,
      String(this.#leaseMs),
      ...claims.flatMap(({ topic, token, patient }) => [topic, token, patient ? '1' : '0']),
    ])
    return { answers: (answer as readonly RawAnswer[]).map(answerOf), time }
  }

  async write(writes: readonly LaneWrite[]) {
    const topics = writes.map(({ topic }) => topic)
    const args = writes.flatMap(({ topic, token, states, forget = false }) => [
      topic,
      token,
      String(forget ? -1 : 2 * states.length),
      ...(forget ? [] : states.flat()),
    ])
    const { answer, time } = await this.run(laneWriteScript, this.#keys(topics), args)
    return { ours: (answer as readonly number[]).map((ours) => ours === 1), time }
  }

  async tokens(topics: readonly string[]): Promise<readonly (string | undefined)[]> {
    const held = (await this.send(['HMGET', this.#claims, ...topics])) as (string | null)[]
    return held.map((text) => text?.slice(0, text.lastIndexOf(' ')))
  }

  async release(lanes: readonly { readonly topic: string; readonly token: string }[]) {
    const args = lanes.flatMap(({ topic, token }) => [topic, token])
    await this.run(laneReleaseScript, [this.#claims], args)
  }

  #keys(topics: readonly string[]): string[] {
    return [this.#claims, ...topics.map((topic) => `alec:{${this.#group}}:of:${topic}`)]
  }

  // One script touches many topics: the braces keep them on one node of a Redis cluster.
  get #claims(): string {
    return `alec:{${this.#group}}:claims`
  }
}

type RawAnswer = number | readonly [token: string, fields: readonly string[]]

function answerOf(raw: RawAnswer): LaneAnswer {
  if (typeof raw === 'number') return raw === 0 ? { kind: 'ours' } : { kind: 'busy', waitMs: raw }
  const [token, fields] = raw
  const states: KeptState[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) states.push([fields[i] ?? '', fields[i + 1] ?? ''])
  return { kind: 'taken', token, states }
}
