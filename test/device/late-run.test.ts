import { describe, expect, it } from 'vitest'
import { compileProfile, DeviceSession } from '../../src/device/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { INTERVAL, MeasuredDevice, type MeasuredFrame } from '../support/measured-device.js'
import { testSeed } from '../support/mulberry.js'

const POLICY = { circuit: defaultCircuitPolicy, flood: { perSecond: 1e9, burst: 1e9 } }

/** A session that has heard forty frames of a device, and the frames of the device's next life. */
function rig() {
  const former = new MeasuredDevice('closed-loop', 2, testSeed)
  const present = new MeasuredDevice('closed-loop', 2, testSeed + 1)
  const born = { mono: 0, wall: 0 }
  const session = new DeviceSession('dev', compileProfile(former.model), POLICY, born)
  let mono = 0
  const hear = ({ bytes }: MeasuredFrame, afterMs = INTERVAL) => {
    mono += afterMs
    const from = { integrity: 'crc32', source: 'test' } as const
    return session.accept({ device: 'dev', bytes, mono, wall: mono, ...from })
  }
  const sent = Array.from({ length: 40 }, () => former.next())
  return { sent, hear, next: Array.from({ length: 40 }, () => present.next()) }
}

describe('frames behind an open circuit', () => {
  it('are no failed probes because their numbers came before it opened', () => {
    const { sent, hear, next } = rig()
    for (const frame of sent.slice(0, 12)) hear(frame)
    const noise = { bytes: Uint8Array.of(0xa1, 0, 1), truth: new Map() }
    for (let i = 0; i < 5; i++) hear(noise, 100)
    // The device has restarted unseen, and is just where it was.
    const probes = next.slice(8, 14).map((frame) => hear(frame))
    const types = probes.flatMap(({ events }) => events.map(({ type }) => type))
    expect(types).toContain('circuit_half_opened')
    expect(types).not.toContain('conflict')
    expect(types).toContain('circuit_closed')
    expect(types).not.toContain('circuit_opened')
  })
})

describe('frames that seem late', () => {
  it('F-16: are those of a restarted device from the third in a row on, not only once they are past the old numbers', () => {
    const { sent, hear, next } = rig()
    for (const frame of sent) hear(frame)
    const verdicts = next.slice(1, 8).map((frame) => hear(frame))
    expect(verdicts.map(({ kind }) => kind)).toEqual([
      'skipped',
      'skipped',
      ...Array(5).fill('readings'),
    ])
    expect(verdicts[2]).toMatchObject({ epoch: 2, seq: 3 })
  })

  it('are late where they come faster than a device sends, or in no order, or between others', () => {
    const { sent, hear } = rig()
    const lost = [10, 11, 12, 13, 14, 15]
    for (const [n, frame] of sent.entries()) {
      if (!lost.includes(n) && n < 36) hear(frame, n === 16 ? 7 * INTERVAL : INTERVAL)
    }
    for (const n of [10, 11, 12, 13]) expect(hear(sent[n]!, 10)).toMatchObject({ why: 'late' })
    expect(hear(sent[36]!).kind).toBe('readings')
    for (const n of [15, 14]) expect(hear(sent[n]!)).toMatchObject({ why: 'late' })
  })
})
