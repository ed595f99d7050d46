import { describe, expect, it } from 'vitest'
import { encodeAggregated } from '../../src/alec/index.js'
import type { FleetOptions, ModelSpec, ReadingsVerdict } from '../../src/device/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { heardFleet } from '../support/heard-fleet.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'

const GATEWAY = 'gw'

/** A fleet with one model, `d1`, of which these devices are. */
function fleetOf(
  model: ModelSpec,
  devices: readonly string[],
  options: Partial<FleetOptions> = {},
) {
  return heardFleet(
    { models: new Map([['d1', model]]), devices: new Map(devices.map((id) => [id, 'd1'])) },
    options,
  )
}

const compact = () => new MeasuredDevice('compact', 2, 5)
const readings = (verdict: unknown) => verdict as ReadingsVerdict

describe('admission to the fleet', () => {
  it('refuses and counts what nobody knows, and accepting it counts nothing more', () => {
    const device = compact()
    const { fleet, verdicts } = fleetOf(device.model, ['d1'])
    const frame = frameOf(device.next().bytes, 0, 'stranger')
    expect(fleet.admits(frame)).toBe(false)
    expect(fleet.accept(frame)).toBe(0)
    expect([fleet.unknown.total, [...fleet.unknown.byReason]]).toEqual([1, [['not-configured', 1]]])
    expect(verdicts).toEqual([])
  })

  it('refuses a flood, counts it, tells the session, and decodes whatever is accepted all the same', () => {
    const device = compact()
    const flood = { perSecond: 1, burst: 3 }
    const { fleet, verdicts } = fleetOf(device.model, ['d1'])
    const policy = { flood, circuit: defaultCircuitPolicy }
    const slow = fleetOf(device.model, ['d1'], { policy })
    const frames = Array.from({ length: 10 }, (_, n) => frameOf(device.next().bytes, n))
    expect(frames.map((frame) => slow.fleet.admits(frame))).toEqual([
      ...Array(3).fill(true),
      ...Array(7).fill(false),
    ])
    const session = slow.fleet.session('d1')!
    expect(session.status().frames).toMatchObject({ received: 7, skipped: 7, decoded: 0 })
    for (const frame of frames) slow.fleet.accept(frame)
    for (const frame of frames) fleet.accept(frame)
    // What was accepted is decoded whatever the bucket would say: a replay must not depend on it.
    expect(slow.verdicts).toEqual(verdicts)
  })

  it('F-19: refuses unread what it would not admit, and counts it all the same', () => {
    const device = compact()
    const policy = { flood: { perSecond: 1, burst: 3 }, circuit: defaultCircuitPolicy }
    const { fleet } = fleetOf(device.model, ['d1'], { policy })
    const frames = Array.from({ length: 5 }, (_, n) => frameOf(device.next().bytes, n))
    const { source } = frames[0]!
    const unread = { marker: frames[0]!.bytes[0]!, length: 11, mono: 5 }
    expect(fleet.refuses('d1', source, unread)).toBe(false)
    expect(frames.map((frame) => fleet.admits(frame))).toEqual([true, true, true, false, false])
    const counted = () => fleet.session('d1')!.status().frames
    expect(counted()).toMatchObject({ received: 2, skipped: 2 })
    expect(fleet.refuses('d1', source, unread)).toBe(true)
    expect(counted()).toMatchObject({ received: 3, skipped: 3 })
    // Room again, a gateway's frames of others, somebody else's, and what was kept for us while its door was away.
    expect(fleet.refuses('d1', source, { ...unread, mono: 1005 })).toBe(false)
    expect(fleet.refuses('d1', source, { ...unread, marker: 1 })).toBe(false)
    expect(fleet.refuses('stranger', source, unread)).toBe(false)
    fleet.welcome(source, { ms: 20_000, until: 700_000 })
    expect(fleet.refuses('d1', source, unread)).toBe(false)
    expect(counted()).toMatchObject({ received: 3, skipped: 3 })
    expect(fleet.unknown.total).toBe(0)
  })

  it('F-19: lets in what a device could have sent while its door was away, and no more', () => {
    const device = compact()
    const policy = { flood: { perSecond: 50, burst: 200 }, circuit: defaultCircuitPolicy }
    const { fleet } = fleetOf(device.model, ['d1', 'd2'], { policy })
    const admitted = (id: string, count: number, mono: number) => {
      const frames = Array.from({ length: count }, () => frameOf(device.next().bytes, mono, id))
      return frames.filter((frame) => fleet.admits(frame)).length
    }
    const { source } = frameOf(Uint8Array.of(0), 0)
    expect(admitted('d1', 1000, 1000)).toBe(200)
    fleet.welcome(source, { ms: 20_000, until: 700_000 })
    expect([admitted('d1', 5000, 21_000), admitted('d2', 5000, 21_000)]).toEqual([1200, 1200])
    // Later it is a flood again, and so it is at any other door.
    fleet.welcome('another', { ms: 20_000, until: 1_000_000 })
    expect(admitted('d1', 1000, 710_000)).toBe(200)
    fleet.welcome(source, { ms: 20_000, until: 800_000 })
    expect(admitted('d1', 1000, 800_000)).toBe(200)
  })

  it('refuses an aggregated frame that is broken', () => {
    const { fleet } = fleetOf(compact().model, ['d1'])
    const broken = frameOf(Uint8Array.of(1, 200, 3), 0, GATEWAY)
    expect(fleet.admits(broken)).toBe(false)
    expect(fleet.accept(broken)).toBe(0)
    expect(fleet.unknown.byReason.get('truncated')).toBe(1)
  })

  it('lets an aggregated frame in for the sake of any of its parts', () => {
    const device = new MeasuredDevice('single', 1, 5)
    const flood = { perSecond: 1, burst: 1 }
    const policy = { flood, circuit: defaultCircuitPolicy }
    const { fleet, verdicts } = fleetOf(device.model, ['gw-a', 'gw-b'], { policy })
    const whole = (ids: readonly string[], bytes: Uint8Array) =>
      frameOf(encodeAggregated(ids.map((id) => ({ id, data: bytes }))), 0, GATEWAY)
    const { bytes } = device.next()
    expect(fleet.admits(whole(['a', 'x'], bytes))).toBe(true)
    expect(fleet.unknown.total).toBe(1)
    // Too fast for a, but b may still come.
    const both = { ...whole(['a', 'b', 'x'], bytes), ordinal: 17 }
    expect(fleet.admits(both)).toBe(true)
    expect(fleet.accept(both)).toBe(2)
    expect(verdicts.map(({ frame }) => [frame.device, frame.ordinal])).toEqual([
      ['gw-a', 17],
      ['gw-b', 17],
    ])
    expect(fleet.session('gw-a')?.status().frames).toMatchObject({ received: 1, skipped: 0 })
    expect(fleet.admits(whole(['a', 'b'], bytes))).toBe(false)
    expect(fleet.session('gw-a')?.status().frames).toMatchObject({ received: 2, skipped: 1 })
  })
})

