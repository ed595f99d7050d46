import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportAlcs } from '../../src/alec/index.js'
import {
  compileProfile,
  DeviceSession,
  importContext,
  type SessionMemory,
  type Verdict,
} from '../../src/device/index.js'
import { Rooms } from '../../src/device/rooms.js'
import { parseExact, printExact } from '../../src/journal/exact-json.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { lies } from '../support/lies.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { PatternDevice } from '../support/pattern-device.js'

const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
const INTERVAL = 60_000

/** `shared`: another device has the room between any two frames. */
function world(device = new PatternDevice(), shared = false) {
  const profile = compileProfile(device.model)
  const born = { mono: 0, wall: 0 }
  const rooms = new Rooms({ policy, most: 1 })
  const open = (id = 'd1') =>
    new DeviceSession(id, profile, policy, born, shared ? rooms : undefined)
  const other = open('d2')
  let session = open()
  let mono = 0
  /** A frame with a value comes an interval after the one before, a message soon after it. */
  const hear = (bytes: Uint8Array): Verdict => {
    const isData = ((bytes[0]! >> 3) & 7) === 0
    mono = isData ? Math.ceil((mono + 1) / INTERVAL) * INTERVAL : mono + 100
    const verdict = session.accept(frameOf(bytes, mono))
    other.turnAway(bytes.length, mono)
    return verdict
  }
  return {
    device,
    hear,
    get session() {
      return session
    },
    restart: () => {
      const memory = parseExact(printExact(session.save())) as SessionMemory
      session = open()
      expect(session.restore(memory)).toBe(true)
    },
    /** Some frames that go as they always do, none of which takes long enough to hide a restart. */
    settle: (frames: number) => {
      for (let n = 0; n < frames; n++) hear(device.plain(20 + n / 10))
    },
  }
}

const exactly = (value: number) => ({
  kind: 'readings',
  quality: 'good',
  channels: [{ value, bound: 0 }],
})
const typesOf = (verdict: Verdict) => verdict.events.map(({ type }) => type)

