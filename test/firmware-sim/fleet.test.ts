import { describe, expect, it } from 'vitest'
import {
  type FaultRates,
  Fleet,
  MemoryLink,
  noFaults,
  Random,
  SimulatedDevice,
} from '../../firmware-sim/index.js'
import type { Clock } from '../../src/clock.js'
import { ManualClock } from '../support/manual-clock.js'
import { toHex } from '../support/vectors.js'
import { nodeSpec, startMs } from './specs.js'

const harsh: FaultRates = {
  ...noFaults,
  loss: 0.05,
  bursts: 0.01,
  duplicates: 0.05,
  reorders: 0.05,
  displacement: 3,
  reboots: 0.02,
  bootLoss: 3,
  notFinite: 0.005,
  truncated: 0.01,
  garbage: 0.01,
}

interface FleetSetting {
  readonly ids?: readonly string[]
  readonly rates?: FaultRates
  readonly speed?: number
  readonly intervalMs?: number
}

/** A fleet in memory on a clock that a test moves. */
function fleetOf({
  ids = ['a', 'b', 'c'],
  rates = noFaults,
  speed = 1,
  intervalMs = 1000,
}: FleetSetting = {}) {
  const clock = new ManualClock()
  const random = new Random('fleet')
  // Time that passes while the process stands still: no timer fires in it.
  let stalledMs = 0
  const seen: Clock = {
    mono: () => clock.mono() + stalledMs,
    wall: () => clock.wall() + stalledMs,
    setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
  }
  const stall = (ms: number) => {
    stalledMs += ms
  }
  const heard: { readonly device: string; readonly hex: string; readonly mono: number }[] = []
  const link = new MemoryLink('memory', (device, frame) =>
    heard.push({ device, hex: toHex(frame), mono: clock.mono() }),
  )
  const members = ids.map((id) => ({
    link,
    device: new SimulatedDevice(nodeSpec({ id, intervalMs }), rates, random, startMs),
  }))
  const fleet = new Fleet(members, { clock: seen, startMs, speed })
  const of = (device: string) =>
    heard.filter((frame) => frame.device === device).map(({ hex }) => hex)
  return { clock, stall, fleet, link, heard, of }
}

