import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MqttSourceConfig } from '../../src/config/configuration.js'
import type { Frame } from '../../src/framing/frame.js'
import type { BucketPolicy } from '../../src/resilience/index.js'
import { MqttLink } from '../../src/transport/mqtt-link.js'
import { MqttSource } from '../../src/transport/mqtt-source.js'
import type { SourceState } from '../../src/transport/source.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedDoor } from './scripted-door.js'

const binary: MqttSourceConfig = {
  kind: 'mqtt',
  topic: 'alec/{device}/frame',
  qos: 1,
  acceptRetained: false,
  reorderWindow: 0,
  payload: { encoding: 'binary' },
}

function sourceOf(config: Partial<MqttSourceConfig> = {}, portLimit?: BucketPolicy) {
  const clock = new ManualClock({ mono: 1000, wall: Date.UTC(2026, 10, 23) })
  const [uplinkDoor, downlinkDoor] = [new ScriptedDoor(), new ScriptedDoor()]
  const linkTo = (door: ScriptedDoor) => {
    const link = new MqttLink({ name: 'broker', door, clock, random: () => 0.5 })
    link.start()
    return link
  }
  const [uplink, downlink] = [linkTo(uplinkDoor), linkTo(downlinkDoor)]
  const source = new MqttSource({
    config: { ...binary, ...config },
    baseTopic: 'alec',
    uplink,
    downlink,
    clock,
    ...(portLimit && { portLimit }),
  })
  const frames: Frame[] = []
  const states: SourceState[] = []
  const unknown: string[] = []
  source.start({
    onFrame: (frame) => frames.push(frame) > 0,
    onState: (state) => states.push(state),
    onUnknown: (id) => unknown.push(id),
  })
  uplinkDoor.last.isConnected()
  uplinkDoor.last.grantAll()
  downlinkDoor.last.isConnected()
  const receive = (topic: string, payload: Uint8Array | string, retain = false) => {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
    uplinkDoor.last.receives({ topic, payload: bytes, retain })
  }
  return { source, clock, uplinkDoor, downlinkDoor, frames, states, unknown, receive }
}

describe('a frame from a topic', () => {
  it('carries the device of its level, its own bytes and its times', () => {
    const { source, frames, receive } = sourceOf()
    const payload = Uint8Array.of(1, 2, 3)
    receive('alec/node-1/frame', payload)
    payload.fill(0)
    expect(frames).toEqual([
      {
        device: 'node-1',
        bytes: Uint8Array.of(1, 2, 3),
        mono: 1000,
        wall: Date.UTC(2026, 10, 23),
        integrity: 'mqtt',
        source: source.id,
      },
    ])
    expect(source.id).toBe('mqtt:alec/{device}/frame')
  })

  it('is of the fixed device where the source has one', () => {
    const { source, frames, receive } = sourceOf({ topic: 'shed/+/raw', device: 'shed-1' })
    receive('shed/anything/raw', Uint8Array.of(7))
    expect(frames.map(({ device }) => device)).toEqual(['shed-1'])
    expect(source.id).toBe('mqtt:shed/+/raw (shed-1)')
  })

  it('is of nobody where its own id is what the mapping calls another', () => {
    const devices = new Map([
      ['green-1', 'green-2'],
      ['green-3', 'green-3'],
    ])
    const { frames, unknown, receive } = sourceOf({ devices })
    for (const id of ['green-1', 'green-2', 'green-3']) receive(`alec/${id}/frame`, 'x')
    expect(frames.map(({ device }) => device)).toEqual(['green-2', 'green-3'])
    expect(unknown).toEqual(['green-2'])
  })

  it('is of the device that its external id is mapped to', () => {
    const { frames, unknown, receive } = sourceOf({
      devices: new Map([
        ['00:11', 'green-1'],
        ['.x', 'green-2'],
      ]),
    })
    for (const id of ['00:11', '.x', 'plain', '.y']) receive(`alec/${id}/frame`, Uint8Array.of(1))
    expect(frames.map(({ device }) => device)).toEqual(['green-1', 'green-2', 'plain'])
    expect(unknown).toEqual(['.y'])
  })

  it('comes out of a field of a document', () => {
    const { frames, receive } = sourceOf({
      topic: 'application/+/device/{device}/event/up',
      payload: { json: 'data', encoding: 'base64' },
    })
    receive('application/7/device/70b3/event/up', '{"fCnt":3,"data":"AQID"}')
    expect(frames).toMatchObject([{ device: '70b3', bytes: Uint8Array.of(1, 2, 3) }])
  })
})

