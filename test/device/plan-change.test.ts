import { describe, expect, it } from 'vitest'
import {
  compileProfile,
  type FleetOptions,
  type FleetPlan,
  type ModelSpec,
  planDocument,
  samePlan,
  type Verdict,
} from '../../src/device/index.js'
import { frameOf } from '../support/frames.js'
import { heardFleet } from '../support/heard-fleet.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'

const at = { mono: 10_000_000, wall: 10_000_000 }

function planOf(
  models: Readonly<Record<string, ModelSpec>>,
  devices: Readonly<Record<string, string>>,
  more: Partial<FleetPlan> = {},
): FleetPlan {
  return {
    profiles: new Map(Object.entries(models).map(([name, spec]) => [name, compileProfile(spec)])),
    devices: new Map(Object.entries(devices)),
    unknownDevices: 'announce',
    ...more,
  }
}

/** A fleet of one device that has sent so many frames. */
function fleetAfter(frames: number, options: Partial<FleetOptions> = {}) {
  const node = new MeasuredDevice('compact', 2, 11)
  const { fleet, verdicts } = heardFleet(
    { devices: new Map([['a', 'm']]), models: new Map([['m', node.model]]) },
    options,
  )
  let mono = 0
  const send = (device: string, measured = node, source = 'line'): Verdict | undefined => {
    mono += INTERVAL
    const before = verdicts.length
    fleet.accept({ ...frameOf(measured.next().bytes, mono), device, source })
    return verdicts[before]
  }
  for (let n = 0; n < frames; n++) send('a')
  return { fleet, verdicts, send, node, model: node.model }
}

const keyOf = (verdict: Verdict | undefined) =>
  verdict?.kind === 'readings' ? [verdict.device, verdict.epoch, verdict.seq, verdict.quality] : []

describe('a change of the plan', () => {
  it('leaves the room of a device alone for which nothing changes', () => {
    const { fleet, model } = fleetAfter(3)
    const room = fleet.session('a')
    const change = fleet.change(planOf({ m: { ...model } }, { a: 'm', b: 'm' }), at)
    expect(fleet.session('a')).toBe(room)
    expect(change).toMatchObject({ removed: [], changed: [], forgotten: [] })
    expect(change.added.map(({ id }) => id)).toEqual(['b'])
  })

  it('keeps the profile of a model that is the same or has another name, and two that are alike apart', () => {
    const { fleet, model } = fleetAfter(3)
    const profile = fleet.session('a')?.profile
    fleet.change(
      planOf({ m: { ...model }, other: { ...model } }, { a: 'm', b: 'm', c: 'other' }),
      at,
    )
    const profiles = ['a', 'b', 'c'].map((id) => fleet.session(id)?.profile)
    expect(profiles.map((one) => one === profile)).toEqual([true, true, false])
    fleet.change(planOf({ n: model, o: model }, { a: 'n', b: 'n', c: 'o', d: 'o' }), at)
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => fleet.session(id)?.profile)
    expect([a === b, c === d, a === d]).toEqual([true, true, false])
  })

  it('keeps what is known where the new model decodes alike, and its counters', () => {
    const { fleet, model, send } = fleetAfter(5)
    const change = fleet.change(planOf({ n: { ...model, intervalMs: 90_000 } }, { a: 'n' }), at)
    expect(change.changed.map(({ id }) => id)).toEqual(['a'])
    expect(change.forgotten).toEqual([])
    expect(keyOf(send('a'))).toEqual(['a', 1, 5, 'good'])
    expect(fleet.session('a')?.status().frames.decoded).toBe(6)
  })

  it('forgets what does not hold under another model, and never uses a key again', () => {
    const { fleet, model, send } = fleetAfter(5)
    const [first, second] = model.channels
    const swapped = { ...model, channels: [second!, first!] }
    const change = fleet.change(planOf({ m: swapped }, { a: 'm' }), at)
    expect(change.forgotten).toEqual(['a'])
    const [, epoch, , quality] = keyOf(send('a'))
    expect(epoch).toBe(2)
    expect(quality).not.toBe('good')
  })

  it('takes a removed device out, counts its frames as unknown, and begins behind its keys when it is back', () => {
    const { fleet, model, send } = fleetAfter(5)
    const plan = planOf({ m: model }, { a: 'm' })
    expect(fleet.change(planOf({ m: model }, {}), at).removed.map(({ id }) => id)).toEqual(['a'])
    expect(send('a')).toBeUndefined()
    expect(fleet.epochBase).toBe(1)
    fleet.change(plan, at)
    const fresh = new MeasuredDevice('compact', 2, 12)
    expect(keyOf(send('a', fresh))).toEqual(['a', 2, 0, 'good'])
  })

  it('gives the same keys in whichever order the devices stand, as after a restart', () => {
    const epochs = [
      ['gone', 'a'],
      ['a', 'gone'],
    ].map((ids) => {
      const devices = new Map(ids.map((id) => [id, 'm']))
      const { fleet, model, send } = fleetAfter(5, { devices })
      for (let n = 0; n < 3; n++) {
        fleet.obey({ do: 'reset', device: 'gone' }, at)
        send('gone')
      }
      const [first, second] = model.channels
      fleet.change(planOf({ m: { ...model, channels: [second!, first!] } }, { a: 'm' }), at)
      return keyOf(send('a'))[1]
    })
    expect(epochs).toEqual([4, 4])
  })

  it('takes what is known along to another name', () => {
    const { fleet, model, send } = fleetAfter(5)
    const change = fleet.change(planOf({ m: model }, { b: 'm' }), at, [['a', 'b']])
    expect(change.removed.map(({ id }) => id)).toEqual(['a'])
    expect(change.added.map(({ id }) => id)).toEqual(['b'])
    expect(keyOf(send('b'))).toEqual(['b', 1, 5, 'good'])
  })

  const ways = (known: Readonly<Record<string, string>>) => ({
    ways: new Map(Object.entries(known)),
  })

  it('forgets what was known of a device whose id is that of another one now, with numbers that go on', () => {
    const { fleet, model, send } = fleetAfter(0, ways({}))
    const other = new MeasuredDevice('compact', 2, 12)
    for (let n = 0; n < 5; n++) {
      send('a')
      other.next()
    }
    const change = fleet.change(planOf({ m: model }, { a: 'm' }, ways({ a: 'other' })), at)
    expect(change).toMatchObject({ forgotten: ['a'], changed: [{ id: 'a' }], removed: [] })
    const [, epoch, seq, quality] = keyOf(send('a', other))
    expect([epoch, seq]).toEqual([2, 5])
    expect(quality).not.toBe('good')
  })

  it('keeps what is known where the doors know a device as before, or nobody knows how that was', () => {
    const { fleet, model, send } = fleetAfter(5, ways({ a: 'x' }))
    fleet.change(planOf({ m: model, n: model }, { a: 'n' }, ways({ a: 'x' })), at)
    fleet.change(planOf({ m: model }, { b: 'm' }, ways({ b: 'x' })), at, [['a', 'b']])
    fleet.change(planOf({ m: model }, { b: 'm' }), at)
    fleet.change(planOf({ m: model }, { b: 'm' }, ways({ b: 'y' })), at)
    expect(keyOf(send('b'))).toEqual(['b', 1, 5, 'good'])
  })

  it('opens a new epoch for a name that somebody had before', () => {
    const { fleet, model, send } = fleetAfter(5)
    fleet.change(planOf({ m: model }, { a: 'm', b: 'm' }), at)
    send('b', new MeasuredDevice('compact', 2, 3))
    fleet.change(planOf({ m: model }, { a: 'm' }), at)
    fleet.change(planOf({ m: model }, { b: 'm' }), at, [['a', 'b']])
    expect(keyOf(send('b'))).toEqual(['b', 2, 5, 'good'])
  })

  it('lets go what was held for its order, under the plan that it came under', () => {
    const { fleet, model, verdicts, node } = fleetAfter(3, {
      reorderWindows: new Map([['radio', 4]]),
    })
    node.next()
    const early = { ...frameOf(node.next().bytes, 4 * INTERVAL), device: 'a', source: 'radio' }
    fleet.accept(early)
    expect(verdicts).toHaveLength(3)
    fleet.change(planOf({ m: model }, {}), at)
    expect(verdicts.slice(3).map(({ frame, device }) => [frame.mono, device])).toEqual([
      [4 * INTERVAL, 'a'],
    ])
  })

  it('keeps accepted devices where such are accepted, and takes them out where they are not', () => {
    const { fleet, model, send } = fleetAfter(1, { unknownDevices: 'accept', defaultProfile: 'm' })
    send('new', new MeasuredDevice('compact', 2, 5))
    const accepting = { unknownDevices: 'accept', defaultProfile: 'm' } as const
    fleet.change(planOf({ m: model }, { a: 'm' }, accepting), at)
    expect(fleet.session('new')?.status().frames.decoded).toBe(1)
    fleet.change(planOf({ m: model }, { a: 'm' }), at)
    expect([...fleet.sessions()].map(({ id }) => id)).toEqual(['a'])
  })
})