describe('a fleet that goes on from what another knew', () => {
  it('knows also the devices that were taken in, where it takes such in', () => {
    const device = compact()
    const accepting = { unknownDevices: 'accept' as const, defaultProfile: 'd1' }
    const first = fleetOf(device.model, [], accepting)
    for (let n = 0; n < 30; n++)
      first.fleet.accept(frameOf(device.next().bytes, n * INTERVAL, 'new'))
    const second = fleetOf(device.model, [], accepting)
    expect(second.fleet.restore(first.fleet.save())).toEqual([])
    second.fleet.accept(frameOf(device.next().bytes, 30 * INTERVAL, 'new'))
    expect(readings(second.verdicts[0])).toMatchObject({ epoch: 1, seq: 30, quality: 'good' })
    const strict = fleetOf(device.model, [])
    expect(strict.fleet.restore(first.fleet.save())).toEqual([])
    expect(strict.fleet.size).toBe(0)
  })

  it('names the devices whose model has changed, and lets none of their keys come again', () => {
    const device = compact()
    const first = fleetOf(device.model, ['d1'])
    let mono = 0
    const take = (fleet: typeof first.fleet) => {
      mono += INTERVAL
      fleet.accept(frameOf(device.next().bytes, mono))
    }
    for (let n = 0; n < 5; n++) {
      // Each of them leaves a state that does not fit.
      device.next()
      for (let i = 0; i < 5000; i++) device.next()
      take(first.fleet)
    }
    const { epoch } = readings(first.verdicts.at(-1))
    expect(epoch).toBeGreaterThan(2)
    const [temperature, humidity] = device.model.channels
    const changed = { ...device.model, channels: [{ ...temperature!, max: 86 }, humidity!] }
    const second = fleetOf(changed, ['d1'])
    expect(second.fleet.restore(first.fleet.save())).toEqual(['d1'])
    take(second.fleet)
    expect(readings(second.verdicts[0]).epoch).toBe(epoch + 1)
  })

  it('begins after a given epoch where everything is forgotten', () => {
    const device = compact()
    const { fleet, verdicts } = fleetOf(device.model, ['d1'], { epochBase: 1_764_000_000 })
    fleet.accept(frameOf(device.next().bytes, 0))
    expect(readings(verdicts[0])).toMatchObject({ epoch: 1_764_000_001, seq: 0, events: [] })
  })

  it('goes back to a state that it was told, whatever it knew', () => {
    const device = compact()
    const { fleet, verdicts } = fleetOf(device.model, ['d1'])
    const frames = Array.from({ length: 40 }, (_, n) => frameOf(device.next().bytes, n * INTERVAL))
    for (const frame of frames.slice(0, 20)) fleet.accept(frame)
    const state = structuredClone(fleet.save().get('d1'))
    for (const frame of frames.slice(20)) fleet.accept(frame)
    expect(fleet.restoreDevice('d1', state)).toBe(true)
    for (const frame of frames.slice(20)) fleet.accept(frame)
    expect(verdicts.slice(40)).toEqual(verdicts.slice(20, 40))
  })
})

