import { describe, expect, it } from 'vitest'
import { brokenRules } from '../outputs/home-assistant-rules.js'
import { BRIDGE, configTopic, DiscoveryRig, KeptTopics, profileOf, SITE } from './discovery-rig.js'

const A = configTopic('a')
const B = configTopic('b')
const FOREIGN = JSON.stringify({ origin: { name: 'zigbee2mqtt' }, device: { identifiers: ['z'] } })
const SECOND = 1000

/** A rig whose devices `a` and `b` are announced. */
function announced(broker = new KeptTopics()) {
  const rig = new DiscoveryRig(broker)
  rig.add('a')
  rig.add('b')
  rig.open().after(3 * SECOND)
  return rig
}

describe('discovery announces', () => {
  it('the bridge and every device, once the broker has said what it has kept', () => {
    const rig = new DiscoveryRig()
    rig.add('a')
    expect(rig.after(5 * SECOND)).toEqual([])
    rig.open()
    expect(rig.after(100)).toEqual([])
    expect(rig.after(2 * SECOND)).toEqual([BRIDGE, A])
    expect(rig.after(60 * SECOND)).toEqual([])
    for (const { topic, payload } of rig.published) expect(brokenRules(topic, payload)).toEqual([])
  })

  it('a device that comes, changes its name or its channels, and nothing else', () => {
    const rig = announced()
    rig.add('c')
    expect(rig.after(SECOND)).toEqual([configTopic('c')])
    rig.names.set('a', 'Attic')
    expect(rig.after(SECOND)).toEqual([A])
    rig.add('b', [{ name: 'temperature', quantity: 'temperature', unit: '°C' }])
    expect(rig.after(5 * SECOND)).toEqual([B])
  })

  it('when a device was heard for the first time', () => {
    const rig = new DiscoveryRig()
    rig.put({ id: 'a', profile: profileOf([{ name: 't' }], 60_000), ttlMs: 180_000, source: '' })
    rig.open().after(3 * SECOND)
    const before = rig.published.at(-1)?.payload ?? ''
    expect(JSON.parse(before).components).not.toHaveProperty('status_last_seen')
    const device = rig.devices.get('a')
    if (device) rig.put({ ...device, source: 'mqtt:x' })
    expect(rig.after(SECOND)).toEqual([A])
    const after = rig.published.at(-1)?.payload ?? ''
    expect(JSON.parse(after).components).toHaveProperty('status_last_seen')
  })

  it('a longer patience as the interval of a device is learned, in great steps', () => {
    const broker = new KeptTopics()
    const rig = new DiscoveryRig(broker)
    const device = { id: 'a', profile: profileOf([{ name: 't' }]), source: 'mqtt:x' }
    const expiry = () => broker.entities(A).readings_t?.expire_after
    rig.put({ ...device, ttlMs: 60_000 })
    rig.open().after(3 * SECOND)
    expect(expiry()).toBe(60)
    rig.put({ ...device, ttlMs: 200_000 })
    rig.after(SECOND)
    expect(expiry()).toBe(240)
    for (const ttlMs of [210_000, 239_000, 61_000, 240_000]) {
      rig.put({ ...device, ttlMs })
      expect(rig.after(SECOND)).toEqual([])
    }
  })

  it('of many devices what frames have changed, a part of them at a time', () => {
    const broker = new KeptTopics()
    const rig = new DiscoveryRig(broker)
    const device = { profile: profileOf([{ name: 't' }]), source: 'mqtt:x' }
    const ids = Array.from({ length: 900 }, (_, n) => `n${n}`)
    for (const id of ids) rig.put({ ...device, id, ttlMs: 60_000 })
    rig.open().after(10 * SECOND)
    for (const id of ids) rig.put({ ...device, id, ttlMs: 100_000 })
    expect(rig.after(SECOND).length).toBeLessThanOrEqual(200)
    expect(new Set(rig.after(5 * SECOND)).size).toBeGreaterThan(600)
    for (const id of ids)
      expect(broker.entities(configTopic(id)).readings_t?.expire_after, id).toBe(120)
  })

  it('at most 200 devices a second', () => {
    const rig = new DiscoveryRig()
    for (let n = 0; n < 500; n++) rig.add(`n${n}`)
    rig.open().after(SECOND)
    expect(rig.published.length).toBe(200)
    expect(rig.after(SECOND).length).toBe(200)
    expect(rig.after(SECOND).length).toBe(101)
    expect(new Set(rig.published.map(({ topic }) => topic)).size).toBe(501)
  })

  it.each(['before', 'after'] as const)(
    'nothing that the broker has kept just so, sent %s its grant',
    (order) => {
      const broker = new KeptTopics()
      announced(broker)
      const next = new DiscoveryRig(broker)
      next.add('a')
      next.add('b')
      expect(next.open(order).after(5 * SECOND)).toEqual([])
      expect(next.discovery.healthCheck(0)).toMatchObject({ status: 'healthy' })
    },
  )

  it('nothing while the broker still says what it has kept, but not for ever', () => {
    const rig = new DiscoveryRig()
    rig.add('a')
    rig.open()
    // It looks for what it has kept while it grants more.
    rig.after(100)
    rig.hear(configTopic('first'), FOREIGN, true)
    for (let n = 0; n < 29; n++) {
      expect(rig.after(500)).toEqual([])
      rig.hear(configTopic(`other-${n}`), FOREIGN, true)
      expect(rig.after(500)).toEqual([])
      rig.hear(configTopic('other'), FOREIGN, true)
    }
    expect(rig.after(2 * SECOND)).toEqual([BRIDGE, A])
    const besieged = new DiscoveryRig()
    besieged.add('a')
    besieged.open()
    besieged.hear(configTopic('other'), FOREIGN, true)
    for (let n = 0; n < 62; n++) {
      besieged.after(500)
      besieged.hear(configTopic('other'), FOREIGN, true)
    }
    expect(besieged.published.map(({ topic }) => topic)).toEqual([BRIDGE, A])
  })

  it('nothing for longer, where the subscription that comes behind is refused', () => {
    const rig = new DiscoveryRig()
    rig.add('a')
    rig.open('before', 'refused')
    expect(rig.after(800)).toEqual([])
    expect(rig.after(2 * SECOND)).toEqual([BRIDGE, A])
  })

  it('at a birth what there is to say, once what the broker has kept is known; the rest follows', async () => {
    const rig = new DiscoveryRig()
    for (let n = 0; n < 250; n++) rig.add(`n${n}`)
    const outcomes: string[] = []
    const heard = rig.discovery.heard().then(() => outcomes.push('heard'))
    expect(rig.discovery.birth()).toEqual([])
    rig.open().after(149)
    await Promise.resolve()
    expect(outcomes).toEqual([])
    rig.after(1)
    await heard
    const born = rig.discovery.birth().map(({ topic }) => topic)
    expect([born.length, born[0]]).toEqual([200, BRIDGE])
    expect(rig.discovery.birth()).toHaveLength(51)
    expect(rig.after(5 * SECOND)).toEqual([])
  })

  it('keeps no birth waiting for more than a second, nor one after its end', async () => {
    const rig = new DiscoveryRig()
    const waiting = rig.discovery.heard()
    rig.after(SECOND)
    await waiting
    const last = rig.discovery.heard()
    rig.stop()
    await last
    await rig.discovery.heard()
    expect(rig.clock.pending).toBe(0)
  })

  it('everything that a broker has forgotten, at the next connect', () => {
    const broker = new KeptTopics()
    const rig = announced(broker)
    rig.linkState({ kind: 'away', since: 0, code: 'closed', reason: 'gone', attempts: 1 })
    broker.topics.clear()
    expect(rig.after(10 * SECOND)).toEqual([])
    expect(rig.open().after(5 * SECOND)).toEqual([BRIDGE, A, B])
  })

  it('everything again after the birth of a Home Assistant, not at once', () => {
    const rig = announced()
    rig.birth()
    // 0.5 s and half of 4.5 s: this one's share of chance.
    expect(rig.after(2 * SECOND)).toEqual([])
    expect(rig.after(2 * SECOND)).toEqual([BRIDGE, A, B])
    expect(rig.after(60 * SECOND)).toEqual([])
  })

  it('nothing because of a birth that was long ago, or of another word', () => {
    const rig = announced()
    rig.hear('homeassistant/status', 'online', true)
    rig.hear('homeassistant/status', 'offline', false)
    rig.hear('homeassistant/status', '', false)
    expect(rig.after(10 * SECOND)).toEqual([])
  })

  it('also where it may not read, and says that it may not', () => {
    const rig = new DiscoveryRig()
    rig.add('a')
    const refused = { kind: 'away', since: 0, code: 'subscription-refused', attempts: 0 } as const
    rig.linkState({ ...refused, reason: 'the broker refuses it' })
    expect(rig.after(3 * SECOND)).toEqual([BRIDGE, A])
    expect(rig.discovery.healthCheck(0)).toMatchObject({ status: 'degraded' })
    // It is asked for again and again.
    rig.linkState({ ...refused, reason: 'the broker refuses it' })
    expect(rig.after(3 * SECOND)).toEqual([])
  })

  it('no more once it is stopped', () => {
    const rig = announced()
    rig.discovery.start()()
    rig.add('c')
    expect(rig.after(10 * SECOND)).toEqual([])
    expect(rig.clock.pending).toBe(0)
  })
})

