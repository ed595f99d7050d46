import { describe, expect, it } from 'vitest'
import { overflowPolicy } from '../../src/control/overflow.js'
import { MeasuredDevice } from '../support/measured-device.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { JournalRig, measuredDevices, type RigOptions, type Said } from './journal-rig.js'

/** A rig whose devices have sent so many frames each. */
async function rigAfter(frames: number, options: RigOptions = {}) {
  const rig = await JournalRig.start(options)
  const devices = measuredDevices()
  const send = async (count: number, taken?: () => void) => {
    for (let n = 0; n < count; n++) {
      for (const [id, device] of devices) rig.send(id, device, taken)
      if (n % 50 === 49) await rig.settle()
    }
    await rig.settle()
  }
  await send(frames)
  return { rig, devices, send }
}

const numbers = (said: readonly Said[], device = 'd1') =>
  said.filter((one) => one.device === device).map(({ seq }) => seq)
const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, i) => from + i)

/** A rig that starts with more in its journal than there is room for, and without its broker. */
async function startedOverfull(): Promise<JournalRig> {
  const limits = { segmentBytes: 4096 }
  const { rig, send } = await rigAfter(1, { limits })
  rig.lose()
  await send(200)
  const { disk, clock } = rig
  const next = await JournalRig.start({ disk: disk.kill(), clock, maxBytes: 8192, limits })
  next.lose()
  return next
}

/** Of all notes of a device together. */
const countsOf = (dropped: readonly string[], device: string) =>
  dropped
    .filter((note) => note.startsWith(`${device} `))
    .reduce((sum, note) => sum + Number(note.split(' ')[2]), 0)

const rigOf = ({ disk, clock }: JournalRig) => ({ disk: disk.kill(), clock, isPlanned: true })

/** Lets more come while there is no room for it. */
async function sendMore(rig: JournalRig, send: (count: number) => Promise<void>): Promise<void> {
  let asked = 0
  rig.outlet.room = () => {
    // Who asks without end never lets a test time out.
    if (++asked > 100_000) throw new Error('asks for room for ever')
    return rig.outlet.open
  }
  for (let n = 0; n < 10; n++) {
    await send(20)
    rig.intake.sweep()
    await rig.settle(1000)
  }
}