describe('a fleet that opens its rooms on demand', () => {
  const shared = { onDemand: true, unknownDevices: 'accept', defaultProfile: 'd1' } as const

  it('knows a configured device from its first frame on, until it is forgotten', () => {
    const device = compact()
    const { fleet, verdicts } = fleetOf(device.model, ['d1', 'd2'], { onDemand: true })
    expect([fleet.size, fleet.saveDevice('d1')]).toEqual([0, undefined])
    fleet.accept(frameOf(device.next().bytes, 0))
    const kept = fleet.saveDevice('d1')
    expect([fleet.size, kept]).toEqual([1, fleet.save().get('d1')])

    fleet.forget('d1')
    expect(fleet.size).toBe(0)
    fleet.restoreDevice('d1', kept)
    fleet.accept(frameOf(device.next().bytes, INTERVAL))
    expect(verdicts.map((verdict) => readings(verdict).quality)).toEqual(['good', 'good'])
  })

  it('has room for strangers again once it has forgotten them', () => {
    const { fleet } = fleetOf(compact().model, [], shared)
    const { bytes } = compact().next()
    for (let n = 0; n < 12_000; n++) {
      const stranger = frameOf(bytes, n, `x${n}`)
      expect(fleet.admits(stranger)).toBe(true)
      fleet.forget(`x${n}`)
    }
    expect(fleet.size).toBe(0)
  })

  it('says of which devices a frame is', () => {
    const { fleet } = fleetOf(compact().model, [])
    const { bytes } = new MeasuredDevice('single', 1, 5).next()
    const both = encodeAggregated(['a', 'b'].map((id) => ({ id, data: bytes })))
    expect(fleet.devicesOf(frameOf(both, 0, GATEWAY))).toEqual(['gw-a', 'gw-b'])
    expect(fleet.devicesOf(frameOf(bytes, 0))).toEqual(['d1'])
    expect(fleet.devicesOf(frameOf(both.slice(0, -1), 0, GATEWAY))).toEqual([])
  })
})
