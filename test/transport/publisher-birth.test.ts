import { describe, expect, it } from 'vitest'
import { publication, publisherOn, STATE, settle } from './publisher-rig.js'

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

  it('comes again at every connect, with what is retained then', async () => {
    let status = 'alec/a/status'
    const { link, publisher } = publisherOn({ retained: () => [publication(status)] })
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
})