describe('the journal between doors and rooms', () => {
  it('decodes and publishes a frame, and lets its door acknowledge it, once the disk has it', async () => {
    const { rig, devices } = await rigAfter(0)
    const told: string[] = []
    rig.send('d1', devices.get('d1')!, () => told.push('taken'))
    expect([rig.outlet.said, told]).toEqual([[], []])
    await rig.settle()
    expect(numbers(rig.outlet.said)).toEqual([0])
    expect(told).toEqual(['taken'])
  })

  it('keeps readings in the journal while there is no room, and brings them in order', async () => {
    const { rig, send } = await rigAfter(5)
    rig.outlet.open = false
    await send(600)
    expect(numbers(rig.outlet.said)).toEqual(upTo(5))
    expect(rig.asides).toHaveLength(2 * 605)
    rig.makeRoom()
    await rig.settle(3000)
    expect(numbers(rig.outlet.said)).toEqual(upTo(605))
    expect(numbers(rig.outlet.said, 'd2')).toEqual(upTo(605))
    await send(3)
    expect(numbers(rig.outlet.said)).toEqual(upTo(608))
    expect(rig.asides).toHaveLength(2 * 608)
  })

  it('brings again what was on its way when the connection was lost, under the same keys', async () => {
    const { rig, send } = await rigAfter(5)
    rig.outlet.prompt = false
    await send(10)
    rig.outlet.acknowledge(6)
    rig.lose()
    await send(2)
    const before = rig.outlet.said.splice(0)
    rig.outlet.prompt = true
    rig.makeRoom()
    await rig.settle(2000)
    expect(numbers(rig.outlet.said)).toEqual(upTo(17, 8))
    const again = rig.outlet.said.filter(({ seq }) => seq < 15)
    expect(before).toEqual(expect.arrayContaining(again))
  })

  it('F-34: publishes after a kill what was not acknowledged, and nothing that was', async () => {
    const { rig, send, devices } = await rigAfter(20)
    rig.outlet.prompt = false
    await send(10)
    rig.outlet.acknowledge(4)
    // The checkpoint is written within a moment.
    rig.clock.advance(100)
    await rig.settle()
    const before = rig.outlet.said
    const next = await JournalRig.start({ disk: rig.disk.afterKill(), clock: rig.clock })
    await next.settle(2000)
    expect(numbers(next.outlet.said)).toEqual(upTo(30, 22))
    expect(before).toEqual(expect.arrayContaining(next.outlet.said))
    expect(next.asides).toEqual([])
    next.send('d1', devices.get('d1')!)
    await next.settle()
    expect(next.outlet.said.at(-1)).toMatchObject({ epoch: 1, seq: 30 })
    expect(next.outlet.said.at(-1)?.text).toMatch(/^good/)
  })

  it('goes on after an orderly stop without decoding anything again', async () => {
    const { rig, devices } = await rigAfter(20)
    await rig.stop()
    const next = await JournalRig.start({ disk: rig.disk, clock: rig.clock })
    next.send('d2', devices.get('d2')!)
    await next.settle()
    expect(next.outlet.said).toMatchObject([{ device: 'd2', epoch: 1, seq: 20 }])
  })

  it('F-41: drops the oldest readings where the journal is full, names them, and decodes on exactly', async () => {
    const limits = { segmentBytes: 4096 }
    const { rig, send } = await rigAfter(1, { maxBytes: 32 * 1024, limits })
    rig.lose()
    for (let n = 0; n < 20; n++) {
      await send(40)
      rig.intake.sweep()
      await rig.settle(1000)
    }
    expect(rig.memory.journal.fill).toBeLessThan(1.2)
    rig.makeRoom()
    await rig.settle(4000)
    const said = numbers(rig.outlet.said).slice(1)
    const first = said[0] ?? 0
    expect(first).toBeGreaterThan(100)
    expect(said).toEqual(upTo(801, first))
    expect(rig.outlet.said.every(({ text }) => text.startsWith('good'))).toBe(true)
    const ranges = rig.outlet.dropped
      .filter((range) => range.startsWith('d1'))
      .map((range) => /1\/(\d+)…1\/(\d+) (\d+)$/.exec(range)!.slice(1).map(Number))
    const dropped = ranges.reduce((sum, [, , count = 0]) => sum + count, 0)
    // Records that were dropped on the way are joined with later ones.
    const from = Math.min(...ranges.map(([start = 0]) => start))
    const to = Math.max(...ranges.map(([, end = 0]) => end))
    expect([from, to, dropped]).toEqual([1, first - 1, first - 1])
  })

  it('F-41: the records of what was dropped make room as well: the journal stays bounded, and all is named', async () => {
    const limits = { segmentBytes: 1024 }
    const { rig, send } = await rigAfter(1, { maxBytes: 8 * 1024, limits })
    rig.lose()
    rig.outlet.prompt = false
    for (let n = 0; n < 60; n++) {
      await send(20)
      rig.intake.sweep()
      await rig.settle(1000)
      expect(rig.memory.journal.fill).toBeLessThan(1.5)
    }
    expect(rig.outlet.dropped).toEqual([])
    rig.outlet.prompt = true
    rig.makeRoom()
    await rig.settle(4000)
    const said = numbers(rig.outlet.said).slice(1)
    const first = said[0] ?? 0
    expect(said).toEqual(upTo(1201, first))
    expect(said.length).toBeGreaterThan(20)
    const dropped = rig.outlet.dropped
      .filter((range) => range.startsWith('d1'))
      .reduce((sum, range) => sum + Number(range.split(' ')[2]), 0)
    expect(dropped).toBe(first - 1)
  })

  it('F-42: makes room before the disk is full, where that is smaller than the journal may be', async () => {
    const disk = new SimDisk()
    disk.capacity = 300_000
    const { rig, send } = await rigAfter(1, { disk, limits: { segmentBytes: 4096 } })
    rig.lose()
    for (let n = 0; n < 80; n++) {
      await send(40)
      rig.intake.sweep()
      await rig.settle(1000)
    }
    expect(rig.memory.journal.state).toEqual({ kind: 'working' })
    expect(rig.gate).toEqual([])
    rig.makeRoom()
    await rig.settle(4000)
    const said = numbers(rig.outlet.said).slice(1)
    expect(said).toEqual(upTo(3201, said[0] ?? 0))
    expect(rig.outlet.dropped.length).toBeGreaterThan(0)
  })

  it('F-41: refuses the newest where that is the policy, and counts them by device', async () => {
    const overflow = overflowPolicy('drop-newest', { lines: true, mqtt: false })
    const limits = { segmentBytes: 4096 }
    const { rig, send } = await rigAfter(1, { maxBytes: 16 * 1024, limits, overflow })
    rig.lose()
    await send(400)
    expect(rig.memory.journal.fill).toBeLessThan(1.3)
    rig.intake.sweep()
    await rig.settle()
    rig.makeRoom()
    await rig.settle(4000)
    const said = numbers(rig.outlet.said)
    expect(said).toEqual(upTo(said.length))
    expect(countsOf(rig.outlet.dropped, 'd1')).toBe(401 - said.length)
    expect(countsOf(rig.outlet.dropped, 'd2')).toBeGreaterThan(0)
  })

  it('F-41: names refused frames for less than it would cost to store them: nine tenths before a kill, all before a stop', async () => {
    const overflow = overflowPolicy('drop-newest', { lines: true, mqtt: false })
    const limits = { segmentBytes: 4096 }
    const { rig, send } = await rigAfter(1, { maxBytes: 16 * 1024, limits, overflow })
    rig.lose()
    await send(200)
    const before = rig.memory.journal.bytes
    for (let n = 0; n < 100; n++) {
      await send(3)
      rig.intake.sweep()
    }
    await rig.settle()
    // 300 refused frames of two devices would take some 36 000.
    expect(rig.memory.journal.bytes - before).toBeLessThan(7000)
    const known = async (disk: SimDisk) => {
      const next = await JournalRig.start({ disk, clock: rig.clock })
      await next.settle(4000)
      const said = numbers([...rig.outlet.said, ...next.outlet.said])
      return { refused: 501 - said.length, named: countsOf(next.outlet.dropped, 'd1') }
    }
    const killed = await known(rig.disk.afterKill())
    expect(killed.refused).toBeGreaterThan(250)
    expect(killed.named).toBeGreaterThanOrEqual(0.9 * killed.refused)
    await rig.stop()
    const stopped = await known(rig.disk)
    expect(stopped.named).toBe(stopped.refused)
  })

  it('F-41, F-42: drops nothing while the disk fails, for that would make no room', async () => {
    const limits = { segmentBytes: 4096 }
    const { rig, send } = await rigAfter(1, { maxBytes: 16 * 1024, limits })
    rig.lose()
    await send(150)
    rig.disk.fault = () => 'EIO'
    await send(60)
    for (let n = 0; n < 5; n++) {
      rig.intake.sweep()
      await rig.settle(500)
    }
    expect(rig.memory.journal.fill).toBeGreaterThan(0.9)
    const before = rig.log.filter((line) => line.includes('readings dropped')).length
    await send(60)
    rig.intake.sweep()
    await rig.settle(500)
    expect(rig.log.filter((line) => line.includes('readings dropped'))).toHaveLength(before)
    rig.disk.fault = undefined
    rig.clock.advance(2000)
    rig.makeRoom()
    await rig.settle(4000)
    const said = numbers(rig.outlet.said).slice(1)
    expect(said).toEqual(upTo(271, said[0] ?? 0))
  })

  it('F-41: drops the oldest behind numbers that no entry has, and goes on', async () => {
    const limits = { segmentBytes: 1024, keptEntries: 50 }
    const { rig, send } = await rigAfter(5, { maxBytes: 8192, limits })
    rig.lose()
    await send(10)
    rig.disk.trouble = { step: rig.disk.step + 1, steps: 1e9, code: 'EIO' }
    // More than is kept for whoever reads the journal.
    await send(2700)
    rig.disk.trouble = undefined
    rig.clock.advance(2000)
    await rig.settle()
    expect(rig.memory.journal.counters().unjournaled).toBe(5400)
    await sendMore(rig, send)
    expect(rig.memory.journal.fill).toBeLessThan(1.5)
    rig.makeRoom()
    await rig.settle(4000)
    expect(rig.outlet.dropped.length).toBeGreaterThan(0)
    expect(numbers(rig.outlet.said).at(-1)).toBe(2914)
  })

  it('F-41: drops from where numbers begin that no entry has, more than it would drop at a time', async () => {
    const limits = { segmentBytes: 1024, keptEntries: 50 }
    const { rig, send } = await rigAfter(5, { maxBytes: 8192, limits })
    rig.disk.trouble = { step: rig.disk.step + 1, steps: 1e9, code: 'EIO' }
    // All of them leave from memory: what is due begins behind the numbers that no entry has.
    await send(2700)
    rig.lose()
    rig.disk.trouble = undefined
    rig.clock.advance(2000)
    await rig.settle()
    expect(rig.memory.journal.counters().unjournaled).toBe(5400)
    await sendMore(rig, send)
    rig.makeRoom()
    await rig.settle(4000)
    expect(rig.outlet.dropped.length).toBeGreaterThan(0)
    expect(numbers(rig.outlet.said).at(-1)).toBe(2904)
  })

  it('F-41: after a start the broker gets the time to take what waits, before anything is dropped', async () => {
    const next = await startedOverfull()
    await next.settle(2000)
    next.intake.sweep()
    await next.settle(500)
    next.makeRoom()
    await next.settle(6000)
    expect(next.outlet.dropped).toEqual([])
    expect(numbers(next.outlet.said)).toEqual(upTo(201, 1))
  })

  it.each([
    ['comes within ten seconds', 9000, false],
    ['does not', 11_000, true],
  ])(
    'F-41: after a start it drops nothing where the broker %s: %i ms, %s',
    async (_, awayMs, drops) => {
      const next = await startedOverfull()
      for (let ms = 0; ms < awayMs; ms += 500) {
        next.clock.advance(500)
        next.intake.sweep()
        await next.settle()
      }
      next.makeRoom()
      await next.settle(6000)
      expect(next.outlet.dropped.length > 0).toBe(drops)
    },
  )

  it('F-35: keeps among the dead letters what was given up', async () => {
    const { rig } = await rigAfter(1)
    const letter = { topic: 'alec/d1/readings', qos: 1, retain: false, whileAway: 'queue' } as const
    rig.intake.gaveUp({ ...letter, payload: 'its words' }, 'not authorized')
    rig.intake.gaveUp({ ...letter, payload: Uint8Array.of(1, 0xff) }, 'not authorized')
    await rig.settle(100)
    const names = [...(await rig.disk.list(`${STATE}/dead`))].sort()
    const kept = await Promise.all(
      names.map(async (name) => Buffer.from(await rig.disk.read(`${STATE}/dead/${name}`))),
    )
    expect(kept.map((bytes) => JSON.parse(bytes.toString()))).toMatchObject([
      { topic: 'alec/d1/readings', reason: 'not authorized', payload: 'its words' },
      { topic: 'alec/d1/readings', reason: 'not authorized', payload: '01ff' },
    ])
    expect(rig.log.filter((line) => line.includes('dead letters'))).toHaveLength(2)
  })

  it('F-41: shuts the inputs that can wait while the journal is full', async () => {
    const overflow = overflowPolicy('block', { lines: false, mqtt: true })
    const limits = { segmentBytes: 4096 }
    const { rig, send } = await rigAfter(1, { maxBytes: 16 * 1024, limits, overflow })
    rig.lose()
    await send(250)
    rig.intake.sweep()
    expect(rig.gate).toEqual(['shut: journal-full'])
    rig.makeRoom()
    await rig.settle(4000)
    for (let second = 0; second < 4; second++) {
      rig.intake.sweep()
      await rig.settle(500)
    }
    expect(rig.gate).toEqual(['shut: journal-full', 'open'])
    expect(numbers(rig.outlet.said)).toEqual(upTo(251))
  })

  it('F-42, F-28: goes on from memory while the disk fails, and acknowledges nothing until it works again', async () => {
    const { rig, send } = await rigAfter(5)
    const told: string[] = []
    rig.disk.trouble = { step: rig.disk.step + 1, steps: 1e9, code: 'ENOSPC' }
    await send(10, () => told.push('taken'))
    expect(numbers(rig.outlet.said)).toEqual(upTo(15))
    expect([told.length, rig.gate]).toEqual([0, ['shut: journal-failing']])
    rig.disk.trouble = undefined
    rig.clock.advance(2000)
    await rig.settle()
    expect([told.length, rig.gate]).toEqual([20, ['shut: journal-failing', 'open']])
    const next = await JournalRig.start({ disk: rig.disk.afterKill(), clock: rig.clock })
    await next.settle(2000)
    expect(numbers(next.outlet.said).every((seq) => seq >= 5)).toBe(true)
    expect([...next.fleet.sessions()].map(({ stream }) => stream.lost)).toEqual([0, 0])
  })

  it('F-42: tells the whole story anew where more came than memory holds', async () => {
    const limits = { keptEntries: 50 }
    const { rig, send, devices } = await rigAfter(5, { limits })
    rig.disk.trouble = { step: rig.disk.step + 1, steps: 1e9, code: 'EIO' }
    await send(100)
    rig.disk.trouble = undefined
    rig.clock.advance(2000)
    await rig.settle()
    expect(rig.memory.journal.counters().unjournaled).toBe(200)
    const next = await JournalRig.start({ disk: rig.disk.afterKill(), clock: rig.clock })
    await next.settle(2000)
    next.send('d1', devices.get('d1')!)
    await next.settle()
    expect(next.outlet.said.at(-1)).toMatchObject({ epoch: 1, seq: 105 })
    expect(next.outlet.said.at(-1)?.text).toMatch(/^good/)
  })

  it('F-42: uses no key again of readings that left from memory before a kill', async () => {
    const { rig, devices, send } = await rigAfter(5)
    rig.disk.fault = (step) => (step === 'fill' || step === 'sync' ? 'EIO' : undefined)
    await send(3)
    // The devices start anew, which opens epochs that no journal holds.
    for (const id of devices.keys()) devices.set(id, new MeasuredDevice('compact', 2, 70))
    await send(4)
    const before = rig.outlet.said
    const disk = rig.disk.kill()
    const next = await JournalRig.start({ disk, clock: rig.clock })
    for (let n = 0; n < 4; n++) {
      for (const [id, device] of devices) next.send(id, device)
      await next.settle()
    }
    const keysOf = (said: readonly Said[]) =>
      said.filter(({ device }) => device === 'd1').map(({ epoch, seq }) => epoch * 1e6 + seq)
    expect(keysOf(before)).toHaveLength(12)
    const known = new Set(keysOf(before))
    const since = keysOf(next.outlet.said).filter((key) => !known.has(key))
    expect(since.length).toBeGreaterThan(1)
    expect(Math.min(...since)).toBeGreaterThan(Math.max(...known))
    expect(next.log.join()).toContain('a later epoch')
    await next.stop()
    // What the journal tells by now is whole.
    const last = await JournalRig.start({ disk, clock: rig.clock })
    expect(last.log.join()).not.toContain('a later epoch')
  })

  it('F-42: brings from memory what came behind numbers that no entry has', async () => {
    const { rig, devices, send } = await rigAfter(5)
    // Settled, said so, and never written.
    rig.disk.fault = (_step, path) => (path.includes('/j-') ? 'EIO' : undefined)
    await send(2)
    rig.clock.advance(60_000)
    await rig.settle()
    const next = await JournalRig.start({ disk: rig.disk.kill(), clock: rig.clock })
    next.disk.fault = (_step, path) => (path.includes('/j-') ? 'EIO' : undefined)
    next.outlet.open = false
    for (let n = 0; n < 5; n++) {
      for (const [id, device] of devices) next.send(id, device)
      await next.settle()
    }
    next.makeRoom()
    await next.settle(3000)
    expect(numbers(next.outlet.said).filter((seq) => seq > 6)).toEqual(upTo(12, 7))
  })

  it('brings what came under the devices of then, where it ended before its first snapshot and they are others now', async () => {
    const { rig, devices } = await rigAfter(0)
    rig.outlet.open = false
    rig.send('d1', devices.get('d1')!)
    await rig.settle()
    const next = await JournalRig.start({ ...rigOf(rig), ids: ['d2'] })
    await next.settle(3000)
    expect(next.outlet.said).toMatchObject([{ device: 'd1', epoch: 1, seq: 0 }])
    // And who comes back uses no key again.
    const last = await JournalRig.start(rigOf(next))
    await last.settle(3000)
    last.send('d1', devices.get('d1')!)
    await last.settle()
    expect(last.outlet.said.at(-1)).toMatchObject({ device: 'd1', epoch: 2, seq: 1 })
  })

  it('F-42: brings what came under the devices of then, where the disk did not take its first snapshot', async () => {
    const disk = new SimDisk()
    disk.fault = (_step, path) => (path.includes('/s-') ? 'EIO' : undefined)
    const { rig, devices } = await rigAfter(0, { disk })
    rig.outlet.open = false
    rig.send('d1', devices.get('d1')!)
    await rig.settle()
    expect(rig.log.join()).toContain('state not saved')
    const next = await JournalRig.start({ ...rigOf(rig), ids: ['d2'] })
    await next.settle(3000)
    expect(next.outlet.said).toMatchObject([{ device: 'd1', epoch: 1, seq: 0 }])
  })

  it('numbers a backlog from the journal’s beginning as it was numbered then', async () => {
    const { rig, send } = await rigAfter(0)
    rig.outlet.prompt = false
    await send(3)
    const said = rig.outlet.said.map(({ epoch, seq }) => [epoch, seq])
    // A device that goes with a later epoch: whoever comes begins behind it, from then on.
    rig.intake.order({ do: 'leap', epochs: 7 })
    await rig.settle()
    await rig.stop()
    const next = await JournalRig.start({ disk: rig.disk, clock: rig.clock })
    await next.settle(3000)
    expect(next.outlet.said.map(({ epoch, seq }) => [epoch, seq])).toEqual(said)
  })
})