describe('F-29: a message without a usable frame', () => {
  it.each<[string, string, Uint8Array, boolean]>([
    ['retained', 'alec/n/frame', Uint8Array.of(1), true],
    ['empty', 'alec/n/frame', new Uint8Array(), false],
    ['too-large', 'alec/n/frame', new Uint8Array(4097), false],
    ['unknown-id', 'alec/n.1/frame', Uint8Array.of(1), false],
    ['unknown-id', 'alec//frame', Uint8Array.of(1), false],
    ['unknown-id', 'alec/bridge/frame', Uint8Array.of(1), false],
    ['unknown-id', 'alec/BRIDGE/frame', Uint8Array.of(1), false],
    ['unknown-id', `alec/${'x'.repeat(65)}/frame`, Uint8Array.of(1), false],
  ])(
    'F-28, F-29: is counted as %s, and its acknowledgement is not held back: %s',
    (reason, topic, payload, retain) => {
      const { source, frames, uplinkDoor } = sourceOf()
      let held = 0
      const hold = () => () => void held++
      const spy = () => {
        held++
        return hold()
      }
      uplinkDoor.last.receives({ topic, payload, retain, hold: spy })
      expect(held).toBe(0)
      expect(frames).toEqual([])
      expect(source.counters()).toMatchObject({
        bytesIn: payload.length,
        framesIn: 0,
        rejected: { [reason]: 1 },
        discardedBytes: payload.length > 0 ? { [reason]: payload.length } : {},
      })
    },
  )

  it('F-29: is one up to 4096 bytes', () => {
    const { frames, receive } = sourceOf()
    receive('alec/n/frame', new Uint8Array(4096))
    receive('alec/n/frame', new Uint8Array(4097))
    expect(frames.map(({ bytes }) => bytes.length)).toEqual([4096])
  })

  it('F-29: is a frame where the broker had it in store and that is wanted', () => {
    const { source, frames, receive } = sourceOf({ acceptRetained: true })
    receive('alec/n/frame', Uint8Array.of(1), true)
    expect(frames).toMatchObject([{ device: 'n', bytes: Uint8Array.of(1) }])
    expect(source.counters().rejected).toEqual({})
  })

  it('tells an unknown id, cut to a bearable length', () => {
    const { unknown, receive } = sourceOf()
    receive(`alec/${'é'.repeat(300)}/frame`, Uint8Array.of(1))
    expect(unknown).toEqual(['é'.repeat(64)])
  })

  it('leaves every byte accounted for, whatever comes', () => {
    const message = fc.record({
      id: fc.constantFrom('a', 'b', 'b ad', ''),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fc.constant(new TextEncoder().encode('{"d":"AQI="}')),
      ),
      retain: fc.boolean(),
    })
    const forms = fc.constantFrom<MqttSourceConfig['payload']>(
      { encoding: 'binary' },
      { encoding: 'hex' },
      { json: 'd', encoding: 'base64' },
    )
    fc.assert(
      fc.property(fc.array(message), forms, (messages, payload) => {
        const { source, frames, receive } = sourceOf({ payload })
        for (const each of messages) receive(`alec/${each.id}/frame`, each.payload, each.retain)
        const { bytesIn, bytesInFrames, framesIn, discardedBytes, rejected } = source.counters()
        const sum = (counts: Readonly<Record<string, number>>) =>
          Object.values(counts).reduce((total, count) => total + count, 0)
        expect(bytesInFrames + sum(discardedBytes)).toBe(bytesIn)
        expect(framesIn + sum(rejected)).toBe(messages.length)
        expect(frames.length).toBe(framesIn)
      }),
    )
  })
})

