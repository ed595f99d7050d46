import { describe, expect, it } from 'vitest'
import { EventLog } from '../../src/control/event-log.js'
import type { DeviceEvent } from '../../src/device/index.js'
import { ManualClock } from '../support/manual-clock.js'

function eventLog() {
  const lines: [level: string, facts: Record<string, unknown>, message: string][] = []
  const at = (level: string) => (facts: object, message: string) =>
    void lines.push([level, { ...facts }, message])
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const clock = new ManualClock()
  return { events: new EventLog(log, clock), clock, lines }
}

const gap = (count: number): DeviceEvent => ({
  wall: 0,
  severity: 'warning',
  type: 'gap',
  epoch: 1,
  fromSeq: 1,
  toSeq: count,
  count,
})

describe('EventLog', () => {
  it('says an event with its device and facts, as loud as it is grave', () => {
    const { events, lines } = eventLog()
    events.write('roof', gap(3))
    const facts = { device: 'roof', epoch: 1, fromSeq: 1, toSeq: 3, count: 3 }
    expect(lines).toEqual([['warn', facts, 'gap']])
  })

  it('F-54: counts repeats for a minute before it says them', () => {
    const { events, clock, lines } = eventLog()
    for (let second = 0; second <= 60; second++) {
      events.write('roof', gap(second))
      clock.advance(1000)
    }
    expect(lines).toHaveLength(2)
    expect(lines[1]?.[1]).toMatchObject({ count: 60, repeats: 59 })
  })

  it('F-54: takes no event of one device for a repeat of another', () => {
    const { events, lines } = eventLog()
    events.write('roof', gap(1))
    events.write('cellar', gap(1))
    expect(lines).toHaveLength(2)
  })
})
