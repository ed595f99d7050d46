import { describe, expect, it } from 'vitest'
import { bridgeOnScriptedDoor } from './bridge-on-scripted-door.js'

const SNAPSHOT = 'alec/bridge/snapshot'

describe('what a bridge says of its devices and its broker', () => {
  it('F-36: is on one exact topic, retained, at every connect and every minute', async () => {
    const { output, clock, connect } = await bridgeOnScriptedDoor(['a', 'b'])
    await connect()
    const said = () => output.last.published.filter(({ topic }) => topic === SNAPSHOT)
    expect(said().length).toBe(1)
    const { payload, retain, qos } = said()[0]!
    expect([retain, qos]).toEqual([true, 1])
    expect(JSON.parse(String(payload))).toMatchObject({
      chunk: 1,
      of: 1,
      devices: [
        { device: 'a', health: 'unknown' },
        { device: 'b', health: 'unknown' },
      ],
    })
    const seconds = (count: number) => {
      for (let second = 0; second < count; second++) clock.advance(1000)
    }
    seconds(59)
    expect(said().length).toBe(1)
    seconds(1)
    expect(said().length).toBe(2)
    seconds(600)
    expect(said().length).toBe(12)
  })

  it('F-26: says in the log and in the status of the bridge that the broker has forgotten it', async () => {
    const { input, output, clock, log, connect } = await bridgeOnScriptedDoor(['a'])
    await connect()
    const forgotten = () =>
      log.filter(([, facts]) => 'code' in facts && facts.code === 'session_lost')
    const status = () => {
      const last = output.last.published.findLast(({ topic }) => topic === 'alec/bridge/status')
      return JSON.parse(String(last?.payload)).checks['broker:input']
    }
    const again = async (resumed: boolean) => {
      for (const door of [input, output]) door.last.isClosed('ECONNRESET')
      clock.advance(30_000)
      await connect(resumed)
      clock.advance(10_000)
    }
    await again(true)
    expect(forgotten()).toEqual([])
    expect(status().message).not.toContain('session_lost')
    await again(false)
    expect(forgotten().length).toBe(1)
    expect(status().message).toContain('session_lost: it has forgotten us 1 times')
    expect(input.connections.length).toBe(3)
    // A subscription of its own, as the session has none.
    input.last.receives({ topic: 'alec/a/frame', payload: Uint8Array.of(1) })
    expect(input.last.asked).toEqual([])
  })

  it('F-39: is first that nothing is known of them, and only then that it is online', async () => {
    const { output, connect } = await bridgeOnScriptedDoor(['a', 'b'])
    await connect()
    const { published } = output.last
    const online = published.findIndex(({ payload }) => payload === 'online')
    const before = published.slice(0, online).map(({ topic, payload }) => [topic, payload])
    expect(published[online]?.topic).toBe('alec/bridge/state')
    for (const id of ['a', 'b']) {
      expect(before).toContainEqual([`alec/${id}/availability`, 'offline'])
      expect(before).toContainEqual([`alec/${id}/status/health`, 'unknown'])
      const status = published.find(({ topic }) => topic === `alec/${id}/status`)
      expect(JSON.parse(String(status?.payload))).toMatchObject({
        ts: '2026-11-23T00:00:00.000Z',
        ttl: 60,
        bridge: 'gw-1',
      })
    }
  })
})