describe('a downlink', () => {
  it('goes to the command topic of a device, also where it has not been heard since the start', () => {
    const { source, downlinkDoor } = sourceOf()
    expect(source.serves('node-1')).toBe(true)
    expect(source.send('node-1', Uint8Array.of(0xff))).toEqual({ ok: true })
    expect(downlinkDoor.last.published).toEqual([
      { topic: 'alec/node-1/command', payload: Buffer.of(0xff), qos: 1, retain: false },
    ])
    expect(source.counters()).toMatchObject({ downlinksSent: 1, downlinksRefused: 0 })
  })

  it('is refused for whom no frame of this door can be of', () => {
    const { source, downlinkDoor } = sourceOf({ devices: new Map([['green-1', 'green-2']]) })
    for (const id of ['green-1', 'no.id', '']) {
      expect(source.serves(id)).toBe(false)
      expect(source.send(id, Uint8Array.of(0xff))).toEqual({ ok: false, reason: 'not-served' })
    }
    expect(source.serves('green-2')).toBe(true)
    expect(downlinkDoor.last.published).toEqual([])
    expect(source.counters()).toMatchObject({ downlinksSent: 0, downlinksRefused: 3 })
  })

  it('names a mapped device as its network does, on a configured topic, before it was ever heard', () => {
    const { source, downlinkDoor } = sourceOf({
      devices: new Map([['0011223344', 'green-1']]),
      downlink: {
        topic: 'application/1/device/{device}/command/down',
        encoding: 'base64',
        json: { devEui: '{device}', data: '{base64}' },
      },
    })
    expect(source.send('green-1', Uint8Array.of(0xff))).toEqual({ ok: true })
    expect(downlinkDoor.last.published).toMatchObject([
      {
        topic: 'application/1/device/0011223344/command/down',
        payload: '{"devEui":"0011223344","data":"/w=="}',
      },
    ])
  })

  it('keeps our own name on our own command topic, mapped or not', () => {
    const { source, downlinkDoor } = sourceOf({ devices: new Map([['a b', 'green-1']]) })
    source.send('green-1', Uint8Array.of(0xff))
    expect(downlinkDoor.last.published).toMatchObject([{ topic: 'alec/green-1/command' }])
  })

  it('is refused while the broker is away, and not kept', () => {
    const { source, downlinkDoor, clock } = sourceOf({ topic: 'shed', device: 'shed-1' })
    downlinkDoor.last.isClosed()
    expect(source.send('shed-1', Uint8Array.of(0xff))).toEqual({ ok: false, reason: 'away' })
    clock.advance(1000)
    downlinkDoor.last.isConnected()
    expect(downlinkDoor.last.published).toEqual([])
  })

  it('is refused where the id would make the topic illegal', () => {
    const { source } = sourceOf({
      devices: new Map([['a#', 'green-1']]),
      downlink: { topic: 'down/{device}', encoding: 'binary' },
    })
    expect(source.send('green-1', Uint8Array.of(0xff))).toEqual({
      ok: false,
      reason: 'illegal-topic: wildcard',
    })
  })
})

describe('the state of the source', () => {
  it('follows its subscription, tells no failed try twice, and counts each opening', () => {
    const { source, uplinkDoor, clock, states } = sourceOf()
    uplinkDoor.last.isClosed('closed')
    clock.advance(1000)
    uplinkDoor.last.isClosed('closed')
    clock.advance(30_000)
    uplinkDoor.last.isConnected()
    uplinkDoor.last.grantAll()
    expect(states.map(({ kind }) => kind)).toEqual(['opening', 'open', 'away', 'open'])
    expect(source.counters().opened).toBe(2)
  })

  it('is away with the reason where the broker refuses the subscription', () => {
    const { source, uplinkDoor, clock } = sourceOf()
    uplinkDoor.last.isClosed()
    clock.advance(1000)
    uplinkDoor.last.isConnected()
    uplinkDoor.last.asked[0]?.answer({ ok: false, reason: 'not authorized' })
    expect(source.state).toMatchObject({ kind: 'away', code: 'subscription-refused' })
    expect(source.healthCheck(5)).toMatchObject({
      component: 'port:mqtt:alec/{device}/frame',
      status: 'unhealthy',
      message: expect.stringContaining('not authorized'),
    })
  })

  it('is stopped after stop, nothing is heard any more, and it can be started again', async () => {
    const { source, uplinkDoor, frames, receive } = sourceOf()
    await source.stop()
    await source.stop()
    receive('alec/n/frame', Uint8Array.of(1))
    expect([source.state.kind, frames.length]).toEqual(['stopped', 0])
    expect(uplinkDoor.last.unsubscribed).toEqual(['alec/+/frame'])
    source.start({
      onFrame: (frame) => frames.push(frame) > 0,
      onState: () => {},
      onUnknown: () => {},
    })
    uplinkDoor.last.grantAll()
    receive('alec/n/frame', Uint8Array.of(1))
    expect([source.state.kind, frames.length]).toEqual(['open', 1])
  })
})

describe('a flood of messages', () => {
  it('F-10: goes on at the limit of the port, the rest counted and said', () => {
    const { source, clock, frames, receive } = sourceOf({}, { perSecond: 100, burst: 20 })
    for (let n = 0; n < 500; n++) {
      receive('alec/n/frame', Uint8Array.of(n))
      clock.advance(1)
    }
    expect(frames).toHaveLength(20 + 49)
    expect(source.counters()).toMatchObject({
      framesIn: 69,
      rejected: { 'rate-limited': 431 },
      discardedBytes: { 'rate-limited': 431 },
    })
    expect(source.healthCheck(clock.mono())).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('limits.port_frames_per_second (100)'),
    })
    clock.advance(10_000)
    expect(source.healthCheck(clock.mono()).status).toBe('healthy')
  })

  it('F-10: lets what a broker kept for a while in at once, 10 000 messages of it', () => {
    const { frames, receive } = sourceOf()
    for (let n = 0; n < 10_001; n++) receive('alec/n/frame', Uint8Array.of(n))
    expect(frames).toHaveLength(10_000)
  })
})

