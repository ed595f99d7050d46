import { describe, expect, it } from 'vitest'
import { Delivery } from '../../src/control/delivery.js'
import { Settlement } from '../../src/control/settlement.js'
import { compileProfile, Fleet, type FleetHandlers, type Verdict } from '../../src/device/index.js'
import type { FrameEntry } from '../../src/journal/index.js'
import type { Publication } from '../../src/outputs/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'

const publicationOf = (verdict: Verdict): Publication => ({
  topic: 'readings',
  payload: verdict.kind === 'readings' ? String(verdict.seq) : verdict.kind,
  qos: 1,
  retain: false,
  whileAway: 'queue',
})

/** A live fleet with a reorder window behind a delivery, an outlet that takes what it has room for, and a second fleet. */
function world() {
  const device = new MeasuredDevice('compact', 2, 5)
  const open = (handlers: Pick<FleetHandlers, 'onVerdict'>) =>
    new Fleet(
      {
        profiles: new Map([['m', compileProfile(device.model)]]),
        devices: new Map([['d1', 'm']]),
        policy: { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
        unknownDevices: 'ignore',
        born: { mono: 0, wall: 0 },
        reorderWindows: new Map([['door', 3]]),
      },
      { ...handlers, onAccepted: () => {}, onInternalError: () => {} },
    )
  const sent: string[] = []
  const outlet = { hasRoom: true }
  const settlement = new Settlement(0, () => {})
  const delivery: Delivery = new Delivery({
    live: open({ onVerdict: (verdict, session) => delivery.verdict(verdict, session) }),
    outlet: {
      room: () => outlet.hasRoom,
      publish: ({ payload }, settled) => {
        sent.push(String(payload))
        settled?.()
      },
    },
    words: { readings: (verdict) => [publicationOf(verdict)], dropped: () => [] },
    settlement,
    aside: () => {},
    onBehind: () => {},
  })
  const backlogFleet = open({
    onVerdict: (verdict, session) => {
      if (delivery.isDue(verdict.frame.ordinal ?? 0)) delivery.deliver(verdict, session)
    },
  })
  const entries = Array.from({ length: 30 }, (_, n): FrameEntry => {
    const frame = { ...frameOf(device.next().bytes, n * INTERVAL), ordinal: n + 1 }
    return { kind: 'frame', ordinal: n + 1, mono: frame.mono, wall: frame.wall, frame }
  })
  const bring = (entry: FrameEntry) => {
    if (delivery.isDue(entry.ordinal)) delivery.carry(entry, backlogFleet)
    else backlogFleet.accept(entry.frame)
  }
  return { delivery, settlement, outlet, sent, entries, bring, backlogFleet }
}

describe('readings that are held for their order', () => {
  it('settle once they have gone out, and what came later waits for that', () => {
    const { delivery, settlement, sent, entries } = world()
    for (const entry of entries.slice(0, 10)) delivery.handle(entry)
    const [, early, next] = entries.slice(10)
    for (const entry of [early!, next!]) delivery.handle(entry)
    expect([sent.length, settlement.reached]).toEqual([10, 10])
    // An entry is still on its way to the disk: it may be the missing one.
    delivery.release(false, 1e9)
    expect(sent).toHaveLength(10)
    delivery.release(true, early!.mono + 2 * INTERVAL)
    expect(sent.slice(10)).toEqual(['11', '12'])
    expect(settlement.reached).toBe(13)
  })

  it('come from the journal where there was no room, also those that only time lets go', () => {
    const { delivery, settlement, outlet, sent, entries, bring, backlogFleet } = world()
    for (const entry of entries.slice(0, 10)) delivery.handle(entry)
    outlet.hasRoom = false
    const late = entries.slice(10).filter(({ ordinal }) => ordinal !== 21)
    for (const entry of late.slice(0, 12)) delivery.handle(entry)
    delivery.release(true, 1e9)
    expect([sent.length, settlement.reached]).toEqual([10, 10])
    for (const entry of [...entries.slice(0, 10), ...late.slice(0, 12)]) bring(entry)
    expect(sent.slice(10)).toHaveLength(10)
    delivery.caughtUp(backlogFleet)
    expect(sent.slice(10)).toEqual(late.slice(0, 12).map(({ ordinal }) => String(ordinal - 1)))
  })
})
