import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { UnknownDevices, type Verdict } from '../../src/device/index.js'
import type { Frame } from '../../src/framing/index.js'
import { frameOf } from '../support/frames.js'
import { heardFleet } from '../support/heard-fleet.js'
import { INTERVAL, MeasuredDevice, type Sending } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { allTrafficFaults, type Traffic, trafficOf } from '../support/traffic.js'

const kinds: readonly Sending[] = ['compact', 'closed-loop', 'several-singles', 'adaptive']
const CULPRIT = 'culprit'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/** A device that sends ten thousand frames a second: its own, garbage, and frames of others, in turn. */
function flood(traffic: Traffic, seconds: number): Frame[] {
  const random = mulberry(testSeed)
  const device = new MeasuredDevice('compact', 2, 99)
  const others = traffic.frames.filter(({ bytes }) => bytes[0] === 0xa1)
  const start = 20 * INTERVAL
  return Array.from({ length: seconds * 10_000 }, (_, n) => {
    const mono = start + n / 10
    const kind = n % 3
    const garbage = Uint8Array.from({ length: 1 + Math.floor(random() * 40) }, () => random() * 256)
    const stolen = others[Math.floor(random() * others.length)]?.bytes ?? garbage
    return frameOf(kind === 0 ? device.next().bytes : kind === 1 ? garbage : stolen, mono, CULPRIT)
  })
}

function heard(traffic: Traffic, frames: readonly Frame[]): Map<string, Verdict[]> {
  const { fleet, verdicts } = heardFleet(traffic)
  for (const frame of frames) if (fleet.admits(frame)) fleet.accept(frame)
  const said = new Map<string, Verdict[]>()
  for (const verdict of verdicts)
    said.set(verdict.device, [...(said.get(verdict.device) ?? []), verdict])
  return said
}

describe('what one device does', () => {
  it('F-19: is nothing to the others: without a device that floods they say the very same', () => {
    const calm = trafficOf(testSeed, kinds, 100, allTrafficFaults)
    const traffic: Traffic = {
      ...calm,
      devices: new Map([...calm.devices, [CULPRIT, 'd0']]),
    }
    const all = [...calm.frames, ...flood(calm, 2)].sort((a, b) => a.mono - b.mono)
    const troubled = heard(traffic, all)
    const quiet = heard(traffic, calm.frames)
    expect(troubled.get(CULPRIT)?.length).toBeGreaterThan(100)
    // At 50 frames a second, 200 at once.
    expect(troubled.get(CULPRIT)?.length).toBeLessThan(320)
    troubled.delete(CULPRIT)
    expect(troubled).toEqual(quiet)
  })

  it('F-19: opens its own circuit alone', () => {
    const traffic = trafficOf(testSeed, kinds, 30, { ...allTrafficFaults, garbage: 0 })
    const { fleet, verdicts } = heardFleet({
      ...traffic,
      devices: new Map([...traffic.devices, [CULPRIT, 'd0']]),
    })
    for (const frame of [...traffic.frames, ...flood(traffic, 1)].sort((a, b) => a.mono - b.mono))
      if (fleet.admits(frame)) fleet.accept(frame)
    expect(verdicts.filter((verdict) => verdict.device === CULPRIT).at(-1)).toMatchObject({
      kind: 'skipped',
      why: 'circuit-open',
    })
    const circuits = Array.from(fleet.sessions(), (session) => session.status().circuit)
    expect(circuits).toEqual(['closed', 'closed', 'closed', 'closed', 'open'])
  })
})

describe('a device that floods', () => {
  it('F-19: is told, and what of it was not let in is counted', () => {
    const device = new MeasuredDevice('compact', 2, 99)
    const { fleet } = heardFleet({
      devices: new Map([['d0', 'climate']]),
      models: new Map([['climate', device.model]]),
    })
    const start = 20 * INTERVAL
    let refused = 0
    for (let n = 0; n < 1000; n++) {
      const frame = frameOf(device.next().bytes, start, 'd0')
      if (fleet.admits(frame)) fleet.accept(frame)
      else refused++
    }
    expect(refused).toBe(800)
    const session = fleet.session('d0')!
    const around = { wall: 0, linkUp: true, lineNoisy: false, clockSynced: true }
    const events = session.sweep({ ...around, mono: start + 1000 })
    expect(events).toContainEqual(expect.objectContaining({ type: 'flooding', dropped: 800 }))
    expect(session.status()).toMatchObject({ cause: 'flooding', frames: { skipped: 800 } })
    session.sweep({ ...around, mono: start + 9_999 })
    expect(session.status().cause).toBe('flooding')
    for (let ms = 10_000; ms <= 30_000; ms += 5000) session.sweep({ ...around, mono: start + ms })
    expect(session.status().cause).not.toBe('flooding')
  })
})

describe('a million devices that nobody knows', () => {
  it('F-21: are turned away, counted, and the last 1024 of them kept by name', () => {
    const unknown = new UnknownDevices()
    for (let n = 0; n < 1_000_000; n++) unknown.note(`id-${n}`, 'not-configured')
    expect(unknown.total).toBe(1_000_000)
    expect(unknown.sample.size).toBe(1024)
    expect(unknown.latest(2)).toEqual(['id-999999', 'id-999998'])
    expect(unknown.byReason).toEqual(new Map([['not-configured', 1_000_000]]))
  })

  it.each(['ignore', 'accept'] as const)(
    'F-21: leave the memory as it was (unknown_devices: %s), but for 10 000 that are taken in',
    (unknownDevices) => {
      const traffic = trafficOf(testSeed, ['compact'], 1, allTrafficFaults)
      const { fleet, verdicts } = heardFleet(traffic, { unknownDevices, defaultProfile: 'd0' })
      const bytes = new MeasuredDevice('compact', 1, 5).next().bytes
      // Those that are taken in are allowed for.
      for (let n = 0; n < 20_000; n++) fleet.admits(frameOf(bytes, n, `early-${n}`))
      expect(fleet.size).toBe(unknownDevices === 'accept' ? 10_001 : 1)
      collectGarbage()
      const before = process.memoryUsage().heapUsed
      for (let n = 0; n < 1_000_000; n++) {
        if (fleet.admits(frameOf(bytes, 20_000 + n, `stranger-number-${n}`)))
          throw new Error('admitted')
      }
      collectGarbage()
      expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 * 1024 * 1024)
      const refused = unknownDevices === 'accept' ? 10_000 : 20_000
      expect(fleet.unknown.total).toBe(1_000_000 + refused)
      expect(fleet.unknown.sample.size).toBe(1024)
      expect(verdicts).toEqual([])
    },
  )
})