describe('what was kept while we were away', () => {
  const limit = { perSecond: 100, burst: 20 }
  const setting = () => {
    const rig = sourceOf({}, limit)
    let acknowledged = 0
    const hold = () => () => void acknowledged++
    const burst = (count: number, kept = true) => {
      const before = rig.frames.length
      for (let n = 0; n < count; n++) {
        const payload = Uint8Array.of(n)
        rig.uplinkDoor.last.receives({ topic: 'alec/n/frame', payload, ...(kept && { hold }) })
      }
      return rig.frames.length - before
    }
    const away = (ms: number) => {
      rig.uplinkDoor.last.isClosed()
      rig.clock.advance(ms)
      rig.uplinkDoor.last.isConnected(true)
    }
    return { ...rig, burst, away, acknowledged: () => acknowledged }
  }

  it('F-10, F-19: comes in at once, as much as could have come in that time, and no more', () => {
    const { burst, away, source, clock } = setting()
    burst(1)
    clock.advance(600_000)
    // Whoever was limited before is limited again.
    expect(burst(100)).toBe(20)
    away(10_000)
    expect(burst(5000)).toBe(20 + 1000)
    expect(source.counters().rejected).toEqual({ 'rate-limited': 80 + 5000 - 1020 })
  })

  it('is at least what ten minutes bring where nobody knows how long we were away: after a start', () => {
    expect(setting().burst(100_000)).toBe(20 + 600 * 100)
  })

  it('is told before its first frame, once for each time that we were away, whatever came between', () => {
    const { source, uplinkDoor, clock } = setting()
    const heard: unknown[] = []
    void source.stop()
    source.start({
      onFrame: () => heard.push('frame') > 0,
      onState: () => {},
      onUnknown: () => {},
      onBack: ({ ms, until }) => heard.push([ms, until - clock.mono()]),
    })
    const receive = (hold?: () => () => void) =>
      uplinkDoor.last.receives({ topic: 'alec/n/frame', payload: Uint8Array.of(1), hold })
    const hold = () => () => {}
    receive()
    receive(hold)
    receive(hold)
    uplinkDoor.last.isClosed()
    clock.advance(500)
    uplinkDoor.last.isConnected(true)
    const since = clock.mono()
    uplinkDoor.last.isClosed()
    clock.advance(40_000)
    uplinkDoor.last.isConnected(true)
    receive(hold)
    const both = 500 + clock.mono() - since
    expect(heard).toEqual(['frame', [600_000, 600_000], 'frame', 'frame', [both, 600_000], 'frame'])
  })

  it('does not count where nobody waits for an acknowledgement: that was kept by nobody', () => {
    const { burst, away } = setting()
    expect(burst(500, false)).toBe(20)
    away(60_000)
    expect(burst(500, false)).toBe(20)
  })
})

describe('as many devices as you like', () => {
  it('F-21: are answered by the ids that their network knows them by, and need no memory for that', () => {
    const devices = new Map(Array.from({ length: 20_000 }, (_, n) => [`0x${n}`, `mapped-${n}`]))
    const { source, downlinkDoor, receive } = sourceOf(
      { devices, downlink: { topic: 'down/{device}', encoding: 'binary' } },
      { perSecond: 100_000, burst: 100_000 },
    )
    for (let n = 0; n < 20_000; n++) {
      receive(`alec/0x${n}/frame`, Uint8Array.of(1))
      receive(`alec/plain-${n}/frame`, Uint8Array.of(1))
    }
    for (const id of ['mapped-0', 'mapped-19999', 'plain-0', 'plain-19999'])
      expect(source.send(id, Uint8Array.of(0xff))).toEqual({ ok: true })
    expect(downlinkDoor.last.published.map(({ topic }) => topic)).toEqual([
      'down/0x0',
      'down/0x19999',
      'down/plain-0',
      'down/plain-19999',
    ])
  })

  it('are answered as they were heard last where their network knows them by several ids', () => {
    const devices = new Map([
      ['left', 'twin'],
      ['right', 'twin'],
    ])
    const { source, downlinkDoor, receive } = sourceOf({
      devices,
      downlink: { topic: 'down/{device}', encoding: 'binary' },
    })
    for (const external of ['left', 'right', 'left']) {
      receive(`alec/${external}/frame`, Uint8Array.of(1))
      source.send('twin', Uint8Array.of(0xff))
    }
    expect(downlinkDoor.last.published.map(({ topic }) => topic)).toEqual([
      'down/left',
      'down/right',
      'down/left',
    ])
  })
})

describe('unusable topics', () => {
  it.each([
    { topic: 'alec/x{device}' },
    { topic: 'alec/{device}', device: 'n' },
    { topic: 'alec/frame' },
    { downlink: { topic: 'a/+', encoding: 'hex' } as const },
  ])('are refused with a code: %j', (config) => {
    expect(() => sourceOf(config)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }),
    )
  })
})
