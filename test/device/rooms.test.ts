import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/device/index.js'
import { printExact } from '../../src/journal/exact-json.js'
import { heardFleet } from '../support/heard-fleet.js'
import type { Sending } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { allTrafficFaults, type Traffic, trafficOf } from '../support/traffic.js'

const kinds: readonly Sending[] = ['compact', 'closed-loop', 'single', 'adaptive', 'mixed']
const FRAMES = 20
const STEP = 5000
const END = 1e12

/** Two devices of each model, which share what rooms there are. */
function shared(seed: number): Traffic {
  const traffic = trafficOf(seed, Array(6).fill(kinds).flat(), FRAMES, allTrafficFaults)
  const names = new Map<string, string>()
  for (const [name, model] of traffic.models)
    names.set(JSON.stringify(model), names.get(JSON.stringify(model)) ?? name)
  const nameOf = (device: string) => names.get(JSON.stringify(traffic.models.get(device))) ?? ''
  const devices = new Map(Array.from(traffic.devices.keys(), (id) => [id, nameOf(id)]))
  expect(new Set(devices.values()).size).toBeLessThan(devices.size)
  return { ...traffic, devices }
}

interface Said {
  readonly kinds: number
  /** Line by line: comparing objects takes many times longer. */
  readonly verdicts: string
  readonly events: string
  /** Those that are not as they were. */
  readonly statuses: string
  readonly state: string
  readonly looks: number
}

/** Its frame by the time of its arrival. */
const line = ({ frame, ...verdict }: Verdict) => `${frame.mono} ${printExact(verdict)}`

/**
 * All that a fleet says of a traffic, looked at every few seconds. One that is told of the `lines` looks only at whom time may
 * have changed.
 */
function said(traffic: Traffic, seed: number, mostRooms: number, lines?: 'told'): Said {
  const random = mulberry(seed)
  const reorderWindows = new Map([['door', 3]])
  const { fleet, verdicts } = heardFleet(traffic, { mostRooms, reorderWindows })
  const events: string[] = []
  const statuses: string[] = []
  const before = new Map<string, string>()
  let looks = 0
  const facts = { linkUp: true, lineNoisy: false }
  const sweep = (mono: number, deafMs: number) => {
    fleet.release(mono)
    const around = { mono, wall: mono, clockSynced: true, deafMs }
    fleet.sweep(
      lines ? { ...around, lines: JSON.stringify(facts) } : around,
      () => facts,
      (session, event) => events.push(`${mono} ${session.id} ${JSON.stringify(event)}`),
      () => looks++,
    )
    for (const session of fleet.sessions()) {
      const status = JSON.stringify(session.status())
      if (status !== before.get(session.id)) statuses.push(`${mono} ${status}`)
      before.set(session.id, status)
    }
  }
  let now = 0
  for (const frame of traffic.frames) {
    for (; now + STEP < frame.mono; now += STEP) {
      if (random() < 0.01) facts.linkUp = !facts.linkUp
      if (random() < 0.01) facts.lineNoisy = !facts.lineNoisy
      sweep(now + STEP, random() < 0.01 ? 5000 : 0)
    }
    if (random() < 0.001)
      fleet.session(frame.device)?.command('force-open', { mono: frame.mono, wall: frame.mono })
    if (fleet.admits(frame)) fleet.accept(frame)
  }
  fleet.release(END)
  return {
    kinds: new Set(verdicts.map(({ kind }) => kind)).size,
    verdicts: verdicts.map(line).join('\n'),
    events: events.join('\n'),
    statuses: statuses.join('\n'),
    state: Array.from(fleet.save(), ([id, state]) => `${id} ${printExact(state)}`).join('\n'),
    looks,
  }
}

describe('a fleet says the same', () => {
  const traffic = shared(testSeed)
  const plain = said(traffic, testSeed, 1000)

  it.each([1, 3])('whether its devices have rooms of their own or share %i', (mostRooms) => {
    expect(plain.kinds).toBe(3)
    const { verdicts, events, statuses, state } = said(traffic, testSeed, mostRooms)
    expect(verdicts).toBe(plain.verdicts)
    expect(events).toBe(plain.events)
    expect(statuses).toBe(plain.statuses)
    expect(state).toBe(plain.state)
  })

  it('whether it looks at all its devices each time or at those that time may have changed', () => {
    const seldom = said(traffic, testSeed, 3, 'told')
    expect(seldom.looks).toBeLessThan(plain.looks / 2)
    expect(seldom.events).toBe(plain.events)
    expect(seldom.statuses).toBe(plain.statuses)
    expect(seldom.state).toBe(plain.state)
  })
})
