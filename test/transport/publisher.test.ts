import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WhileAway } from '../../src/outputs/publication.js'
import { liveOn, publication, publisherOn, STATE, settle } from './publisher-rig.js'

describe('while the broker is away', () => {
  it('`queue` waits in order, `latest` once per topic, `drop` is counted', async () => {
    const { link, publisher } = publisherOn()
    publisher.publish(publication('r1', 'queue'))
    publisher.publish(publication('status', 'latest'))
    publisher.publish(publication('event', 'drop'))
    publisher.publish(publication('status', 'latest'))
    publisher.publish(publication('r2', 'queue'))
    expect(publisher.counters()).toMatchObject({
      submitted: 5,
      superseded: 1,
      dropped: { away: 1 },
      queuedMessages: 3,
    })
    link.open()
    await settle()
    expect(link.topics).toEqual([STATE.topic, 'status', 'r1', 'r2'])
  })

  it('the queue keeps the newest within its bytes', async () => {
    const { link, publisher } = publisherOn({ limits: { queueBytes: 140 * 10 } })
    for (let n = 10; n < 50; n++) publisher.publish(publication(`r${n}`))
    const { dropped, queuedMessages, queuedBytes } = publisher.counters()
    expect(queuedBytes).toBeLessThanOrEqual(1400)
    expect((dropped['queue-full'] ?? 0) + queuedMessages).toBe(40)
    link.open()
    await settle()
    expect(link.topics.at(-1)).toBe('r49')
    expect(link.handed.length).toBe(queuedMessages + 1)
  })

  it('what is taken back is not sent, nor is it settled; the rest goes in its order', async () => {
    const { link, publisher } = publisherOn()
    const settled: string[] = []
    const settle1 = () => settled.push('r1')
    const settle2 = () => settled.push('r2')
    publisher.publish(publication('r1'), settle1)
    publisher.publish(publication('r2'), settle2)
    publisher.publish(publication('r3'))
    publisher.withdraw(new Set([settle1]))
    expect(publisher.counters()).toMatchObject({ queuedMessages: 2, givenBack: 1 })
    link.open()
    await settle()
    expect(link.topics).toEqual([STATE.topic, 'r2', 'r3'])
    link.acknowledge(3)
    expect(settled).toEqual(['r2'])
  })

  it('what was on its way is sent again, in front of what came since', async () => {
    const { link, publisher } = await liveOn()
    for (const topic of ['r1', 'r2', 'r3']) publisher.publish(publication(topic))
    link.acknowledge(1)
    publisher.publish(publication('event', 'drop'))
    link.goAway()
    publisher.publish(publication('r4'))
    link.handed.length = 0
    link.open()
    await settle()
    expect(link.topics).toEqual([STATE.topic, 'r2', 'r3', 'r4'])
    expect(publisher.counters().dropped).toEqual({ away: 1 })
  })

  it('an acknowledgement of the lost connection counts for nothing', async () => {
    const { link, publisher } = await liveOn()
    const late: (() => void)[] = []
    const publish = link.publish.bind(link)
    link.publish = (message, done) => {
      late.push(done)
      return publish(message, done)
    }
    publisher.publish(publication('r1'))
    link.goAway()
    for (const done of late) done()
    expect(publisher.counters()).toMatchObject({ acknowledged: 1, queuedMessages: 1, inFlight: 0 })
  })
})

describe('the window', () => {
  it('F-33: is never exceeded, and each acknowledgement lets one more out', async () => {
    const { link, publisher } = await liveOn({ limits: { window: 4 } })
    for (let n = 0; n < 10; n++) publisher.publish(publication(`r${n}`))
    expect(link.topics).toEqual(['r0', 'r1', 'r2', 'r3'])
    link.acknowledge(2)
    expect(link.topics.slice(4)).toEqual(['r4', 'r5'])
    expect(publisher.counters()).toMatchObject({ inFlight: 4, queuedMessages: 4 })
  })

  it('F-33: is 256 by default', async () => {
    const { link, publisher } = await liveOn()
    for (let n = 0; n < 1000; n++) publisher.publish(publication(`r${n}`))
    expect(link.unacknowledged).toBe(256)
  })

  it('F-33: ends the connection when an acknowledgement is overdue by twenty seconds, and sends again', async () => {
    const { link, clock, publisher } = await liveOn()
    publisher.publish(publication('r1'))
    clock.advance(15_000)
    publisher.publish(publication('r2'))
    link.acknowledge(1)
    clock.advance(19_999)
    expect(link.drops).toEqual([])
    clock.advance(1)
    expect(link.drops).toEqual(['publish-timeout'])
    link.handed.length = 0
    link.open()
    await settle()
    expect(link.topics).toEqual([STATE.topic, 'r2'])
  })

  it('drains a long backlog of QoS 0 without a deep stack', async () => {
    const { link, publisher } = publisherOn()
    for (let n = 0; n < 50_000; n++) publisher.publish(publication(`r${n}`, 'queue', 0))
    link.acknowledgesAtOnce = true
    link.open()
    await settle()
    expect(link.handed.length).toBe(50_001)
    expect(publisher.counters().acknowledged).toBe(50_001)
  })
})

