import { ErrorWithReasonCode } from 'mqtt'
import { describe, expect, it } from 'vitest'
import type { Publication } from '../../src/outputs/publication.js'
import { type liveOn, publication, settle, liveOn as startLive } from './publisher-rig.js'

type Rig = Awaited<ReturnType<typeof liveOn>>

/** A broker that takes everything in order, but closes the connection at what is poison to it. */
async function serve({ link, clock }: Rig, isPoison: (topic: string) => boolean, taken: string[]) {
  for (let turn = 0; turn < 200; turn++) {
    if (link.state.kind !== 'open') {
      clock.advance(100)
      link.open(clock.mono())
      await settle()
    }
    const { topics } = link
    for (const topic of topics.splice(0)) {
      link.handed.shift()
      if (isPoison(topic)) {
        link.handed.length = 0
        link.goAway()
        break
      }
      taken.push(topic)
      link.acknowledge(1)
    }
    await settle()
  }
}

describe('F-35: a publication that the broker cannot stand', () => {
  it('is found and given up, and delays the others by no more than three seconds', async () => {
    const poisoned: Publication[] = []
    const rig = await startLive({ onPoison: (one) => poisoned.push(one) })
    const began = rig.clock.mono()
    for (let n = 0; n < 5; n++) rig.publisher.publish(publication(`good-${n}`))
    rig.publisher.publish(publication('bad'))
    for (let n = 5; n < 10; n++) rig.publisher.publish(publication(`good-${n}`))
    const taken: string[] = []
    await serve(rig, (topic) => topic === 'bad', taken)
    const good = taken.filter((topic) => topic.startsWith('good'))
    expect(new Set(good).size).toBe(10)
    expect(poisoned.map(({ topic }) => topic)).toEqual(['bad'])
    expect(rig.publisher.counters().dropped).toEqual({ poison: 1 })
    expect(rig.clock.mono() - began).toBeLessThanOrEqual(3000)
  })

  it('is sent alone once two connections were lost with it, until it is known to be innocent', async () => {
    const { publisher, link } = await startLive()
    const topics = ['suspect', 'good-1', 'good-2']
    for (const topic of topics) publisher.publish(publication(topic))
    const again = async () => {
      link.goAway()
      link.handed.length = 0
      link.open()
      await settle()
      // The birth.
      link.acknowledge(1)
      return link.topics.slice(1)
    }
    expect(await again()).toEqual(topics)
    expect(await again()).toEqual(['suspect'])
    link.acknowledge(1)
    expect(link.topics.slice(1)).toEqual(topics)
  })

  it('settles, and is not sent again where it comes from the journal again', async () => {
    const rig = await startLive({ onLost: () => again() })
    let settled = 0
    const again = () => rig.publisher.publish(publication('bad'), () => settled++)
    again()
    await serve(rig, (topic) => topic === 'bad', [])
    // Once when it was given up, and once when the journal brought it again after that loss.
    expect(settled).toBe(2)
    again()
    expect(settled).toBe(3)
    expect(rig.link.topics).not.toContain('bad')
  })

  it('is found among what is retained, too, and the others are said', async () => {
    const retained = ['a', 'bad', 'b'].map((topic) => publication(topic, 'latest'))
    const rig = await startLive({ retained: () => [] })
    rig.publisher.publish(retained[1]!)
    const taken: string[] = []
    for (const one of [retained[0]!, retained[2]!]) rig.publisher.publish(one)
    await serve(rig, (topic) => topic === 'bad', taken)
    expect(new Set(taken)).toEqual(new Set(['a', 'b', 'alec/bridge/state']))
  })

  it('is refused three times where the broker says so, then given up', async () => {
    const poisoned: string[] = []
    const rig = await startLive({
      onPoison: ({ topic }, reason) => poisoned.push(`${topic}: ${reason}`),
    })
    rig.publisher.publish(publication('bad'))
    rig.publisher.publish(publication('good'))
    for (let n = 0; n < 3; n++) {
      const index = rig.link.unacknowledged > 1 && n > 0 ? 1 : 0
      if (index === 1) rig.link.acknowledge(1)
      rig.link.acknowledge(1, new Error('not authorized'))
    }
    expect(rig.link.topics.filter((topic) => topic === 'bad')).toHaveLength(3)
    expect(poisoned).toEqual(['bad: not authorized'])
    expect(rig.publisher.counters()).toMatchObject({ dropped: { refused: 1 }, inFlight: 0 })
  })

  const quota = () => new ErrorWithReasonCode('refused: Quota exceeded', 151)

  it('is none where a quota lets nothing pass: one is given up, the others come as soon as they may', async () => {
    const poisoned: string[] = []
    const rig = await startLive({ onPoison: ({ topic }) => poisoned.push(topic) })
    for (let n = 0; n < 5; n++) rig.publisher.publish(publication(`good-${n}`))
    for (let turn = 0; turn < 20; turn++) {
      for (let n = 0; n < 15; n++) rig.link.acknowledge(1, quota())
      rig.clock.advance(100)
      if (rig.link.state.kind !== 'open') rig.link.open(rig.clock.mono())
      await settle()
    }
    expect(poisoned).toHaveLength(1)
    expect(rig.link.drops).toContain('quota-exceeded')
    rig.link.goAway()
    rig.link.handed.length = 0
    for (let n = 0; n < 10; n++) {
      if (rig.link.state.kind !== 'open') rig.link.open(rig.clock.mono())
      await settle()
      rig.link.acknowledge()
    }
    const came = new Set(rig.link.topics.filter((topic) => topic.startsWith('good')))
    expect([...came, ...poisoned].sort()).toEqual([0, 1, 2, 3, 4].map((n) => `good-${n}`))
    const { submitted, acknowledged, superseded, givenBack, dropped } = rig.publisher.counters()
    expect(acknowledged + superseded + givenBack + (dropped.refused ?? 0)).toBe(submitted)
  })

  it('is given up where a quota is exceeded by it alone', async () => {
    const poisoned: string[] = []
    const rig = await startLive({ onPoison: ({ topic }) => poisoned.push(topic) })
    for (const topic of ['bad', 'good', 'worse']) {
      rig.publisher.publish(publication(topic))
      for (let n = 0; n < 3; n++) rig.link.acknowledge(1, topic === 'good' ? undefined : quota())
    }
    expect(poisoned).toEqual(['bad', 'worse'])
    expect(rig.link.drops).toEqual([])
  })

  it('has its tries in the next run where the bridge stops before it had them', async () => {
    const poisoned: string[] = []
    const rig = await startLive({ onPoison: ({ topic }) => poisoned.push(topic) })
    let settled = false
    rig.publisher.publish(publication('bad'), () => {
      settled = true
    })
    const stopping = rig.publisher.stop()
    rig.link.acknowledge(1, new Error('quota exceeded'))
    rig.link.acknowledge()
    rig.clock.advance(5000)
    await settle()
    rig.link.acknowledge()
    rig.clock.advance(5000)
    await stopping
    expect([poisoned, settled]).toEqual([[], false])
    expect(rig.publisher.counters()).toMatchObject({ dropped: {}, givenBack: 1 })
  })

  it('is none where the broker takes nothing: then no more than one is given up', async () => {
    const poisoned: string[] = []
    const rig = await startLive({
      retained: () => [],
      onPoison: ({ topic }) => poisoned.push(topic),
    })
    for (let n = 0; n < 5; n++) rig.publisher.publish(publication(`good-${n}`))
    const taken: string[] = []
    await serve(rig, (topic) => topic.startsWith('good') || topic.endsWith('state'), taken)
    expect(taken).toEqual([])
    expect(poisoned.filter((topic) => topic.startsWith('good')).length).toBeLessThanOrEqual(1)
    await serve(rig, () => false, taken)
    expect(taken.filter((topic) => topic.startsWith('good')).length).toBeGreaterThanOrEqual(4)
  })

  it('does not hasten without end to a broker that breaks off at another one every time', async () => {
    const rig = await startLive()
    const breakOff = async (turn: number) => {
      rig.publisher.publish(publication(`good-${turn}`))
      rig.link.goAway()
      rig.clock.advance(100)
      rig.link.open(rig.clock.mono())
      await settle()
      // The birth, and what had waited.
      while (rig.link.unacknowledged > 0) rig.link.acknowledge(1)
    }
    for (let turn = 0; turn < 100; turn++) await breakOff(turn)
    expect(rig.link.hastened).toBe(10)
    rig.clock.advance(60_000)
    await breakOff(100)
    expect(rig.link.hastened).toBe(11)
  })

  it('is not taken for one where the network was lost long after it was sent', async () => {
    const rig = await startLive()
    rig.publisher.publish(publication('slow'))
    for (let loss = 0; loss < 10; loss++) {
      rig.clock.advance(5000)
      rig.link.goAway()
      rig.link.open(rig.clock.mono())
      await settle()
      rig.link.acknowledge(1)
    }
    expect(rig.publisher.counters().dropped).toEqual({})
    expect(rig.link.topics.filter((topic) => topic === 'slow').length).toBeGreaterThan(5)
  })
})
