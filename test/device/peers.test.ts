import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  type DeviceEvent,
  type Fleet,
  type ModelSpec,
  type PeerPolicy,
  type ReadingsVerdict,
  type Verdict,
} from '../../src/device/index.js'
import { Peer } from '../../src/device/peer.js'
import { PeerGroup } from '../../src/device/peer-group.js'
import { PeerSums } from '../../src/device/peer-sums.js'
import type { Frame } from '../../src/framing/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { frameOf } from '../support/frames.js'
import { heardFleet } from '../support/heard-fleet.js'
import { mulberry, testSeed } from '../support/mulberry.js'

const INTERVAL = 60_000
const TTL = 3 * INTERVAL

const modelWith = (peers: PeerPolicy | undefined, channels = ['temperature']): ModelSpec => ({
  ...defaultSpec,
  intervalMs: INTERVAL,
  ...(peers && { peers }),
  channels: channels.map((name) => ({ name, resolution: '0.1', min: -40, max: 85 })),
})

const three: PeerPolicy = { deviations: 3, minimum: 3 }

const verdictOf = (value: number): ReadingsVerdict => ({
  kind: 'readings',
  device: 'd1',
  frame: frameOf(Uint8Array.of(0), 1000),
  family: 'compact',
  epoch: 1,
  seq: 1,
  quality: 'good',
  priority: 0,
  deviceTime: -1,
  channels: [{ name: 'temperature', value, bound: 0, quality: 'good' }],
  wantsKeyframe: false,
  events: [],
})

/** Devices of one model that all send what they are told to. */
class Rooms {
  readonly fleet: Fleet
  readonly verdicts: Verdict[]
  readonly frames: Frame[] = []
  readonly #encoders = new Map<string, CompactEncoder>()
  readonly #channels: number
  #mono = 1000

  constructor(ids: readonly string[], model = modelWith(three)) {
    this.#channels = model.channels.length
    const devices = new Map(ids.map((id) => [id, 'm']))
    const heard = heardFleet({ models: new Map([['m', model]]), devices })
    this.fleet = heard.fleet
    this.verdicts = heard.verdicts
  }