describe('orders', () => {
  it('come as a plan through JSON and mean the same', () => {
    const { fleet, model, send } = fleetAfter(5)
    const known = { ways: new Map([['b', 'x']]) }
    const document = planDocument(planOf({ m: model, n: model }, { b: 'n', a: 'm' }, known))
    const order = JSON.parse(JSON.stringify({ do: 'plan', plan: document }))
    expect(fleet.obey(order, at)).toMatchObject({ ok: true })
    expect(samePlan(fleet.document, document)).toBe(true)
    expect(keyOf(send('a'))).toEqual(['a', 1, 5, 'good'])
  })

  it('that no version knows, or about nobody, change nothing and say why', () => {
    const { fleet } = fleetAfter(1)
    const before = JSON.stringify([...fleet.save()])
    for (const order of [
      { do: 'plan', plan: { models: {} } },
      { do: 'plan', plan: null },
      { do: 'reset', device: 'nobody' },
      { do: 'dance', device: 'a' },
      { do: 'import', device: 'a', alcs: '00', exportedAt: 0 },
    ]) {
      const outcome = fleet.obey(order as Parameters<typeof fleet.obey>[0], at)
      expect(outcome).toMatchObject({ ok: false, problems: [expect.any(String)] })
    }
    expect(JSON.stringify([...fleet.save()])).toBe(before)
  })

  it('reset a device: nothing is known of it, and no key comes again', () => {
    const { fleet, send } = fleetAfter(5)
    expect(fleet.obey({ do: 'reset', device: 'a' }, at)).toMatchObject({ ok: true })
    expect(fleet.session('a')?.status().frames.decoded).toBe(0)
    const [, epoch, , quality] = keyOf(send('a'))
    expect([epoch, quality]).toEqual([2, 'uncertain'])
  })

  it('open, close and reset a circuit, and say what happened', () => {
    const { fleet, send } = fleetAfter(2)
    const order = (command: 'force-open' | 'force-closed') =>
      fleet.obey({ do: 'circuit', device: 'a', command }, at)
    expect(order('force-open')).toMatchObject({ events: [{ type: 'circuit_opened' }] })
    expect(send('a')).toMatchObject({ kind: 'skipped', why: 'circuit-open' })
    expect(order('force-closed')).toMatchObject({ events: [{ type: 'circuit_closed' }] })
    expect(send('a')?.kind).toBe('readings')
  })
})
