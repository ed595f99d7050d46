import { describe, expect, it } from 'vitest'
import { brokenRules } from '../outputs/home-assistant-rules.js'
import { configTopic, DiscoveryRig, KeptTopics, SITE } from './discovery-rig.js'

const A = configTopic('a')
const SECOND = 1000
const bridgeTopic = (id: string) => configTopic(`_bridge_${id}`)

/** Two bridges that share their devices, on one broker; each announces what it has at the time. */
function shared() {
  const broker = new KeptTopics()
  const start = (bridge: string, enabled = true) =>
    new DiscoveryRig(broker, {
      site: { ...SITE, bridge, shares: true },
      config: { enabled, prefix: 'homeassistant', statusTopic: 'homeassistant/status' },
    })
  const [one, two] = [start('gw-1'), start('gw-2')]
  const passed = (ms: number) => [one, two].flatMap((rig) => rig.after(ms))
  return { broker, one, two, start, passed }
}

const stateTopics = (broker: KeptTopics, topic: string): readonly string[] =>
  JSON.parse(broker.topics.get(topic) ?? '{"availability":[]}').availability.map(
    ({ topic }: { topic: string }) => topic,
  )

describe('bridges that share their devices', () => {
  it('announce themselves each, and each the devices that it has, by payloads that obey the rules', () => {
    const { broker, one, two, passed } = shared()
    one.add('a')
    two.add('b')
    one.open()
    two.open()
    passed(3 * SECOND)
    expect([...broker.topics.keys()].sort()).toEqual([
      bridgeTopic('gw-1'),
      bridgeTopic('gw-2'),
      A,
      configTopic('b'),
    ])
    for (const [topic, payload] of broker.topics) expect(brokenRules(topic, payload)).toEqual([])
    const ids = (id: string) =>
      Object.values(broker.entities(bridgeTopic(id))).map(({ unique_id }) => unique_id)
    expect(new Set([...ids('gw-1'), ...ids('gw-2')]).size).toBe(6)
    expect(broker.entities(bridgeTopic('gw-2')).state?.state_topic).toBe('alec/bridge/gw-2/state')
    expect(stateTopics(broker, A)).toContain('alec/bridge/gw-1/state')
  })

  it('announce a device anew that has come to them, and take none back that has gone', () => {
    const { broker, one, two, passed } = shared()
    one.add('a')
    one.open()
    two.open()
    passed(3 * SECOND)
    one.devices.delete('a')
    expect(one.after(3 * SECOND)).toEqual([])
    expect(broker.topics.has(A)).toBe(true)
    two.add('a')
    expect(passed(3 * SECOND)).toEqual([A])
    expect(stateTopics(broker, A)).toContain('alec/bridge/gw-2/state')
    expect(JSON.parse(broker.topics.get(A) ?? '').device.via_device).toBe('alec-bridge/gw-2')
    two.devices.delete('a')
    one.add('a')
    expect(passed(3 * SECOND)).toEqual([A])
    expect(stateTopics(broker, A)).toContain('alec/bridge/gw-1/state')
    // One whose share is empty when it starts finds what it announced before, and leaves it.
    one.devices.delete('a')
    one.linkState({ kind: 'away', since: 0, code: 'closed', reason: 'gone', attempts: 1 })
    expect(one.open().after(5 * SECOND)).toEqual([])
    expect(broker.topics.has(A)).toBe(true)
  })

  it('announce a device anew that was elsewhere and is back before anybody looked', () => {
    const { broker, one, two, passed } = shared()
    one.add('a')
    one.open()
    two.open()
    passed(3 * SECOND)
    two.add('a')
    passed(3 * SECOND)
    expect(stateTopics(broker, A)).toContain('alec/bridge/gw-2/state')
    // It is only told to the one who had it when it is back: brokers that share topics tell nobody.
    two.devices.delete('a')
    one.discovery.forget('a')
    expect(passed(3 * SECOND)).toEqual([A])
    expect(stateTopics(broker, A)).toContain('alec/bridge/gw-1/state')
  })

  it('take back, where it is turned off, what each has announced', () => {
    const { broker, one, two, passed, start } = shared()
    one.add('a')
    two.add('b')
    one.open()
    two.open()
    passed(3 * SECOND)
    one.stop()
    const turnedOff = start('gw-1', false)
    turnedOff.open().after(3 * SECOND)
    expect([...broker.topics.keys()].sort()).toEqual([bridgeTopic('gw-2'), configTopic('b')])
  })
})
