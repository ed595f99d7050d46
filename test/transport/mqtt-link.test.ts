import { describe, expect, it } from 'vitest'
import { MqttLink } from '../../src/transport/mqtt-link.js'
import type { SourceState } from '../../src/transport/source.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedDoor } from './scripted-door.js'

function linkOver(door = new ScriptedDoor(), random = () => 0.5) {
  const clock = new ManualClock()
  const link = new MqttLink({ name: 'broker:test', door, clock, random })
  const states: SourceState[] = []
  link.onState((state) => states.push(state))
  return { door, clock, link, states, kinds: () => states.map(({ kind }) => kind) }
}

function listen(link: MqttLink, filter: string, qos: 0 | 1 | 2 = 1) {
  const heard: string[] = []
  const states: SourceState[] = []
  const undo = link.subscribe(filter, qos, {
    onMessage: ({ topic }) => heard.push(topic),
    onState: (state) => states.push(state),
  })
  return { heard, states, undo, kinds: () => states.map(({ kind }) => kind) }
}

describe('a link', () => {
  it('opens once, however often it is started', () => {
    const { door, link, kinds } = linkOver()
    link.start()
    link.start()
    door.last.isConnected()
    expect(door.connections.length).toBe(1)
    expect(kinds()).toEqual(['opening', 'open'])
  })

  it('F-38: publishes only while it is open', () => {
    const { door, link } = linkOver()
    const message = { topic: 'a', payload: 'x', qos: 0, retain: false } as const
    link.start()
    expect(link.publish(message, () => {})).toBe(false)
    door.last.isConnected()
    expect(link.publish(message, () => {})).toBe(true)
    door.last.isClosed()
    expect(link.publish(message, () => {})).toBe(false)
    expect(door.last.published).toEqual([message])
  })

  it('F-24: comes back within a second after a loss, then waits longer and longer, for ever', () => {
    const { door, clock, link } = linkOver(new ScriptedDoor(), () => 0.999)
    link.start()
    door.last.isConnected()
    clock.advance(10_000)
    const waits: number[] = []
    for (let attempt = 0; attempt < 100; attempt++) {
      const opened = door.connections.length
      door.last.isClosed('ECONNREFUSED')
      const from = clock.mono()
      while (door.connections.length === opened && clock.mono() - from < 60_000) clock.advance(10)
      waits.push(clock.mono() - from)
    }
    expect(waits[0]).toBeLessThanOrEqual(1000)
    expect(waits.at(-1)).toBeGreaterThan(29_000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_010)
    door.last.isConnected()
    expect(link.state.kind).toBe('open')
  })

  it('begins with short waits again after a connection that held, not after one that did not', () => {
    const { door, clock, link } = linkOver()
    link.start()
    const attempts = () => (link.state.kind === 'away' ? link.state.attempts : 0)
    door.last.isClosed()
    clock.advance(1000)
    door.last.isConnected()
    clock.advance(100)
    door.last.isClosed()
    expect(attempts()).toBe(2)
    clock.advance(30_000)
    door.last.isConnected()
    clock.advance(5000)
    door.last.isClosed()
    expect(attempts()).toBe(1)
  })

  it.each([
    ['connack-4', 60_000],
    ['connack-5', 60_000],
    ['connack-133', 60_000],
    ['connack-134', 60_000],
    ['connack-135', 60_000],
    ['connack-138', 60_000],
    ['connack-3', 30_000],
    ['connack-136', 30_000],
    ['ECONNREFUSED', 30_000],
  ])('F-25: asks a broker that says %s every %i ms at the longest', (code, longest) => {
    const { door, clock, link } = linkOver(new ScriptedDoor(), () => 0.999)
    link.start()
    for (let attempt = 0; attempt < 8; attempt++) {
      door.last.isClosed(code)
      clock.advance(60_000)
    }
    door.last.isClosed(code)
    const before = door.connections.length
    clock.advance(longest - 500)
    expect(door.connections.length).toBe(before)
    clock.advance(500)
    expect(door.connections.length).toBe(before + 1)
  })

  it('F-24: says why it is away, since when, and keeps that while it tries', () => {
    const { door, clock, link } = linkOver()
    link.start()
    door.last.isConnected()
    clock.advance(1234)
    door.last.isClosed('closed')
    clock.advance(1000)
    door.last.isClosed('ECONNREFUSED')
    expect(link.state).toEqual({
      kind: 'away',
      since: 1234,
      code: 'ECONNREFUSED',
      reason: 'the test says so',
      attempts: 2,
    })
    expect(link.healthCheck(clock.mono())).toMatchObject({
      component: 'broker:test',
      status: 'unhealthy',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('gives a connection up when told to, and opens another', () => {
    const { door, clock, link } = linkOver()
    link.start()
    door.last.isConnected()
    link.drop('publish-timeout', 'no acknowledgement')
    expect(door.connections[0]?.ended).toBe('abort')
    expect(link.state).toMatchObject({ kind: 'away', code: 'publish-timeout' })
    clock.advance(1000)
    expect(door.connections.length).toBe(2)
  })

  it('F-26: says and counts that the broker did not keep its session, and subscribes again', () => {
    const { door, clock, link, states } = linkOver(new ScriptedDoor(true))
    listen(link, 'a/+')
    link.start()
    for (const resumed of [false, true, false]) {
      door.last.isConnected(resumed)
      expect(door.last.asked.map(({ filter }) => filter)).toEqual(['a/+'])
      const said = link
        .healthCheck(0)
        .message?.includes('session_lost: it has forgotten us 1 times')
      expect(said).toBe(door.connections.length === 3)
      door.last.isClosed()
      clock.advance(30_000)
    }
    expect(link.counters()).toMatchObject({ connections: 3, sessionsLost: 1 })
    const opened = states.filter(({ kind }) => kind === 'open')
    expect(opened.map((state) => 'sessionLost' in state)).toEqual([false, false, true])
  })

  it('opens nothing while it is suspended, says why, and goes on when it is resumed', () => {
    const { door, clock, link } = linkOver()
    link.suspend('journal-full', 'no room')
    link.start()
    clock.advance(60_000)
    expect([door.connections.length, link.state.kind]).toEqual([0, 'opening'])
    link.resume()
    door.last.isConnected()
    door.last.isClosed('ECONNRESET')
    link.suspend('journal-failing', 'no disk')
    expect(link.state).toMatchObject({ kind: 'away', code: 'journal-failing', reason: 'no disk' })
    clock.advance(600_000)
    link.hasten()
    clock.advance(600_000)
    expect(door.connections.length).toBe(1)
    link.resume()
    link.resume()
    expect(door.connections.length).toBe(2)
    link.suspend('journal-full', 'no room')
    expect(link.state).toMatchObject({ kind: 'away', code: 'journal-full' })
  })

  it('F-35: connects again within a tenth of a second where that is worth it', () => {
    const { door, clock, link } = linkOver(new ScriptedDoor(), () => 0.999)
    link.start()
    for (let attempt = 0; attempt < 8; attempt++) {
      door.last.isClosed('ECONNREFUSED')
      clock.advance(30_000)
    }
    door.last.isClosed('ECONNRESET')
    const before = door.connections.length
    link.hasten()
    clock.advance(100)
    expect(door.connections.length).toBe(before + 1)
    link.hasten()
    clock.advance(60_000)
    expect(door.connections.length).toBe(before + 1)
  })

  it('stops only when its connection is closed, and then for good', async () => {
    const { door, clock, link, states } = linkOver()
    link.start()
    door.last.isConnected()
    let stopped = false
    const stopping = link.stop().then(() => {
      stopped = true
    })
    await Promise.resolve()
    expect([stopped, door.last.ended]).toEqual([false, 'close'])
    const told = states.length
    door.last.receives({ topic: 'late' })
    door.last.isClosed()
    await stopping
    await link.stop()
    clock.advance(60_000)
    expect([door.connections.length, states.length, clock.pending]).toEqual([1, told, 0])
  })

  it('can be started again while the old connection still closes', async () => {
    const { door, link } = linkOver()
    link.start()
    door.last.isConnected()
    const stopping = link.stop()
    link.start()
    door.last.isConnected()
    door.connections[0]?.isClosed()
    await stopping
    expect([link.state.kind, door.connections.length]).toEqual(['open', 2])
  })
})

describe('a subscription', () => {
  it('F-26: is made anew at every connect, and open only once it is granted', () => {
    const { door, clock, link } = linkOver()
    const { kinds } = listen(link, 'alec/+/frame')
    link.start()
    door.last.isConnected()
    expect(kinds()).toEqual(['opening', 'opening'])
    door.last.grantAll()
    expect(kinds().at(-1)).toBe('open')
    door.last.isClosed()
    expect(kinds().at(-1)).toBe('away')
    clock.advance(1000)
    door.last.isConnected()
    expect(door.last.asked).toMatchObject([{ filter: 'alec/+/frame', qos: 1 }])
    door.last.grantAll()
    expect(kinds().at(-1)).toBe('open')
  })

  it('is asked for once where several want the same filter, with the highest QoS', () => {
    const { door, link } = linkOver()
    listen(link, 'a/+', 0)
    listen(link, 'a/+', 2)
    listen(link, 'b/+', 1)
    link.start()
    door.last.isConnected()
    expect(door.last.asked.map(({ filter, qos }) => [filter, qos])).toEqual([
      ['a/+', 2],
      ['b/+', 1],
    ])
  })

  it('gets the messages that match its filter; the others are counted', () => {
    const { door, link } = linkOver()
    const a = listen(link, 'a/+')
    const all = listen(link, 'a/#')
    link.start()
    door.last.isConnected()
    for (const topic of ['a/1', 'a/1/2', 'b']) door.last.receives({ topic })
    expect([a.heard, all.heard]).toEqual([['a/1'], ['a/1', 'a/1/2']])
    expect(link.counters().unrouted).toBe(1)
  })

  it('F-24: also gets what a kept session delivers before its SUBACK', () => {
    const { door, link } = linkOver(new ScriptedDoor(true))
    const { heard } = listen(link, 'a/+')
    link.start()
    door.last.receives({ topic: 'a/early' })
    expect(heard).toEqual(['a/early'])
  })

  it('ends with its undo, and the broker is told when nobody else wants the filter', () => {
    const { door, link } = linkOver()
    const first = listen(link, 'a/+')
    const second = listen(link, 'a/+')
    link.start()
    door.last.isConnected()
    first.undo()
    first.undo()
    expect(door.last.unsubscribed).toEqual([])
    second.undo()
    door.last.receives({ topic: 'a/1' })
    expect(door.last.unsubscribed).toEqual(['a/+'])
    expect([first.heard, second.heard]).toEqual([[], []])
  })

  it('that is refused is away with the reason, asked for again every minute, and stops no other', () => {
    const { door, clock, link } = linkOver()
    const refused = listen(link, 'secret/+')
    const granted = listen(link, 'a/+')
    link.start()
    door.last.isConnected()
    const [first, second] = door.last.asked.splice(0)
    first?.answer({ ok: false, reason: 'not authorized' })
    second?.answer({ ok: true })
    expect(refused.states.at(-1)).toMatchObject({ kind: 'away', code: 'subscription-refused' })
    expect(granted.states.at(-1)?.kind).toBe('open')
    expect(link.state.kind).toBe('open')
    clock.advance(60_000)
    expect(door.last.asked.map(({ filter }) => filter)).toEqual(['secret/+'])
    door.last.grantAll()
    expect(refused.states.at(-1)?.kind).toBe('open')
  })

  it('that is not answered in twenty seconds ends the connection', () => {
    const { door, clock, link } = linkOver()
    listen(link, 'a/+')
    link.start()
    door.last.isConnected()
    clock.advance(20_000)
    expect(link.state).toMatchObject({ kind: 'away', code: 'suback-timeout' })
    clock.advance(1000)
    door.last.isConnected()
    door.last.grantAll()
    clock.advance(60_000)
    expect([link.state.kind, door.connections.length]).toEqual(['open', 2])
  })
})

describe('waiting for the subscriptions', () => {
  const settled = async (promise: Promise<void>) => {
    let done = false
    void promise.then(() => {
      done = true
    })
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    return () => done
  }

  it('ends when the broker has answered every one of them, also with a refusal', async () => {
    const { door, link } = linkOver()
    listen(link, 'a')
    listen(link, 'b')
    link.start()
    const done = await settled(link.subscribed())
    door.last.isConnected()
    const [first, second] = door.last.asked
    first?.answer({ ok: true })
    await Promise.resolve()
    expect(done()).toBe(false)
    second?.answer({ ok: false, reason: 'no' })
    await Promise.resolve()
    expect(done()).toBe(true)
  })

  it('ends with the stop of the link, and at once where there is nothing to wait for', async () => {
    const { door, link } = linkOver()
    expect((await settled(link.subscribed()))()).toBe(true)
    listen(link, 'a')
    link.start()
    const done = await settled(link.subscribed())
    void link.stop()
    door.last.isClosed()
    await Promise.resolve()
    expect(done()).toBe(true)
  })
})
