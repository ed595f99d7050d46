import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import { compileProfile, DeviceSession, type Verdict } from '../../src/device/index.js'
import { statusDocument } from '../../src/outputs/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'

const profile = compileProfile(new MeasuredDevice('compact', 2, 1).model)
const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
const sessionOf = () => new DeviceSession('d1', profile, policy, { mono: 0, wall: 0 })

/** A device on a line without a checksum, some frames into its stream. */
function rawLine(frames = 60) {
  let session = sessionOf()
  const encoder = new CompactEncoder({ channels: 2 })
  const random = mulberry(testSeed)
  let mono = 0
  let level = 20
  const take = (bytes: Uint8Array): Verdict => {
    mono += INTERVAL
    return session.accept({ ...frameOf(bytes, mono), integrity: 'none' })
  }
  const values = () => {
    level += Math.round(random() * 4 - 2) / 10
    return [Math.round(level * 10) / 10, 50]
  }
  const next = () => encoder.encode(values())
  for (let n = 0; n < frames; n++) take(next())
  return {
    take,
    next,
    /** A keyframe, whose values are whole numbers of 32 bits. */
    keyframe() {
      encoder.handleDownlink(Uint8Array.of(0xff))
      return next()
    },
    get session() {
      return session
    },
    restart() {
      const memory = structuredClone(session.save())
      session = sessionOf()
      expect(session.restore(memory)).toBe(true)
    },
  }
}

const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  change(copy)
  return copy
}

/** A frame with one channel's raw value replaced; the values of a keyframe of two channels begin at byte 6. */
const withValue = (keyframe: Uint8Array, channel: number, value: number): Uint8Array =>
  changed(keyframe, (copy) => new DataView(copy.buffer).setFloat32(6 + 4 * channel, value))

const codeOf = (verdict: Verdict): string =>
  verdict.kind === 'fault' ? verdict.fault.code : verdict.kind
const qualityOf = (verdict: Verdict): string =>
  verdict.kind === 'readings' ? verdict.quality : verdict.kind

describe('a frame that no checksum vouches for', () => {
  it('F-05: is read as any other where the line is good, also after losses', () => {
    const device = new MeasuredDevice('compact', 3, testSeed)
    const three = compileProfile(device.model)
    const [raw, vouched] = [0, 1].map(
      () => new DeviceSession('d1', three, policy, { mono: 0, wall: 0 }),
    )
    const random = mulberry(testSeed)
    for (let n = 0; n < 600; n++) {
      const { bytes } = device.next()
      if (random() < 0.05) continue
      const frame = frameOf(bytes, n * INTERVAL)
      const { frame: _raw, ...read } = raw!.accept({ ...frame, integrity: 'none' })
      const { frame: _vouched, ...expected } = vouched!.accept(frame)
      expect(read, `seed ${testSeed}, frame ${n}`).toEqual(expected)
    }
    expect(raw!.status().frames.decoded).toBeGreaterThan(500)
  })

  const damages: readonly (readonly [string, (keyframe: Uint8Array) => Uint8Array, string])[] = [
    [
      'another marker',
      (frame) => changed(frame, (copy) => copy.fill(0x20, 0, 1)),
      'unsupported-version',
    ],
    ['a missing byte', (frame) => frame.subarray(0, -1), 'truncated'],
    ['a byte too many', (frame) => Uint8Array.of(...frame, 7), 'trailing-bytes'],
    [
      'bits behind the last channel',
      (frame) => changed(frame, (copy) => copy.fill(0xff, 5, 6)),
      'unused-bits',
    ],
    [
      'another encoding in its bitmap',
      (frame) => changed(frame, (copy) => copy.fill(0x0d, 5, 6)),
      'encoding-not-allowed',
    ],
    ['a value outside min and max', (frame) => withValue(frame, 1, 101), 'implausible'],
    [
      'a value no multiple of the resolution',
      (frame) => withValue(frame, 0, 20.0625),
      'implausible',
    ],
    ['a value further off than max_step', (frame) => withValue(frame, 0, 60), 'implausible'],
    [
      'a sequence that does not follow',
      (frame) => changed(frame, (copy) => copy.fill(0x77, 1, 3)),
      'implausible',
    ],
    [
      'a version that does not follow',
      (frame) => changed(frame, (copy) => copy.fill(0x77, 3, 5)),
      'implausible',
    ],
  ]

  it.each(damages)('F-05: with %s changes nothing, and costs itself alone', (_, damage, code) => {
    const line = rawLine()
    const before = line.session.save().stream
    const verdict = line.take(damage(line.keyframe()))
    expect(codeOf(verdict)).toBe(code)
    expect(line.session.save().stream).toEqual(before)
    expect(verdict.events[0]).toMatchObject({ type: 'decode_error', code })
    const after = [line.take(line.next()), line.take(line.keyframe()), line.take(line.next())]
    expect(after.map(codeOf)).toEqual(['readings', 'readings', 'readings'])
    expect(line.session.status().frames).toMatchObject({ rejected: 1, lost: 1 })
    // No declaration was given up for it.
    expect(line.session.stream.reader.falseDeclaration).toBeUndefined()
    expect(qualityOf(after[1]!)).toBe('good')
  })

  it('F-05: says which declaration its value contradicts', () => {
    const line = rawLine()
    const verdict = line.take(withValue(line.keyframe(), 1, 101))
    expect(verdict.kind === 'fault' && verdict.fault.message).toBe(
      'no checksum vouches for it, and channel humidity: a value contradicts the declared range (min, max)',
    )
  })

  it('F-05: is taken where the next one does not follow either: the device has restarted', () => {
    const line = rawLine(3000)
    const restarted = rawLine(30)
    expect(codeOf(line.take(restarted.next()))).toBe('implausible')
    // What was refused is part of what a restart of the bridge keeps.
    line.restart()
    expect(codeOf(line.take(restarted.next()))).toBe('readings')
    expect(qualityOf(line.take(restarted.keyframe()))).toBe('good')
    expect(line.session.status().frames.rejected).toBe(1)
  })

  it('F-05: is taken at once where the device begins anew', () => {
    const line = rawLine()
    const fresh = rawLine(0)
    expect(qualityOf(line.take(fresh.next()))).toBe('good')
    expect(line.session.stream.reboots).toBe(1)
  })

  it('F-05: that contradicts again shows that the state is wrong: it is given up, not the declarations', () => {
    const line = rawLine()
    for (let n = 0; n < 2; n++)
      expect(codeOf(line.take(withValue(line.keyframe(), 0, 60)))).toBe('implausible')
    expect(line.session.stream.position).toBeUndefined()
    const verdict = line.take(withValue(line.keyframe(), 0, 60))
    expect(verdict).toMatchObject({ kind: 'readings', quality: 'good' })
    expect(line.session.stream.reader.falseDeclaration).toBeUndefined()
  })

  it('F-05: is marked in the status, until one comes that something vouches for', () => {
    const { session } = rawLine()
    const context = { bridge: 'gw', wall: 0, details: true }
    expect(statusDocument(session.status(), context)).toMatchObject({ integrity: 'none' })
    session.accept(frameOf(Uint8Array.of(0xa2), 1e9))
    expect(statusDocument(session.status(), context)).not.toHaveProperty('integrity')
  })
})