describe('an illegal topic', () => {
  it.each([
    'alec/+/x',
    'alec/#',
    '',
    'a\0b',
    'a\u001fb',
    'x'.repeat(257),
    '1/2/3/4/5/6/7/8/9/0/1',
    '$SYS/x',
  ])('%j is dropped and counted, never sent', async (topic) => {
    const { link, publisher } = await liveOn({ retained: () => [publication(topic)] })
    publisher.publish(publication(topic))
    publisher.publish(publication('good'))
    expect(link.topics).toEqual(['good'])
    expect(publisher.counters().dropped).toEqual({ 'illegal-topic': 2 })
  })
})

describe('stop', () => {
  it('sends what waits, then `offline`, then stops the link', async () => {
    const { link, publisher } = await liveOn({ limits: { window: 1 } })
    for (const topic of ['r1', 'r2']) publisher.publish(publication(topic))
    const stopped = publisher.stop()
    publisher.publish(publication('too late'))
    for (let turn = 0; turn < 3; turn++) {
      await settle()
      link.acknowledge()
    }
    await stopped
    expect(link.topics).toEqual(['r1', 'r2', STATE.topic])
    expect(link.handed.at(-1)).toMatchObject({ payload: 'offline', retain: true, qos: 1 })
    expect(link.stopped).toBe(true)
    expect(publisher.counters().dropped).toEqual({ stopped: 1 })
  })

  it('takes two seconds at most where the broker is silent, and says `offline` all the same', async () => {
    const { link, clock, publisher } = await liveOn()
    publisher.publish(publication('r1'))
    const stopped = publisher.stop()
    await settle()
    clock.advance(1000)
    await settle()
    expect(link.handed.at(-1)).toMatchObject({ topic: STATE.topic, payload: 'offline' })
    clock.advance(1000)
    await stopped
    expect(clock.pending).toBe(0)
    expect(publisher.counters().dropped).toEqual({ stopped: 2 })
  })

  it('does not wait for a broker that is away', async () => {
    const { link, publisher } = publisherOn()
    publisher.publish(publication('r1'))
    await publisher.stop()
    await publisher.stop()
    expect(link.stopped).toBe(true)
    expect(publisher.counters()).toMatchObject({ dropped: { stopped: 1 }, queuedMessages: 0 })
  })
})

describe('health', () => {
  it.each([
    [0, 99, 'healthy'],
    [0, 100, 'degraded'],
    [0, 1000, 'unhealthy'],
    [1000, 0, 'degraded'],
    [10_000, 0, 'unhealthy'],
  ])('%i waiting and %i ms to acknowledge: %s', async (waiting, latency, status) => {
    const { link, clock, publisher } = await liveOn({ limits: { window: 1 } })
    for (let n = 0; n < waiting + 2; n++) publisher.publish(publication(`r${n}`))
    clock.advance(latency)
    link.acknowledge(1)
    expect(publisher.healthCheck(clock.mono())).toMatchObject({ component: 'broker', status })
  })

  it('also sees an acknowledgement that does not come', async () => {
    const { clock, publisher } = await liveOn()
    publisher.publish(publication('r1'))
    clock.advance(1500)
    expect(publisher.healthCheck(clock.mono())).toMatchObject({
      status: 'unhealthy',
      latencyMs: 1500,
    })
  })

  it('is unhealthy with a reason while the broker is away, and unknown before', () => {
    const { link, publisher } = publisherOn()
    expect(publisher.healthCheck(0).status).toBe('unknown')
    link.goAway('ECONNREFUSED')
    expect(publisher.healthCheck(0)).toMatchObject({
      status: 'unhealthy',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('every publication', () => {
  it('ends acknowledged, superseded, dropped with a reason, waiting or on its way; queued ones in order', async () => {
    const policy = fc.constantFrom<WhileAway>('queue', 'latest', 'drop')
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom('a', 'b', '#'), policy) },
      { weight: 3, arbitrary: fc.nat(6) },
      { weight: 1, arbitrary: fc.constantFrom('open', 'away') },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { link, publisher } = publisherOn({
          retained: () => [publication('s1', 'latest'), publication('s2', 'latest')],
          limits: { window: 3, birthWindow: 2, queueBytes: 2000 },
        })
        let number = 0
        let lastQueued = -1
        const publish = link.publish.bind(link)
        link.publish = (message, done) => {
          const [count, policy] = String(message.payload).split(' ')
          // Within one connection; the next one may repeat what this one has not acknowledged.
          if (policy === 'queue') expect(Number(count)).toBeGreaterThan(lastQueued)
          if (policy === 'queue') lastQueued = Number(count)
          return publish(message, done)
        }
        for (const action of steps) {
          if (Array.isArray(action)) {
            const [topic, whileAway] = action
            publisher.publish({
              ...publication(topic, whileAway),
              payload: `${number++} ${whileAway}`,
            })
          } else if (typeof action === 'number') link.acknowledge(action)
          else if (action === 'away') link.goAway()
          else if (link.state.kind !== 'open') {
            lastQueued = -1
            link.open()
          }
          await settle()
          const { submitted, acknowledged, superseded, dropped, queuedMessages, inFlight } =
            publisher.counters()
          const gone = Object.values(dropped).reduce((sum, count) => sum + count, 0)
          expect(acknowledged + superseded + gone + queuedMessages + inFlight).toBe(submitted)
          expect(link.unacknowledged).toBe(inFlight)
        }
      }),
      { numRuns: 200 },
    )
  })
})
