import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import type { LaneAnswer } from '../../src/cluster/lane-store.js'
import { RedisLanes } from '../../src/cluster/redis-lanes.js'
import { Redis, withoutRedis } from '../support/redis.js'

const LEASE_MS = 60_000

describe.skipIf(withoutRedis())('claims of topics in a real Redis', () => {
  let redis: Redis

  beforeAll(async () => {
    redis = await Redis.start()
  })
  afterAll(() => redis?.stop())

  /** A bridge's store, connected. */
  async function connected(run: string, group: string) {
    const options = { url: redis.url, group, run, clock: systemClock, leaseMs: LEASE_MS }
    const store = new RedisLanes(options)
    onTestFinished(() => store.stop())
    await new Promise<void>((resolve) => store.start(() => resolve()))
    /** Claims one topic. */
    const claim = async (topic: string, token = '', patient = false): Promise<LaneAnswer> => {
      const { answers } = await store.claim([{ topic, token, patient }])
      return answers[0] ?? { kind: 'ours' }
    }
    /** Claims it, whoever has it, and returns the claim. */
    const take = async (topic: string): Promise<string> => {
      const answer = await claim(topic)
      if (answer.kind !== 'taken') throw new Error(`it is ${answer.kind}`)
      return answer.token
    }
    const write = async (topic: string, token: string, state: string): Promise<boolean> => {
      const { ours } = await store.write([{ topic, token, states: [['d1', state]] }])
      return ours[0] === true
    }
    return { store, claim, take, write }
  }

  /** Asks until the store is there again. */
  async function retried<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask()
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  it('hold until somebody else claims the topic, who gets what was written last', async () => {
    const one = await connected('one', 'fence')
    const other = await connected('other', 'fence')
    const first = await one.take('a/d1')
    expect(await one.write('a/d1', first, 'x')).toBe(true)
    expect(await one.claim('a/d1', first)).toEqual({ kind: 'ours' })
    const gained = await other.claim('a/d1')
    expect(gained).toMatchObject({ kind: 'taken', states: [['d1', 'x']] })
    expect(await one.write('a/d1', first, 'stale')).toBe(false)
    const again = await one.claim('a/d1', first)
    expect(again).toMatchObject({ kind: 'taken', states: [['d1', 'x']] })
    // Another topic is another matter.
    expect(await other.claim('a/d2')).toMatchObject({ kind: 'taken', states: [] })
  })

  it('are left to whoever has used them a moment ago, unless he releases them', async () => {
    const one = await connected('one', 'lease')
    const other = await connected('other', 'lease')
    const token = await one.take('a/d1')
    const busy = await other.claim('a/d1', '', true)
    expect(busy.kind === 'busy' && busy.waitMs).toBeGreaterThan(LEASE_MS - 10_000)
    expect(busy.kind === 'busy' && busy.waitMs).toBeLessThanOrEqual(LEASE_MS)
    // His own connection is new, and everything that it had is gone.
    expect(await one.claim('a/d1', '', true)).toMatchObject({ kind: 'taken' })
    const mine = await one.take('a/d1')
    await one.store.release([
      { topic: 'a/d1', token: mine },
      { topic: 'a/d2', token },
    ])
    expect(await other.claim('a/d1', '', true)).toMatchObject({ kind: 'taken' })
  })

  it('are asked for, written and refused one by one, however many at once', async () => {
    const one = await connected('one', 'many')
    const other = await connected('other', 'many')
    const topics = Array.from({ length: 300 }, (_, n) => `a/d${n}`)
    const { answers } = await one.store.claim(
      topics.map((topic) => ({ topic, token: '', patient: true })),
    )
    const tokens = answers.map((answer) => (answer.kind === 'taken' ? answer.token : ''))
    await other.take('a/d7')
    const states = Array.from({ length: 700 }, (_, n) => [`d${n}`, `{"é":${n}}`] as const)
    const { ours } = await one.store.write(
      topics.map((topic, n) => ({ topic, token: tokens[n] ?? '', states: n < 9 ? states : [] })),
    )
    expect(ours.flatMap((held, n) => (held ? [] : [n]))).toEqual([7])
    const kept = await other.claim('a/d8')
    expect(kept.kind === 'taken' && [...kept.states].sort()).toEqual([...states].sort())
    const held = await one.store.tokens(['a/d7', 'a/d9', 'a/none'])
    expect(held).toEqual([expect.stringMatching(/^\d+:other$/), tokens[9], undefined])
  })

  it('leave no trace of a topic that is forgotten', async () => {
    const { store, take } = await connected('one', 'forget')
    const token = await take('a/d1')
    await store.write([{ topic: 'a/d1', token, states: [], forget: true }])
    expect(await store.tokens(['a/d1'])).toEqual([undefined])
  })

  it('stand in their order also where the store has forgotten all of them', async () => {
    const one = await connected('one', 'again')
    const other = await connected('other', 'again')
    const [first, third] = [await one.take('a/d1'), await one.take('a/d2')]
    const second = await other.take('a/d1')
    await redis.kill()
    redis.wipe()
    await redis.restart()
    // Whoever comes first: the later claim stands.
    expect(await retried(() => one.write('a/d1', first, 'stale'))).toBe(true)
    expect(await retried(() => other.write('a/d1', second, 'known'))).toBe(true)
    expect(await one.write('a/d1', first, 'stale')).toBe(false)
    // A claim that is made now is later than any that was made before.
    await other.take('a/d2')
    expect(await one.write('a/d2', third, 'stale')).toBe(false)
  })

  it('are of a group without partitions, where nobody has said otherwise', async () => {
    const { store } = await connected('one', 'layout')
    expect([await store.partitions(), await store.partitions()]).toEqual([0, 0])
  })
})