describe('what is gone', () => {
  it('is taken back: a device', () => {
    const broker = new KeptTopics()
    const rig = announced(broker)
    rig.devices.delete('a')
    expect(rig.after(5 * SECOND)).toEqual([A])
    expect([...broker.topics.keys()]).toEqual([BRIDGE, B])
  })

  it('is taken back: a channel, by its platform alone, and then it is not named any more', () => {
    const broker = new KeptTopics()
    const rig = new DiscoveryRig(broker)
    rig.add('a', [{ name: 'old' }, { name: 'kept' }])
    rig.open().after(3 * SECOND)
    rig.add('a', [{ name: 'kept' }, { name: 'new' }])
    const from = rig.published.length
    expect(rig.after(5 * SECOND)).toEqual([A, A])
    const [removing, final] = rig.published
      .slice(from)
      .map(({ payload }) => JSON.parse(payload).components)
    expect(removing.readings_old).toEqual({ platform: 'sensor' })
    expect(removing.readings_new.unique_id).toBe('alec/a/readings/new')
    expect(final).not.toHaveProperty('readings_old')
    expect(broker.entities(A)).toEqual(final)
  })

  it('is taken back: a channel that an earlier run had', () => {
    const broker = new KeptTopics()
    const before = new DiscoveryRig(broker)
    before.add('a', [{ name: 'old' }, { name: 'kept' }])
    before.open().after(3 * SECOND)
    before.discovery.start()()
    const rig = new DiscoveryRig(broker)
    rig.add('a', [{ name: 'kept' }])
    rig.open()
    expect(rig.after(5 * SECOND)).toEqual([A, A])
    expect(JSON.parse(rig.published[0]?.payload ?? '').components.readings_old).toEqual({
      platform: 'sensor',
    })
  })

  it('is taken back: a device of an earlier run, with all that the broker keeps of it', () => {
    const broker = new KeptTopics()
    announced(broker).discovery.start()()
    const rig = new DiscoveryRig(broker, { retainsReadings: true })
    rig.add('b')
    expect(rig.open().after(5 * SECOND)).toEqual([
      A,
      'alec/a/availability',
      'alec/a/status',
      'alec/a/status/health',
      'alec/a/status/circuit',
      'alec/a/readings',
      'alec/a/readings/temperature',
    ])
    expect(rig.published.every(({ payload }) => payload === '')).toBe(true)
  })

  it('stays where devices are taken in that nobody configured: it may be back any time', () => {
    const broker = new KeptTopics()
    announced(broker).discovery.start()()
    const rig = new DiscoveryRig(broker, { takesIn: true })
    expect(rig.open().after(5 * SECOND)).toEqual([])
  })

  it('is taken back altogether where discovery is turned off, and the devices stay', () => {
    const broker = new KeptTopics()
    announced(broker).discovery.start()()
    const config = { enabled: false, prefix: 'homeassistant', statusTopic: 'homeassistant/status' }
    const rig = new DiscoveryRig(broker, { config })
    rig.add('a')
    rig.add('b')
    expect(rig.open().after(5 * SECOND)).toEqual([BRIDGE, A, B])
    expect(broker.topics.size).toBe(0)
  })
})

