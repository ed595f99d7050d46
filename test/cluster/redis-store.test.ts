import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { RedisStore } from '../../src/cluster/redis-store.js'
import type { StoreState } from '../../src/cluster/state-store.js'
import { freePort } from '../support/free-port.js'
import { Redis, withoutRedis } from '../support/redis.js'

describe.skipIf(withoutRedis())('states in a real Redis', () => {
  let redis: Redis

  beforeAll(async () => {
    redis = await Redis.start()
  })
  afterAll(() => redis?.stop())

  /** A bridge's store, connected. */
  async function connected(run: string, group: string, url = redis.url) {
    const store = new RedisStore({ url, group, run, clock: systemClock })
    const states: StoreState[] = []
    onTestFinished(() => store.stop())
    await new Promise<void>((resolve) =>
      store.start((state) => {
        states.push(state)
        resolve()
      }),
    )
    return { store, states }
  }

  it('are written by whoever has claimed them last, and by nobody else', async () => {
    const { store: one } = await connected('one', 'fence')
    const { store: other } = await connected('other', 'fence')
    const first = await one.claim(4)
    expect(await one.write(4, first.token, [['d1', 'a']])).toMatchObject({ ours: true })
    const second = await other.claim(4)
    expect(second.token).not.toBe(first.token)
    expect(await one.write(4, first.token, [['d1', 'stale']])).toMatchObject({ ours: false })
    expect(await other.load(4)).toEqual([['d1', 'a']])
    // Another partition is another matter.
    expect(await other.load(5)).toEqual([])
  })

  it('come back as they were, however many', async () => {
    const { store } = await connected('one', 'many')
    const { token } = await store.claim(0)
    const states = Array.from({ length: 3000 }, (_, n) => [`d${n}`, `{"é":${n}}`] as const)
    expect(await store.write(0, token, states)).toMatchObject({ ours: true })
    expect([...(await store.load(0))].sort()).toEqual([...states].sort())
  })

  it('can be told again after it has forgotten them, by the last one who had them', async () => {
    const { store: one } = await connected('one', 'again')
    const { store: other } = await connected('other', 'again')
    const first = await one.claim(0)
    const second = await other.claim(0)
    expect(await other.reclaim(0, second.token)).toMatchObject({ ours: true })
    expect(await one.reclaim(0, first.token)).toMatchObject({ ours: false })

    await redis.kill()
    redis.wipe()
    await redis.restart()
    const retried = async <T>(ask: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await ask()
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    }
    // Whoever comes first: the later claim stands.
    expect(await retried(() => one.reclaim(0, first.token))).toMatchObject({ ours: true })
    expect(await retried(() => other.reclaim(0, second.token))).toMatchObject({ ours: true })
    expect(await one.write(0, first.token, [['d1', 'stale']])).toMatchObject({ ours: false })
    expect(await other.write(0, second.token, [['d1', 'known']])).toMatchObject({ ours: true })
  })

  it('says once and for all how many partitions a group has', async () => {
    const { store } = await connected('one', 'layout')
    expect([await store.partitions(8), await store.partitions(16)]).toEqual([8, 8])
  })

  it('shows its clock between two moments of ours', async () => {
    const { store } = await connected('one', 'time')
    const before = systemClock.wall()
    const { sentAt, storeTime, receivedAt } = await store.time()
    expect(receivedAt).toBeGreaterThanOrEqual(sentAt)
    expect(storeTime).toBeGreaterThanOrEqual(before - 1)
    expect(storeTime).toBeLessThanOrEqual(systemClock.wall() + 1)
  })

  it('are away where nobody listens, which is said and does no harm', async () => {
    const port = await freePort()
    const { store, states } = await connected('one', 'away', `redis://127.0.0.1:${port}`)
    expect(states[0]).toMatchObject({ kind: 'away', code: 'ECONNREFUSED' })
    await expect(store.claim(0)).rejects.toThrow()
    expect(store.state.kind).toBe('away')
  })
})
