import { describe, expect, it, vi } from 'vitest'
import { brokerOf, latest, observe, runBridge } from './running-bridge.js'
import { goodOnes, onBroker, readingsOf } from './sensor-node.js'

/** A bridge that hears a node on MQTT for the first time after the node has sent 30 frames. */
async function joinMidStream() {
  const bridge = runBridge({ overMqtt: ['shed'] })
  const url = await brokerOf(bridge)
  const observer = await observe(url, 'alec/#')
  const shed = await onBroker('shed', (await observe(url)).client)
  shed.runUnheard(30)
  return { bridge, observer, shed }
}

describe('alec-bridge run, when a node on MQTT is heard in mid-stream', () => {
  it('sends it 0xFF, and calls its readings good once they are, not before', async () => {
    const { observer, shed } = await joinMidStream()
    const first = shed.send()
    expect(first).toBe(30)
    await vi.waitUntil(() => shed.downlinks.length > 0, 10_000)
    const readings = () => readingsOf(observer, 'shed')
    await observer.until(() => readings().length > 0)
    expect(readings()).toMatchObject([{ seq: 30, quality: 'uncertain' }])

    const keyframe = shed.send()
    await observer.until(() => readings().length > 1)
    expect(readings()[1]).toMatchObject({ seq: keyframe, quality: 'good' })

    shed.run()
    // Good once and for all, by deltas too: no scheduled keyframe is near.
    await observer.until(() => {
      const last = readings().slice(-10)
      return last.length === 10 && goodOnes(shed, last).length === 10
    })
    expect(new Set(shed.downlinks)).toEqual(new Set(['ff']))
    expect(readings().length).toBeLessThan(50)
    expect(goodOnes(shed, readings()).length).toBeGreaterThanOrEqual(10)
  })

  it('tells it in an event and counts it in the status', async () => {
    const { observer, shed } = await joinMidStream()
    shed.run()
    const status = () => JSON.parse(latest(observer, 'alec/shed/status') || '{}')
    await observer.until(() => status().resync?.completed === 1 && status().cause === null)
    expect(status()).toMatchObject({
      sync: expect.stringMatching(/^(exact|bounded)$/),
      cause: null,
    })
    // The last of them may still be on its way.
    await vi.waitUntil(() => shed.downlinks.length === status().resync.requested, 10_000)
    const events = observer.seen
      .filter(({ topic }) => topic === 'alec/shed/event')
      .map(({ payload }) => JSON.parse(payload).type)
    expect(events.slice(0, 2)).toEqual(['state_unknown', 'resync_requested'])
    expect(events).toContain('resynchronised')
  })
})