describe('what somebody else has announced', () => {
  it('on a topic of ours stays, and is said', () => {
    const broker = new KeptTopics()
    broker.publish(A, FOREIGN)
    const rig = new DiscoveryRig(broker)
    rig.add('a')
    rig.add('b')
    expect(rig.open().after(5 * SECOND)).toEqual([BRIDGE, B])
    expect(rig.discovery.healthCheck(0)).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining(A),
    })
    rig.devices.delete('a')
    rig.birth()
    rig.after(10 * SECOND)
    expect(broker.topics.get(A)).toBe(FOREIGN)
  })

  it('makes room for us once it is gone', () => {
    const broker = new KeptTopics()
    broker.publish(A, FOREIGN)
    const rig = new DiscoveryRig(broker)
    rig.add('a')
    rig.open().after(5 * SECOND)
    broker.publish(A, '')
    expect(rig.after(5 * SECOND)).toEqual([A])
    expect(rig.discovery.healthCheck(0)).toMatchObject({ status: 'healthy' })
  })

  it('while we run is not written over, and not cleared with the device', () => {
    const broker = new KeptTopics()
    const rig = announced(broker)
    broker.publish(A, FOREIGN)
    broker.publish(B, FOREIGN)
    rig.birth()
    rig.devices.delete('b')
    expect(rig.after(10 * SECOND)).toEqual([BRIDGE])
    rig.devices.delete('a')
    expect(rig.after(5 * SECOND)).toEqual([])
    expect(broker.topics.get(A)).toBe(FOREIGN)
    expect(rig.logged.filter((line) => line.startsWith('somebody else'))).toHaveLength(2)
  })

  it('while we run is not cleared with the device, of which it was', () => {
    const broker = new KeptTopics()
    const rig = announced(broker)
    broker.publish(A, FOREIGN)
    rig.devices.delete('a')
    expect(rig.after(5 * SECOND)).toEqual([])
    expect(broker.topics.get(A)).toBe(FOREIGN)
  })

  it.each([
    ['a bridge of another name and place', { ...SITE, bridge: 'gw-2', baseTopic: 'alec2' }],
    ['a bridge of another name that has our base topic', { ...SITE, bridge: 'gw-2' }],
  ])('is no leftover of ours: %s', (_fact, site) => {
    const broker = new KeptTopics()
    const other = new DiscoveryRig(broker, { site })
    other.add('x')
    other.open().after(3 * SECOND)
    const before = new Map(broker.topics)
    const rig = new DiscoveryRig(broker)
    rig.open().after(5 * SECOND)
    for (const [topic, payload] of before) {
      if (topic !== BRIDGE) expect(broker.topics.get(topic)).toBe(payload)
    }
  })

  it('and a bridge had our base topic before us: we take its place', () => {
    const broker = new KeptTopics()
    const other = new DiscoveryRig(broker, { site: { ...SITE, bridge: 'gw-0' } })
    other.add('a')
    other.open().after(3 * SECOND)
    other.discovery.start()()
    const rig = new DiscoveryRig(broker)
    rig.add('a')
    expect(rig.open().after(5 * SECOND)).toEqual([BRIDGE, A])
    expect(broker.topics.get(A)).toContain('alec-bridge/gw-1')
  })

  it.each(['', 'x'.repeat(2 << 20), '{', '{"origin":{"name":"alec-bridge"}}'])(
    'and cannot be read, %#, is left alone',
    (payload) => {
      const broker = new KeptTopics()
      const rig = announced(broker)
      rig.hear(configTopic('stranger'), payload, true)
      rig.hear(A, payload, true)
      rig.birth()
      const written = rig.after(10 * SECOND)
      expect(written).toEqual(payload === '' ? [BRIDGE, A, B] : [BRIDGE, B])
    },
  )
})

describe('a device that was deleted in Home Assistant', () => {
  it('stays deleted until Home Assistant or the bridge starts anew', () => {
    const broker = new KeptTopics()
    const rig = announced(broker)
    broker.publish(A, '')
    expect(rig.after(60 * SECOND)).toEqual([])
    rig.birth()
    expect(rig.after(10 * SECOND)).toContain(A)
  })
})
