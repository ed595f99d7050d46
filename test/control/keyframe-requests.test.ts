import { describe, expect, it } from 'vitest'
import { KeyframeRequests } from '../../src/control/index.js'
import { compileProfile, DeviceSession, ResyncBudget } from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { MemorySource } from '../../src/transport/index.js'
import { frameOf } from '../support/frames.js'
import { ManualClock } from '../support/manual-clock.js'
import { INTERVAL, MeasuredDevice, type Sending } from '../support/measured-device.js'

const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
const NOW = { mono: 1_000_000, wall: 0 }
const later = (ms: number) => ({ mono: NOW.mono + ms, wall: ms })

/** A door, and sessions of devices that are heard at it in the middle of their stream. */
function world(bridgePerSecond = 5) {
  const door = new MemorySource({ clock: new ManualClock(), id: 'door' })
  door.start({ onFrame: () => true, onState: () => {}, onUnknown: () => {} })
  const minIntervalMs = { line: 1000, mqtt: 60_000 }
  const budget = new ResyncBudget({ minIntervalMs, bridgePerSecond })
  const requests = new KeyframeRequests(budget, [door])
  const session = (id: string, kind: Sending = 'compact', intervalMs = INTERVAL) => {
    const device = new MeasuredDevice(kind, 2, 5)
    const profile = compileProfile({ ...device.model, intervalMs })
    const opened = new DeviceSession(id, profile, policy, { mono: 0, wall: 0 })
    for (let n = 0; n < 9; n++) device.next()
    expect(opened.accept(frameOf(device.next().bytes, NOW.mono))).toMatchObject({
      wantsKeyframe: true,
    })
    return opened
  }
  const idsOf = (sent: ReturnType<typeof requests.send>) => sent.map(({ session: { id } }) => id)
  const asked = () => door.takeDownlinks().map(({ device }) => device)
  return { door, requests, session, idsOf, asked }
}

describe('keyframe requests', () => {
  it('leave by the door that the device is heard at, and are told and counted', () => {
    const { requests, session, door } = world()
    const device = session('d1')
    expect(requests.ask(device, NOW)).toMatchObject([
      { session: { id: 'd1' }, event: { type: 'resync_requested' } },
    ])
    expect(door.takeDownlinks()).toEqual([{ device: 'd1', bytes: Uint8Array.of(0xff) }])
    expect(device.status().resync.requested).toBe(1)
    expect(requests.ask(device, later(500))).toEqual([])
    expect(requests.counters).toEqual({ refused: 1, waiting: 0, unsent: 0 })
  })

  it('wait while the bridge may send no more, and then go to who gains most', () => {
    const { requests, session, idsOf, asked } = world(1)
    const devices = [
      session('first'),
      session('slow', 'compact', 3_600_000),
      session('open-loop'),
      session('closed-loop', 'closed-loop'),
      session('fast', 'closed-loop', 1000),
    ]
    expect(devices.flatMap((device) => idsOf(requests.ask(device, NOW)))).toEqual(['first'])
    expect(requests.counters.waiting).toBe(4)
    const sent = [1, 2, 3, 4].flatMap((n) => idsOf(requests.send(later(n * 1000))))
    expect(sent).toEqual(['fast', 'closed-loop', 'open-loop', 'slow'])
    expect(asked()).toEqual(['first', ...sent])
  })

  it('are not sent to a device that has found its way back in the meantime', () => {
    const { requests, session, idsOf } = world(1)
    requests.ask(session('first'), NOW)
    const device = session('back')
    requests.ask(device, NOW)
    requests.settle(device)
    expect(idsOf(requests.send(later(5000)))).toEqual([])
  })

  it('that no door takes cost no budget', () => {
    const { requests, session, door, idsOf } = world(1)
    const device = session('d1')
    door.goAway()
    expect(requests.ask(device, NOW)).toEqual([])
    expect(requests.counters).toEqual({ refused: 0, waiting: 0, unsent: 1 })
    door.comeBack()
    expect(idsOf(requests.ask(device, later(1)))).toEqual(['d1'])
  })
})