describe('Fleet', () => {
  it('sends every frame when it is due, with one timer for all', async () => {
    const { clock, fleet, heard } = fleetOf()
    await fleet.start()
    expect(clock.pending).toBe(1)
    const phases = fleet.members.map(({ device }) => device.nextAt - startMs)
    clock.advance(2500)
    expect(clock.pending).toBe(1)
    const due = fleet.members.flatMap(({ device }, i) =>
      [0, 1000, 2000].map((ms) => ({ device: device.id, at: ms + phases[i]! })),
    )
    const inTime = due.filter(({ at }) => at <= 2500).sort((a, b) => a.at - b.at)
    expect(heard.map(({ device, mono }) => ({ device, at: mono }))).toEqual(inTime)
  })

  it('sends the same bytes for the same seed, under any faults', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { clock, fleet, heard } = fleetOf({ rates: harsh })
        await fleet.start()
        clock.advance(600_000)
        return heard
      }),
    )
    expect(runs[0]!.length).toBeGreaterThan(1500)
    expect(runs[0]).toEqual(runs[1])
  })

  it('sends the same bytes for every other device when one is taken away', async () => {
    const all = fleetOf({ rates: harsh })
    const fewer = fleetOf({ rates: harsh, ids: ['c', 'a'] })
    for (const { fleet, clock } of [all, fewer]) {
      await fleet.start()
      clock.advance(600_000)
    }
    expect(fewer.of('a')).toEqual(all.of('a'))
    expect(fewer.of('c')).toEqual(all.of('c'))
    expect(all.of('a').length).toBeGreaterThan(500)
    expect(all.of('a')).not.toEqual(all.of('b'))
  })

  it('goes as much faster as it is told, with the same bytes', async () => {
    const slow = fleetOf()
    const fast = fleetOf({ speed: 60 })
    await slow.fleet.start()
    await fast.fleet.start()
    slow.clock.advance(60_000)
    fast.clock.advance(1000)
    expect(slow.heard.length).toBeGreaterThanOrEqual(180)
    expect(fast.heard.map(({ hex }) => hex)).toEqual(slow.heard.map(({ hex }) => hex))
  })

  it('gives downlinks to the device that they are for', async () => {
    const { clock, fleet, link, of } = fleetOf()
    await fleet.start()
    clock.advance(5000)
    link.downlink('b', Uint8Array.of(0xff))
    link.downlink('nobody', Uint8Array.of(0xff))
    clock.advance(1000)
    expect(of('b').at(-1)).toMatch(/^a2/)
    expect(of('a').at(-1)).toMatch(/^a1/)
    expect(fleet.statistics().nodes.downlinks).toBe(1)
  })

  it('sends nothing and holds no timer before it starts and after it stops', async () => {
    const { clock, fleet, heard } = fleetOf()
    await fleet.open()
    clock.advance(5000)
    expect(heard).toEqual([])
    await fleet.start()
    clock.advance(5000)
    await fleet.stop()
    const { length } = heard
    expect(length).toBe(15)
    expect(clock.pending).toBe(0)
    clock.advance(5000)
    expect(heard.length).toBe(length)
    expect(fleet.addresses.size).toBe(0)
  })

  it('goes on where it stood when it is started again', async () => {
    const paused = fleetOf()
    const steady = fleetOf()
    await paused.fleet.start()
    await steady.fleet.start()
    paused.clock.advance(5000)
    await paused.fleet.stop()
    paused.clock.advance(3_600_000)
    await paused.fleet.start()
    paused.clock.advance(5000)
    steady.clock.advance(10_000)
    expect(paused.heard.map(({ hex }) => hex)).toEqual(steady.heard.map(({ hex }) => hex))
  })

  it('may be started and stopped twice', async () => {
    const { clock, fleet, heard } = fleetOf({ ids: ['a'] })
    await Promise.all([fleet.start(), fleet.start()])
    expect(clock.pending).toBe(1)
    clock.advance(3000)
    expect(heard.length).toBe(3)
    await fleet.stop()
    await fleet.stop()
    expect(clock.pending).toBe(0)
  })

  it('does not run when it was stopped while its links opened', async () => {
    const { clock, fleet } = fleetOf()
    const starting = fleet.start()
    await fleet.stop()
    await starting
    expect(clock.pending).toBe(0)
  })

  it('lets devices join their network before they measure, but not for ever', async () => {
    const never = new Promise<void>(() => {})
    for (const [ready, waits] of [
      [Promise.resolve(), false],
      [never, true],
    ] as const) {
      const { clock, fleet, link, heard } = fleetOf({ ids: ['a'] })
      Object.defineProperty(link, 'ready', { value: ready })
      const starting = fleet.start()
      // Whatever is ready is so within a few turns.
      for (let turn = 0; turn < 10; turn++) await Promise.resolve()
      clock.advance(2900)
      expect(heard.length).toBe(waits ? 0 : 3)
      clock.advance(100)
      await starting
      clock.advance(1000)
      expect(heard.length).toBe(waits ? 1 : 4)
      expect(heard[0]?.hex).toMatch(/^a10000/)
    }
  })

  it('never makes a device send faster than its interval after the process stood still', async () => {
    const { clock, stall, fleet, heard } = fleetOf({ ids: ['a'] })
    await fleet.start()
    clock.advance(1000)
    const before = heard.length
    stall(3_600_000)
    clock.advance(10_000)
    expect(heard.length - before).toBeLessThanOrEqual(11)
    expect(heard.length - before).toBeGreaterThanOrEqual(10)
  })

  it('closes what it has opened when a link cannot be opened', async () => {
    const { clock, fleet, link } = fleetOf()
    const broken = new MemoryLink('broken', () => {})
    broken.start = () => Promise.reject(new Error('no terminal left'))
    const device = new SimulatedDevice(nodeSpec({ id: 'd' }), noFaults, new Random(1), startMs)
    const members = [...fleet.members, { device, link: broken }]
    const both = new Fleet(members, { clock, startMs, speed: 1 })
    await expect(both.start()).rejects.toThrow('no terminal left')
    expect(link.address).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('adds up what happened', async () => {
    const { clock, fleet, heard } = fleetOf({ rates: harsh })
    await fleet.start()
    clock.advance(300_000)
    const { devices, nodes, faults, links } = fleet.statistics()
    expect(devices).toBe(3)
    expect(nodes.frames).toBe(900)
    expect(faults.frame.frames).toBe(nodes.frames)
    expect(faults.frame.delivered).toBe(heard.length)
    expect(links.memory?.framesSent).toBe(heard.length)
    expect(nodes.boots).toBe(faults.node.reboots)
    for (const happened of [faults.node.reboots, faults.frame.lost, faults.frame.duplicated]) {
      expect(happened).toBeGreaterThan(0)
    }
  })
})