describe('F-45: a memory whose newest snapshot is damaged', () => {
  it('goes on from the one before, with the entries behind that, and asks for nothing', async () => {
    // So small a journal keeps nothing for its own sake.
    const options: RigOptions = { maxBytes: 6000, limits: { segmentBytes: 1024 } }
    const { rig, send, devices } = await rigAfter(40, options)
    for (let n = 0; n < 3; n++) {
      rig.clock.advance(60_000)
      await rig.settle(1000)
      await send(40)
    }
    const snapshots = rig.disk.names.filter((name) => /^s-\d+$/.test(name))
    expect(snapshots.length).toBeGreaterThan(1)
    expect(rig.memory.journal.firstOrdinal).toBeGreaterThan(1)
    const newest = `s-${Math.max(...snapshots.map((name) => Number(name.slice(2))))}`
    const found = rig.disk.files.map(([name, data]) => {
      if (name === newest) data[data.length - 1]! ^= 1
      return [name, data] as const
    })
    const next = await JournalRig.start({ ...options, disk: new SimDisk(found), clock: rig.clock })
    for (const [id, device] of devices) next.send(id, device)
    await next.settle(2000)
    expect(next.log.join()).toContain('damaged state set aside')
    const last = (device: string) => next.outlet.said.findLast((one) => one.device === device)
    for (const id of devices.keys()) {
      expect(last(id)).toMatchObject({ epoch: 1, seq: 160 })
      expect(last(id)?.text).toMatch(/^good/)
    }
    // What the backlog says of them, the live fleet knows as well.
    expect(next.asides.slice(-2)).toMatchObject(
      [...devices.keys()].map(() => ({ epoch: 1, seq: 160, quality: 'good' })),
    )
  })
})

