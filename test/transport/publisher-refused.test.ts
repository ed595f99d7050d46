import { describe, expect, it } from 'vitest'
import { RefusedStates } from '../../src/transport/refused-states.js'
import { ManualClock } from '../support/manual-clock.js'
import { publication, settle, liveOn as startLive } from './publisher-rig.js'

const state = (topic: string, payload = topic) => ({ ...publication(topic, 'latest'), payload })
const notAuthorized = new Error('refused: Not authorized')

/** A live publisher, with a broker that refuses a topic until it is told otherwise. */
async function refusing(topic: string, retained = () => [] as ReturnType<typeof state>[]) {
  const told: string[] = []
  const rig = await startLive({
    retained,
    onPoison: (one, reason) => told.push(`${one.topic}: ${reason}`),
  })
  const { link, clock, publisher } = rig
  let refuses = true
  /** Answers all that is on its way; returns what of it was of the topic. */
  const serve = () => {
    const came: unknown[] = []
    while (link.unacknowledged > 0) {
      const message = link.handed[link.handed.length - link.unacknowledged]!
      const isRefused = refuses && message.topic === topic
      if (message.topic === topic) came.push(message.payload)
      link.acknowledge(1, isRefused ? notAuthorized : undefined)
    }
    return came
  }
  return {
    ...rig,
    told,
    serve,
    relent: () => {
      refuses = false
    },
    later: (ms: number) => {
      clock.advance(ms)
      return serve()
    },
    health: () => publisher.healthCheck(clock.mono()),
  }
}

describe('F-35: a state that the broker refuses', () => {
  it('is said again after half a minute, then after twice as long, until it is taken', async () => {
    const { publisher, serve, later, relent } = await refusing('a/health')
    publisher.publish(state('a/health'))
    expect(serve()).toHaveLength(3)
    for (const waitMs of [30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
      expect(later(waitMs - 1)).toEqual([])
      // The timer looks every half minute.
      expect(later(1)).toHaveLength(3)
    }
    relent()
    expect(later(600_000)).toEqual(['a/health'])
    expect(later(3_600_000)).toEqual([])
    const { submitted, acknowledged, dropped, inFlight } = publisher.counters()
    expect([acknowledged + dropped.refused!, inFlight]).toEqual([submitted, 0])
  })

  it('is told once, and is what the way to the broker suffers from until it is taken', async () => {
    const { publisher, serve, later, relent, told, health } = await refusing('a/health')
    publisher.publish(state('a/health'))
    serve()
    later(30_000)
    publisher.publish(state('a/health', 'degraded'))
    serve()
    expect(told).toEqual(['a/health: refused: Not authorized; it is offered again'])
    expect(health()).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('refuses what is to be retained on 1 topics'),
    })
    relent()
    publisher.publish(state('a/health', 'healthy'))
    serve()
    expect(health().status).toBe('healthy')
  })

  it('gives way to a newer one, whichever way that takes', async () => {
    const { link, publisher, serve, later, relent } = await refusing('a/health')
    publisher.publish(state('a/health', 'old'))
    publisher.publish(state('a/health', 'new'))
    // Both are on their way: sent once more, the old one would be what stays.
    link.acknowledge(1, notAuthorized)
    relent()
    expect(serve()).toEqual(['new'])
    expect(later(3_600_000)).toEqual([])
    expect(publisher.counters()).toMatchObject({ superseded: 1, dropped: {}, inFlight: 0 })
  })

  it('is forgotten where something newer of its topic was taken', async () => {
    const { publisher, serve, later, relent } = await refusing('a/health')
    publisher.publish(state('a/health', 'old'))
    serve()
    relent()
    publisher.publish(state('a/health', 'new'))
    expect(serve()).toEqual(['new'])
    expect(later(3_600_000)).toEqual([])
  })

  it('waits for a broker that is away, and for what a birth says in its place', async () => {
    const now = [state('a/health', 'new')]
    const { link, publisher, serve, later, relent } = await refusing('a/health', () => now)
    publisher.publish(state('a/health', 'old'))
    serve()
    link.goAway()
    relent()
    expect(later(3_600_000)).toEqual([])
    link.open()
    await settle()
    expect(serve()).toEqual(['new'])
    expect(later(3_600_000)).toEqual([])
  })

  it('is said after that birth where it was not in it, as what clears a topic', async () => {
    const { link, publisher, serve, later, relent } = await refusing('gone/status')
    publisher.publish(state('gone/status', ''))
    serve()
    link.goAway()
    later(90_000)
    link.open()
    await settle()
    expect(serve()).toEqual([])
    relent()
    expect(later(30_000)).toEqual([''])
  })

  it('ends with the bridge', async () => {
    const { clock, publisher, serve, later } = await refusing('a/health')
    publisher.publish(state('a/health'))
    serve()
    const stopping = publisher.stop()
    serve()
    await settle()
    clock.advance(5000)
    await stopping
    expect(later(3_600_000)).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

it('F-35: a reading that was given up is said by the health of the broker for ten minutes', async () => {
  const { publisher, serve, clock, health } = await refusing('a/readings')
  publisher.publish(publication('a/readings'))
  serve()
  expect(health()).toMatchObject({
    status: 'degraded',
    message: expect.stringContaining('given up'),
  })
  clock.advance(599_999)
  expect(health().status).toBe('degraded')
  clock.advance(1)
  expect(health().status).toBe('healthy')
})

describe('many states that are refused', () => {
  const offered = (sizes: readonly number[]) => {
    const clock = new ManualClock()
    const topics: string[] = []
    const states = new RefusedStates({ clock, offer: ({ topic }) => topics.push(topic) > 0 })
    for (const [n, size] of sizes.entries()) states.refuse(state(`t${n}`, 'x'.repeat(size)))
    clock.advance(30_000)
    return { states, topics, clock }
  }

  it('are remembered up to a thousand, the latest of them', () => {
    const { states, topics } = offered(new Array(1500).fill(1))
    expect(states.size).toBe(1000)
    expect([topics.length, topics[0], topics.at(-1)]).toEqual([1000, 't500', 't1499'])
  })

  it('are remembered up to a mebibyte', () => {
    const { topics } = offered(new Array(100).fill(60_000))
    expect(topics.length).toBe(17)
    expect(topics.at(-1)).toBe('t99')
  })

  it('are forgotten where nothing is heard of them after they were offered', () => {
    const { states, clock } = offered([1, 1])
    expect(states.size).toBe(2)
    clock.advance(700_000)
    expect([states.size, clock.pending]).toEqual([0, 0])
  })
})
