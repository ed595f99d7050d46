import { describe, expect, it } from 'vitest'
import { queuedBytes } from '../../src/transport/publication-queue.js'
import { publication, publisherOn, STATE, settle } from './publisher-rig.js'

/** What one publication with a name of two letters takes. */
const BYTES = queuedBytes(publication('s0'))

describe('a birth', () => {
  it('says everything retained first and `online` last', async () => {
    const { link } = publisherOn({
      retained: () => [publication('alec/bridge/info'), publication('alec/a/status')],
    })
    link.open()
    await settle()
    link.acknowledge()
    expect(link.topics).toEqual(['alec/bridge/info', 'alec/a/status', STATE.topic])
    expect(link.handed.at(-1)).toMatchObject({
      topic: STATE.topic,
      payload: 'online',
      qos: 1,
      retain: true,
    })
  })

  it('comes again at every connect, with what is retained then, and is said to be over', async () => {
    let status = 'alec/a/status'
    let born = 0
    const { link, publisher } = publisherOn({
      retained: () => [publication(status)],
      onBorn: () => born++,
    })
    link.open()
    await settle()
    link.acknowledge()
    status = 'alec/b/status'
    link.goAway()
    link.open()
    await settle()
    link.acknowledge()
    expect(link.topics).toEqual(['alec/a/status', STATE.topic, 'alec/b/status', STATE.topic])
    expect(publisher.counters()).toMatchObject({ births: 2, connectionsLost: 1 })
    expect(born).toBe(2)
  })

  it('goes before the backlog, and what is published meanwhile goes after it, in order', async () => {
    const { link, publisher } = publisherOn({
      retained: () => [publication('s1'), publication('s2')],
      limits: { birthWindow: 1 },
    })
    publisher.publish(publication('r1'))
    link.open()
    await settle()
    publisher.publish(publication('r2'))
    while (link.unacknowledged > 0) link.acknowledge(1)
    expect(link.topics).toEqual(['s1', 's2', STATE.topic, 'r1', 'r2'])
  })

  it('waits for its preparation, and not longer than allowed', async () => {
    const { link, clock } = publisherOn({
      beforeBirth: () => new Promise(() => {}),
      limits: { beforeBirthMs: 3000 },
    })
    link.open()
    await settle()
    clock.advance(2999)
    expect(link.topics).toEqual([])
    clock.advance(1)
    expect(link.topics).toEqual([STATE.topic])
  })

  it('comes also where its preparation fails', async () => {
    const { link } = publisherOn({ beforeBirth: () => Promise.reject(new Error('no')) })
    link.open()
    await settle()
    expect(link.topics).toEqual([STATE.topic])
  })

  it('of a connection that is lost while it is prepared does not come', async () => {
    let prepared = () => {}
    const { link, clock } = publisherOn({
      beforeBirth: () =>
        new Promise((resolve) => {
          prepared = resolve
        }),
    })
    link.open()
    link.goAway()
    prepared()
    await settle()
    clock.advance(60_000)
    expect(link.topics).toEqual([])
  })

  it('is paced by the acknowledgements', async () => {
    const retained = Array.from({ length: 100 }, (_, n) => publication(`s${n}`))
    const { link } = publisherOn({ retained: () => retained, limits: { birthWindow: 10 } })
    link.open()
    await settle()
    expect(link.handed.length).toBe(10)
    link.acknowledge(3)
    expect(link.handed.length).toBe(13)
  })

  it('hides a status that waited and is older, not one that came after it had begun', async () => {
    const { link, publisher } = publisherOn({
      retained: () => [
        publication('first'),
        publication('a', 'latest'),
        publication('b', 'latest'),
      ],
      limits: { birthWindow: 1 },
    })
    publisher.publish(publication('a', 'latest'))
    link.open()
    await settle()
    publisher.publish(publication('b', 'latest'))
    while (link.unacknowledged > 0) link.acknowledge(1)
    expect(link.topics).toEqual(['first', 'a', 'b', STATE.topic, 'b'])
    expect(publisher.counters().superseded).toBe(1)
  })

  it('that is long shares the way with what else waits, behind its first publications', async () => {
    const retained = Array.from({ length: 8 }, (_, n) => publication(`s${n}`, 'latest'))
    const { link, publisher } = publisherOn({
      retained: () => retained,
      limits: { window: 1, birthAheadBytes: 3 * BYTES },
    })
    link.open()
    await settle()
    for (const topic of ['r0', 'r1', 'r2']) publisher.publish(publication(topic), () => {})
    publisher.publish(publication('state', 'latest'))
    while (link.unacknowledged > 0) link.acknowledge(1)
    const beside = ['s3', 'r1', 's4', 'r2', 's5', 's6', 's7']
    expect(link.topics).toEqual(['s0', 's1', 's2', 'r0', ...beside, STATE.topic, 'state'])
  })

  it('has no more bytes on their way than it may, or one publication', async () => {
    const retained = Array.from({ length: 9 }, (_, n) => publication(`s${n}`))
    const { link } = publisherOn({
      retained: () => retained,
      limits: { birthWindowBytes: 3 * BYTES - 1 },
    })
    link.open()
    await settle()
    expect(link.handed).toHaveLength(3)
    link.acknowledge(1)
    expect(link.handed).toHaveLength(4)
  })

  it('keeps to its own window, and leaves the rest of the other to what else waits', async () => {
    const retained = Array.from({ length: 100 }, (_, n) => publication(`s${n}`))
    const { link, publisher } = publisherOn({
      retained: () => retained,
      limits: { birthWindow: 4, birthAheadBytes: 4 * BYTES, window: 10 },
    })
    link.open()
    await settle()
    for (let n = 0; n < 20; n++) publisher.publish(publication(`r${n}`))
    expect(link.topics.filter((topic) => topic.startsWith('s'))).toHaveLength(4)
    expect(link.topics.filter((topic) => topic.startsWith('r'))).toHaveLength(6)
  })
})

