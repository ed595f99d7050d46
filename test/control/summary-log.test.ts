import { expect, it } from 'vitest'
import { SummaryLog } from '../../src/control/summary-log.js'
import { compileProfile, Fleet } from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { ManualClock } from '../support/manual-clock.js'
import { MeasuredDevice } from '../support/measured-device.js'

it('a line a minute says how it goes: what came since the last one, and how it is now', () => {
  const clock = new ManualClock()
  const node = new MeasuredDevice('compact', 2, 3)
  const fleet = new Fleet(
    {
      profiles: new Map([['m', compileProfile(node.model)]]),
      devices: new Map(['a', 'b'].map((id) => [id, 'm'])),
      policy: { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
      unknownDevices: 'announce',
      born: { mono: 0, wall: 0 },
    },
    { onVerdict: () => {}, onAccepted: () => {}, onInternalError: () => {} },
  )
  const counters = { acknowledged: 0, queuedMessages: 3, queuedBytes: 500 }
  const lines: object[] = []
  const write = (facts: object) => lines.push(facts)
  const summary = new SummaryLog({
    fleet,
    publisher: { counters: () => counters } as never,
    journalFill: () => 0.126,
    clock,
    log: { debug: write, info: write, warn: write, error: write },
  })
  const minute = () => {
    for (let second = 0; second < 60; second++) {
      clock.advance(1000)
      summary.look()
    }
  }
  const send = () => fleet.accept({ ...frameOf(node.next().bytes, clock.mono()), device: 'a' })
  send()
  send()
  node.next()
  send()
  fleet.unknown.note('stranger', 'not-configured')
  counters.acknowledged = 9
  minute()
  send()
  minute()
  const rest = { devices: { unknown: 2 }, queue: { messages: 3, bytes: 500 }, journal: '13 %' }
  expect(lines).toMatchObject([
    {
      seconds: 60,
      frames: 3,
      readings: 6,
      lost: 1,
      rejected: 0,
      unknown: 1,
      published: 9,
      ...rest,
    },
    {
      seconds: 60,
      frames: 1,
      readings: 2,
      lost: 0,
      rejected: 0,
      unknown: 0,
      published: 0,
      ...rest,
    },
  ])
})