describe('F-45: a memory of which nothing can be used', () => {
  it('begins epochs behind all that were before, and goes on with them after the next crash', async () => {
    const { rig } = await rigAfter(5)
    await rig.stop()
    const rotten = rig.disk.files.map(([name]) => [name, Buffer.from('rotten')] as const)
    const clock = rig.clock
    const minute = Math.floor(clock.wall() / 60_000)
    const devices = measuredDevices()
    const next = await JournalRig.start({ disk: new SimDisk(rotten), clock })
    next.send('d1', devices.get('d1')!)
    await next.settle()
    const { epoch } = next.outlet.said.at(-1)!
    expect(epoch).toBe(minute + 1)
    const again = await JournalRig.start({ disk: next.disk.kill(), clock })
    again.send('d1', devices.get('d1')!)
    again.send('d2', devices.get('d2')!)
    await again.settle()
    // The first may come twice: its checkpoint was not written yet.
    const said = again.outlet.said.slice(-2)
    expect(said.map(({ device, epoch, seq }) => [device, epoch, seq])).toEqual([
      ['d1', epoch, 1],
      ['d2', epoch, 0],
    ])
  })

  it('begins with the first epoch in a directory that is new', async () => {
    const { rig } = await rigAfter(1)
    expect(rig.outlet.said[0]?.epoch).toBe(1)
  })
})