describe('room for readings', () => {
  const has = (publisher: { room(): boolean }) => publisher.room()

  it('is there as soon as the broker is called, and while it is told of everything', async () => {
    const { link, publisher } = publisherOn({ retained: () => [publication('s')] })
    expect([link.state.kind, has(publisher)]).toEqual(['opening', true])
    link.open()
    expect(has(publisher)).toBe(true)
    await settle()
    expect([publisher.counters().births, has(publisher)]).toEqual([1, true])
  })

  it('is not there while the broker is away, nor while it is called again', () => {
    const { link, publisher } = publisherOn()
    link.goAway()
    expect(has(publisher)).toBe(false)
    link.open()
    link.goAway()
    link.start()
    expect([link.state.kind, has(publisher)]).toEqual(['opening', false])
  })
})

describe('room for states', () => {
  it('is there once the birth has said all of them, for a few at a time', async () => {
    let rooms = 0
    const { link, publisher } = publisherOn({
      retained: () => [publication('s')],
      limits: { fewMessages: 4, window: 1 },
      onRoom: () => rooms++,
    })
    expect(publisher.stateRoom()).toBe(false)
    link.open()
    await settle()
    expect([rooms, publisher.stateRoom()]).toEqual([0, false])
    while (link.unacknowledged > 0) link.acknowledge(1)
    expect([rooms, publisher.stateRoom()]).toEqual([1, true])
    for (let n = 0; n < 5; n++) publisher.publish(publication(`d${n}`, 'latest'))
    expect([rooms, publisher.stateRoom()]).toEqual([1, false])
    link.acknowledge(3)
    while (link.unacknowledged > 0) link.acknowledge(1)
    expect([rooms, publisher.stateRoom()]).toEqual([2, true])
  })

  it('is there however many readings wait', async () => {
    const { link, publisher } = publisherOn({ limits: { window: 1, roomBytes: 2000 } })
    link.open()
    await settle()
    for (let n = 0; n < 100; n++) publisher.publish(publication(`r${n}`), () => {})
    expect([publisher.room(), publisher.stateRoom()]).toEqual([false, true])
  })
})