describe('the dictionary of a device', () => {
  it.each([false, true])(
    'is taken from a diff, and values that are sent by it are exact (room shared: %s)',
    (shared) => {
      const { device, hear, settle } = world(new PatternDevice(), shared)
      settle(10)
      const [low, high] = [device.register(-12.25), device.register(1234.5)]
      const told = hear(device.diff())
      expect(told).toMatchObject({ kind: 'skipped', why: 'no-data' })
      expect(told.events).toMatchObject([
        { type: 'dictionary_synchronised', message: '2 patterns at version 12' },
      ])
      expect(hear(device.byPattern(high, 1234.5))).toMatchObject({
        ...exactly(1234.5),
        epoch: 1,
        seq: 11,
        events: [],
      })
      expect(hear(device.byPattern(low, -12.25))).toMatchObject(exactly(-12.25))
      expect(hear(device.byPattern(low, -12.26, -1))).toMatchObject(exactly(-12.26))
      expect(hear(device.plain(-12.3))).toMatchObject({ quality: 'good', epoch: 1 })
    },
  )

  it('is known anew by an announcement after an evolution has renumbered it', () => {
    const { device, hear, settle } = world()
    settle(10)
    device.register(7.75)
    hear(device.diff())
    settle(100)
    // An evolution drops what was used once only.
    const unknown = hear(device.byPattern(0, 7.75))
    expect(unknown).toMatchObject({ quality: 'uncertain' })
    expect(typesOf(hear(device.announce()))).toEqual(['dictionary_diverged'])
    const code = device.register(8.5)
    expect(typesOf(hear(device.diff()))).toEqual(['dictionary_synchronised'])
    expect(hear(device.byPattern(code, 8.5))).toMatchObject(exactly(8.5))
    expect(typesOf(hear(device.announce()))).toEqual(['dictionary_synchronised'])
    expect(hear(device.byPattern(code, 8.5))).toMatchObject(exactly(8.5))
  })

  it('diverges where a diff does not lead to what the device says, and is not used then', () => {
    const { device, hear, settle } = world()
    settle(10)
    const code = device.register(7.75)
    hear(device.diff())
    expect(hear(device.byPattern(code, 7.75))).toMatchObject(exactly(7.75))
    device.register(9)
    expect(typesOf(hear(device.diff(1n)))).toEqual(['dictionary_diverged'])
    expect(hear(device.byPattern(code, 7.75))).toMatchObject({ quality: 'uncertain' })
  })

  it('survives a restart of the bridge', () => {
    const { device, hear, settle, restart } = world()
    settle(10)
    const code = device.register(7.75)
    hear(device.diff())
    restart()
    expect(hear(device.byPattern(code, 7.75))).toMatchObject(exactly(7.75))
    restart()
    expect(hear(device.byPattern(code, 7.75))).toMatchObject(exactly(7.75))
  })

  it('is imported with the state of an encoder', () => {
    const { device, session } = world()
    for (let n = 0; n < 20; n++) device.plain(20 + n / 10)
    const code = device.register(7.75)
    const imported = importContext(compileProfile(device.model), exportAlcs(device.context), 0)
    if (!imported.ok) throw new Error(imported.problems.join())
    expect(session.restore(imported.memory)).toBe(true)
    const verdict = session.accept(frameOf(device.byPattern(code, 7.75), 1000))
    expect(verdict).toMatchObject(exactly(7.75))
  })

  it('does not outlive its device: a new encoder has another', () => {
    const { device, hear, settle } = world()
    settle(10)
    const code = device.register(7.75)
    hear(device.diff())
    hear(device.byPattern(code, 7.75))
    const fresh = new PatternDevice()
    expect(hear(fresh.plain(21))).toMatchObject({ epoch: 2, quality: 'good' })
    expect(hear(fresh.byPattern(code, 3))).toMatchObject({ quality: 'uncertain' })
  })

  it.each([true, false])(
    'is told by messages that are no gap, whether they take a number of their own (%s) or not',
    (consumes) => {
      const { device, hear, settle, session } = world(new PatternDevice(consumes))
      settle(10)
      for (const message of [device.heartbeat(), device.announce(), device.heartbeat()])
        hear(message)
      hear(device.plain(20))
      device.register(5)
      hear(device.diff())
      const next = hear(device.plain(20.5))
      expect(next).toMatchObject({ kind: 'readings', epoch: 1, quality: 'good', events: [] })
      expect(session.status().frames).toMatchObject({ lost: 0, late: 0 })
    },
  )

  it('is not asked where an old message comes again', () => {
    const { device, hear, settle } = world()
    settle(10)
    const code = device.register(7.75)
    const first = device.diff()
    hear(first)
    expect(hear(first).events).toEqual([])
    hear(device.byPattern(code, 7.75))
    expect(hear(first).events).toEqual([])
    expect(hear(device.byPattern(code, 7.75))).toMatchObject(exactly(7.75))
  })

  it('F-23: holds 256 patterns of 64 KiB in all, and no more', () => {
    const { device, hear, settle, session } = world()
    settle(10)
    const codes = Array.from({ length: 256 }, (_, n) => device.register(n))
    expect(typesOf(hear(device.diff()))).toEqual(['dictionary_synchronised'])
    expect(hear(device.byPattern(codes[99]!, 99))).toMatchObject(exactly(99))
    device.register(256)
    const refused = hear(device.diff())
    expect(refused.events).toMatchObject([
      { type: 'dictionary_diverged', message: expect.stringContaining('at most 256') },
    ])
    expect(session.save().stream.messages.dictionary.patterns).toHaveLength(256)

    const other = world()
    other.settle(10)
    for (let n = 0; n < 255; n++)
      other.device.registerBytes(Uint8Array.from({ length: 255 }, (_, i) => (i === 0 ? n : 7)))
    expect(typesOf(other.hear(other.device.diff()))).toEqual(['dictionary_synchronised'])
    expect(JSON.stringify(other.session.save()).length).toBeLessThan(256 * 1024)
  })

  it('F-23: makes no reading wrong, whatever is lost, repeated or made up of it', () => {
    let byPattern = 0
    const property = fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const random = mulberry(seed)
      const { device, hear, session } = world(new PatternDevice(random() < 0.8))
      // A device is known to send such messages from the first one on that is heard.
      hear(device.plain(20))
      hear(device.heartbeat())
      const kept: Uint8Array[] = []
      const codes = new Map<number, number>()
      for (let n = 0; n < 250; n++) {
        const kind = random()
        let value = Math.round(random() * 2000) / 10
        let bytes: Uint8Array
        let data = true
        if (kind < 0.05) {
          const code = device.register(value)
          codes.set(code, value)
        }
        if (kind < 0.12) {
          data = false
          bytes = random() < 0.7 ? device.diff() : device.announce()
        } else if (kind < 0.15) {
          data = false
          bytes = device.heartbeat()
        } else if (kind < 0.5 && codes.size > 0) {
          const [code] = [...codes.keys()].slice(Math.floor(random() * codes.size))
          const pattern = device.context.pattern(code!)
          if (!pattern) {
            codes.delete(code!)
            continue
          }
          value = new DataView(pattern.bytes.buffer, pattern.bytes.byteOffset).getFloat64(0)
          bytes = device.byPattern(code!, value)
        } else bytes = device.plain(value)
        kept.push(bytes)
        if (random() < 0.05) continue
        const spoilt = random() < 0.02
        if (spoilt && !data)
          bytes = bytes.map((byte, i) => (i > 10 && random() < 0.2 ? random() * 256 : byte))
        const verdict = hear(bytes)
        if (!data) continue
        expect(
          lies(verdict, { truth: new Map([['level', value]]) }, `seed ${seed} frame ${n}`),
        ).toEqual([])
        if (kind < 0.5 && verdict.kind === 'readings' && verdict.quality === 'good') byPattern++
        if (random() < 0.05) hear(kept[Math.floor(random() * kept.length)]!)
      }
      expect(session.save().stream.messages.dictionary.patterns.length).toBeLessThanOrEqual(256)
    })
    fc.assert(property, { numRuns: 60, seed: testSeed })
    expect(byPattern).toBeGreaterThan(100)
  })
})