  /** One frame of each; returns what was said of peers. */
  send(values: Readonly<Record<string, number | readonly number[]>>): DeviceEvent[] {
    const before = this.verdicts.length
    for (const [id, value] of Object.entries(values)) {
      const encoder = this.#encoders.get(id) ?? new CompactEncoder({ channels: this.#channels })
      this.#encoders.set(id, encoder)
      const bytes = encoder.encode(typeof value === 'number' ? [value] : value)
      const frame = frameOf(bytes, this.#mono, id)
      this.#mono += 10
      this.frames.push(frame)
      this.fleet.accept(frame)
    }
    this.#mono += INTERVAL
    return peerEvents(this.verdicts.slice(before))
  }

  /** The same again and again. */
  settle(values: Readonly<Record<string, number | readonly number[]>>, times = 8): DeviceEvent[] {
    return Array.from({ length: times }, () => this.send(values)).flat()
  }

  wait(ms: number): void {
    this.#mono += ms
  }

  left(id: string): readonly string[] {
    return this.fleet.session(id)!.status().leftPeers ?? []
  }
}

const peerEvents = (verdicts: readonly Verdict[]): DeviceEvent[] =>
  verdicts.flatMap(({ events }) => events.filter(({ type }) => type.endsWith('_peers')))

const typesOf = (events: readonly DeviceEvent[]): string[] => events.map(({ type }) => type)

describe('a device among its peers', () => {
  it('leaves them when its mean is too far from theirs, and says where everybody stands', () => {
    const rooms = new Rooms(['a', 'b', 'c', 'd'])
    expect(rooms.settle({ a: 20, b: 20.2, c: 20.4, d: 20.2 })).toEqual([])
    const events = rooms.settle({ a: 20, b: 20.2, c: 20.4, d: 26 }, 3)
    expect(events).toEqual([
      {
        wall: expect.any(Number),
        severity: 'warning',
        type: 'left_peers',
        channel: 'temperature',
        mean: 21.5594,
        peersMean: 20.2,
        deviation: 0.2,
        peers: 3,
      },
    ])
    expect([rooms.left('d'), rooms.left('a')]).toEqual([['temperature'], []])
  })

  it('rejoins them only when it is clearly back', () => {
    const rooms = new Rooms(['a', 'b', 'c', 'd'])
    const others = { a: 20, b: 20.1, c: 20.2 }
    rooms.settle({ ...others, d: 20.1 })
    rooms.settle({ ...others, d: 25 })
    // Within the limit of 20.4, but not within two thirds of the way to it.
    expect(rooms.settle({ ...others, d: 20.35 }, 60)).toEqual([])
    expect(rooms.left('d')).toEqual(['temperature'])
    expect(typesOf(rooms.settle({ ...others, d: 20.1 }, 20))).toEqual(['rejoined_peers'])
    expect(rooms.left('d')).toEqual([])
  })

  it('is held against them channel by channel', () => {
    const rooms = new Rooms(['a', 'b', 'c'], modelWith(three, ['inside', 'outside']))
    rooms.settle({ a: [20, 5], b: [20.1, 5.1], c: [20.2, 9] })
    expect([rooms.left('a'), rooms.left('c')]).toEqual([[], ['outside']])
  })

  it('is not judged while fewer than the minimum are there', () => {
    const few = new Rooms(['a', 'b'])
    expect(few.settle({ a: 20, b: 60 })).toEqual([])
    const four = new Rooms(['a', 'b', 'c'], modelWith({ deviations: 3, minimum: 4 }))
    expect(four.settle({ a: 20, b: 20, c: 60 })).toEqual([])
  })

  it('does not leave them by what its sensor cannot tell', () => {
    const rooms = new Rooms(['a', 'b', 'c', 'd'])
    expect(rooms.settle({ a: 20, b: 20, c: 20, d: 20.3 }, 20)).toEqual([])
    expect(typesOf(rooms.settle({ a: 20, b: 20, c: 20, d: 20.4 }, 20))).toEqual(['left_peers'])
  })

  it('does not leave them when all of them see the same change', () => {
    const ids = Array.from({ length: 20 }, (_, n) => `r${n}`)
    const rooms = new Rooms(ids)
    const all = (base: number) => Object.fromEntries(ids.map((id, n) => [id, base + (n % 5) / 10]))
    rooms.settle(all(20))
    expect(rooms.settle(all(35), 20)).toEqual([])
  })

  it('leaves them by few of its readings where these are noisy', () => {
    const random = mulberry(7)
    const ids = Array.from({ length: 40 }, (_, n) => `r${n}`)
    const rooms = new Rooms(ids)
    const noise = () => Math.round(200 + 20 * (random() + random() + random() - 1.5)) / 10
    const events = Array.from({ length: 100 }, () =>
      rooms.send(Object.fromEntries(ids.map((id) => [id, noise()]))),
    ).flat()
    // 4000 readings, of which every third is further from the mean of means than three deviations of these.
    expect(typesOf(events).filter((type) => type === 'left_peers').length).toBeLessThan(40)
  })

  it('is not compared with those that are silent for longer than their ttl, until they are back', () => {
    const rooms = new Rooms(['a', 'b', 'c', 'd'])
    // So many that a silence of some intervals cannot hide a restart, behind which nothing would be good.
    rooms.settle({ a: 20, b: 20, c: 20, d: 20 }, 40)
    rooms.wait(TTL)
    // Alone, and whatever it sends.
    expect(rooms.settle({ d: 60 })).toEqual([])
    expect(rooms.settle({ a: 20, b: 20, d: 60 }, 2)).toEqual([])
    expect(typesOf(rooms.send({ a: 20, b: 20, d: 60 }))).toEqual(['left_peers'])
  })

  it('stays marked while nobody is there to compare it with', () => {
    const rooms = new Rooms(['a', 'b', 'c', 'd'])
    rooms.settle({ a: 20, b: 20, c: 20, d: 60 })
    rooms.wait(TTL)
    rooms.settle({ d: 20 })
    expect(rooms.left('d')).toEqual(['temperature'])
  })

  it('is not compared with those that are gone, and whoever comes in their place begins anew', () => {
    const group = new PeerGroup(compileProfile(modelWith(three)), three)
    const [a, b, c, d] = Array.from({ length: 4 }, () => new Peer(group))
    const hear = (peer: Peer | undefined, value: number) =>
      Array.from({ length: 8 }, () => peer?.hear(verdictOf(value), TTL) ?? []).flat()
    for (const [peer, value] of [
      [a, 20],
      [b, 20],
      [c, 20],
      [d, 60],
    ] as const)
      hear(peer, value)
    expect([c?.apart, d?.apart]).toEqual([[], ['temperature']])
    c?.leave()
    d?.leave()
    const other = new Peer(group)
    expect([other.apart, other.save()]).toEqual([[], []])
    // Two others are left, and none of them is where the last one was.
    expect(hear(other, 60)).toMatchObject([{ type: 'left_peers', peers: 2, peersMean: 20 }])
    expect(hear(d, 20)).toEqual([])
  })

  it('is judged by good readings alone', () => {
    const rooms = new Rooms(['a', 'b', 'c', 'd'])
    rooms.settle({ a: 20, b: 20, c: 20, d: 20 })
    expect(rooms.settle({ a: 20, b: 20, c: 20, d: Number.NaN }, 3)).toEqual([])
  })
})

/** Frames of eight devices that wander, jump now and then, and are silent now and then. */
function wandering(seed: number): Rooms {
  const random = mulberry(seed)
  const ids = Array.from({ length: 8 }, (_, n) => `r${n}`)
  const rooms = new Rooms(ids)
  const levels = ids.map(() => 200)
  for (let round = 0; round < 60; round++) {
    const values = ids.flatMap((id, n) => {
      levels[n]! += Math.round(4 * (random() - 0.5)) + (random() < 0.02 ? 60 : 0)
      if (levels[n]! > 400) levels[n] = 200
      return random() < 0.1 ? [] : [[id, levels[n]! / 10] as const]
    })
    if (random() < 0.05) rooms.wait(TTL)
    rooms.send(Object.fromEntries(values))
  }
  return rooms
}

const orderOf = (verdicts: readonly Verdict[]): string =>
  verdicts.map(({ device, frame }) => `${device} ${frame.mono}`).join()

/** Now and then a frame comes only after the next one of its device, which is held for so long. */
function overtaken(frames: readonly Frame[], random: () => number): Frame[] {
  const bytes = frames.map((frame) => frame.bytes)
  frames.forEach(({ device }, n) => {
    if (random() > 0.05) return
    const next = frames.findIndex((frame, other) => other > n && frame.device === device)
    if (next < 0) return
    const [one, other] = [bytes[n]!, bytes[next]!]
    bytes[n] = other
    bytes[next] = one
  })
  return frames.map((frame, n) => ({ ...frame, bytes: bytes[n]! }))
}

describe('the comparison', () => {
  const seeds = Array.from({ length: 8 }, (_, n) => testSeed + n)

  it('says the same after a restart anywhere, from what was saved', () => {
    let said = 0
    for (const seed of seeds) {
      const { frames, verdicts, fleet } = wandering(seed)
      const cut = mulberry(seed)() * frames.length
      const model = new Map([['m', modelWith(three)]])
      const devices = new Map(Array.from(fleet.sessions(), ({ id }) => [id, 'm']))
      const first = heardFleet({ models: model, devices })
      for (const frame of frames.slice(0, cut)) first.fleet.accept(frame)
      const second = heardFleet({ models: model, devices })
      second.fleet.restore(structuredClone(first.fleet.save()))
      for (const frame of frames.slice(cut)) second.fleet.accept(frame)
      expect(JSON.stringify([...first.verdicts, ...second.verdicts])).toBe(JSON.stringify(verdicts))
      expect(JSON.stringify([...second.fleet.save()])).toBe(JSON.stringify([...fleet.save()]))
      said += peerEvents(verdicts).length
    }
    expect(said).toBeGreaterThan(10)
  })

  it('changes nothing of the readings', () => {
    for (const seed of seeds) {
      const { frames, verdicts, fleet } = wandering(seed)
      const devices = new Map(Array.from(fleet.sessions(), ({ id }) => [id, 'm']))
      const without = heardFleet({ models: new Map([['m', modelWith(undefined)]]), devices })
      for (const frame of frames) without.fleet.accept(frame)
      const others = verdicts.map((verdict) => ({
        ...verdict,
        events: verdict.events.filter(({ type }) => !type.endsWith('_peers')),
      }))
      expect(JSON.stringify(without.verdicts)).toBe(JSON.stringify(others))
    }
  })

  it('does not depend on when frames that were held for their order are let go', () => {
    let said = 0
    let different = 0
    for (const seed of seeds) {
      const random = mulberry(seed)
      const { frames, fleet } = wandering(seed)
      const devices = new Map(Array.from(fleet.sessions(), ({ id }) => [id, 'm']))
      const reorderWindows = new Map([[frames[0]!.source, 4]])
      const models = new Map([['m', modelWith(three)]])
      const swept = heardFleet({ models, devices }, { reorderWindows })
      const left = heardFleet({ models, devices }, { reorderWindows })
      for (const frame of overtaken(frames, random)) {
        swept.fleet.accept(frame)
        left.fleet.accept(frame)
        if (random() < 0.5) swept.fleet.release(frame.mono)
      }
      expect(peerEvents(swept.verdicts)).toEqual(peerEvents(left.verdicts))
      // They were let go at other times.
      if (orderOf(swept.verdicts) !== orderOf(left.verdicts)) different++
      said += peerEvents(left.verdicts).length
    }
    expect([said > 5, different > 3]).toEqual([true, true])
  })

  it('gives the sums of just those marks that are there, to the bit, whatever came and went', () => {
    const mark = fc.integer({ min: -(2 ** 26), max: 2 ** 26 })
    fc.assert(
      fc.property(fc.array(fc.tuple(mark, fc.boolean()), { minLength: 2 }), (marks) => {
        const sums = new PeerSums()
        for (const [value] of marks) sums.add(value)
        for (const [value, goes] of marks) if (goes) sums.remove(value)
        const fresh = new PeerSums()
        const stay = marks.flatMap(([value, goes]) => (goes ? [] : [value])).reverse()
        for (const value of stay) fresh.add(value)
        expect([sums.count, sums.mean, sums.variance]).toEqual([
          fresh.count,
          fresh.mean,
          fresh.variance,
        ])
        if (stay.length < 2) return
        const mean = stay.reduce((sum, value) => sum + value, 0) / stay.length
        const squares = stay.reduce((sum, value) => sum + (value - mean) ** 2, 0)
        // A rounding of the largest sum of squares that there can be.
        const slack = 2 ** -50 * stay.length * 2 ** 52
        expect(Math.abs(sums.variance - squares / (stay.length - 1))).toBeLessThanOrEqual(slack)
      }),
      { seed: testSeed, numRuns: 500 },
    )
  })
})
