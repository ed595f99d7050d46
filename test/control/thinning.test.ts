import { describe, expect, it } from 'vitest'
import { overflowPolicy } from '../../src/control/overflow.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { SimDisk } from '../support/sim-disk.js'
import { JournalRig, measuredDevices, type RigOptions, type Said } from './journal-rig.js'

const FRAMES = 601
/** Of each device one frame in ten. */
const EVERY = 10
const thin: RigOptions = {
  maxBytes: 32 * 1024,
  limits: { segmentBytes: 4096 },
  overflow: overflowPolicy('thin', { lines: true, mqtt: true }),
  thinIntervalMs: EVERY * INTERVAL,
}

/** A rig whose broker went away after the first frame of each device, and whose journal has overflowed since. */
async function overflown({
  frames = FRAMES,
  onTaken = () => {},
  ...options
}: RigOptions & { frames?: number; onTaken?: (device: string) => void } = thin) {
  const rig = await JournalRig.start(options)
  await overflow(rig, frames, onTaken)
  return rig
}

/** The broker goes away after the first frame of each device, and the journal overflows. */
async function overflow(
  rig: JournalRig,
  frames = FRAMES,
  onTaken = (_device: string) => {},
): Promise<void> {
  const devices = measuredDevices()
  const send = (id: string) => rig.send(id, devices.get(id)!, () => onTaken(id))
  for (const id of devices.keys()) send(id)
  await rig.settle()
  rig.lose()
  for (let n = 1; n < frames; n++) {
    for (const id of devices.keys()) send(id)
    if (n % 40 > 0) continue
    await rig.settle()
    rig.intake.sweep()
    await rig.settle(1000)
  }
}

/** Everything that a rig has to say comes out. */
async function drain(rig: JournalRig): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    rig.makeRoom()
    await rig.settle(2000)
  }
}

/** A rig that has handed everything over; all is acknowledged but what was thinned, until `acknowledge`. */
async function handedOver() {
  const rig = await overflown()
  const { outlet, memory } = rig
  let thinned = 0
  for (let file = await memory.thinned.oldest(); file; ) {
    thinned += file.lines.length
    file = await memory.thinned.oldest(file.ordinal)
  }
  const { publish } = outlet
  const withheld: (() => void)[] = []
  outlet.publish = (publication, settled = () => {}) => {
    publish(publication)
    if (withheld.length < thinned) withheld.push(settled)
    else settled()
  }
  await drain(rig)
  expect(numbers(outlet.said, 'd1').at(-1)).toBe(FRAMES - 1)
  const acknowledge = () => {
    for (const settled of withheld) settled()
  }
  return { rig, acknowledge }
}

const numbers = (said: readonly Said[], device: string) =>
  said.filter((one) => one.device === device).map(({ seq }) => seq)

/** How many readings of a device were named as dropped. */
const named = (rig: JournalRig, device: string) =>
  rig.outlet.dropped
    .filter((range) => range.startsWith(device))
    .reduce((sum, range) => sum + Number(range.split(' ')[2]), 0)

/** Numbers that come before the first two that follow each other. */
const thinnedIn = (all: readonly number[]) =>
  all.slice(
    0,
    all.findIndex((seq, i) => all[i + 1] === seq + 1),
  )

describe('F-41: thin: a journal that is full', () => {
  it('keeps one reading of each device in so much time, and brings them before the rest, in order', async () => {
    const rig = await overflown()
    expect(rig.memory.journal.fill).toBeLessThan(1.3)
    expect(rig.memory.thinned.isEmpty).toBe(false)
    await drain(rig)
    for (const device of ['d1', 'd2']) {
      const said = numbers(rig.outlet.said, device)
      expect([...said].sort((a, b) => a - b)).toEqual(said)
      expect(said.at(-1)).toBe(FRAMES - 1)
      const thinned = thinnedIn(said).slice(1)
      expect(thinned.length).toBeGreaterThan(10)
      const steps = thinned.slice(1).map((seq, i) => seq - thinned[i]!)
      expect(new Set(steps)).toEqual(new Set([EVERY]))
      expect(said.length + named(rig, device)).toBe(FRAMES)
    }
    expect(rig.outlet.said.every(({ text }) => text.startsWith('good'))).toBe(true)
    expect(rig.memory.thinned.isEmpty).toBe(true)
  })

  it('brings what was kept after a restart as well, once and in order', async () => {
    const rig = await overflown()
    const { clock } = rig
    const next = await JournalRig.start({ ...thin, disk: rig.disk.crash(() => 0.1), clock })
    await drain(next)
    const said = numbers(next.outlet.said, 'd1')
    expect([...said].sort((a, b) => a - b)).toEqual(said)
    expect(new Set(said).size).toBe(said.length)
    expect(thinnedIn(said).length).toBeGreaterThan(10)
    expect(said.at(-1)).toBe(FRAMES - 1)
    // The checkpoint is written within a moment.
    clock.advance(100)
    await next.settle()
    const later = await JournalRig.start({ ...thin, disk: next.disk.kill(), clock })
    await drain(later)
    expect(later.outlet.said).toEqual([])
  })

  it('brings it even where nothing else is left to bring, and the policy is another now', async () => {
    const rig = await overflown()
    rig.outlet.prompt = false
    await drain(rig)
    // All is acknowledged but the last of what was kept.
    const kept = rig.memory.thinned.newestOrdinal
    for (let round = 0; round < 5; round++) {
      rig.outlet.acknowledge()
      rig.clock.advance(1000)
      await rig.settle()
    }
    await rig.memory.thinned.append([
      { ordinal: kept + 1, device: 'd1', epoch: 1, seq: 7, publications: [] },
      {
        ordinal: kept + 2,
        device: 'd1',
        epoch: 1,
        seq: 8,
        publications: [
          {
            topic: 't',
            payload: '{"device":"d1","seq":8}',
            qos: 1,
            retain: false,
            whileAway: 'queue',
          },
        ],
      },
    ])
    await rig.stop()
    const next = await JournalRig.start({ disk: rig.disk, clock: rig.clock })
    await drain(next)
    expect(next.outlet.said).toEqual([{ device: 'd1', seq: 8 }])
    expect(next.memory.thinned.isEmpty).toBe(true)
  })

  it('goes on from the last that was acknowledged when the connection is lost on the way', async () => {
    const rig = await overflown()
    rig.outlet.prompt = false
    rig.makeRoom()
    await rig.settle(60)
    rig.lose()
    const before = numbers(rig.outlet.said.splice(0), 'd1')
    expect(before.length).toBeGreaterThan(3)
    rig.outlet.prompt = true
    await drain(rig)
    const said = numbers(rig.outlet.said, 'd1')
    expect(said.slice(0, before.length - 1)).toEqual(before.slice(1))
    expect([...said].sort((a, b) => a - b)).toEqual(said)
    expect(said.length + 1 + named(rig, 'd1')).toBe(FRAMES)
  })

  it('brings it once on a connection, where the last one is lost while it is read', async () => {
    const rig = await overflown()
    rig.disk.onStep = (step, path) => {
      if (step !== 'read' || !path.includes('/t-')) return
      rig.disk.onStep = undefined
      rig.lose()
      rig.outlet.open = true
    }
    await drain(rig)
    const said = numbers(rig.outlet.said, 'd1')
    expect(rig.disk.onStep).toBeUndefined()
    expect(new Set(said).size).toBe(said.length)
    expect(said.length + named(rig, 'd1')).toBe(FRAMES)
  })

  it('brings it once on a connection, where there is no room again while it is on its way', async () => {
    const { rig, acknowledge } = await handedOver()
    const before = rig.outlet.said.length
    rig.outlet.open = false
    rig.send('d1', new MeasuredDevice('compact', 2, 7))
    await rig.settle()
    await drain(rig)
    expect(numbers(rig.outlet.said.slice(before), 'd1')).toHaveLength(1)
    expect(rig.memory.thinned.isEmpty).toBe(false)
    acknowledge()
    await rig.settle()
    expect(rig.memory.thinned.isEmpty).toBe(true)
  })

  it('keeps as many where the connection is lost while they are kept, since all of that is done again', async () => {
    const disk = new SimDisk()
    // So few that none of them has to go again.
    const every = 4 * EVERY
    const rig = await JournalRig.start({ ...thin, disk, thinIntervalMs: every * INTERVAL })
    let losses = 0
    disk.onStep = (step, path) => {
      // It is about to be kept for certain, and those around it have not been named.
      if (step !== 'rename' || !path.includes('/t-') || losses === 3) return
      losses++
      rig.lose()
    }
    await overflow(rig)
    expect(losses).toBe(3)
    await drain(rig)
    const said = numbers(rig.outlet.said, 'd1')
    // The very first was delivered before.
    const thinned = thinnedIn(said.slice(1))
    expect(thinned.length).toBeGreaterThan(5)
    expect(thinned).toEqual(thinned.map((_, i) => 1 + i * every))
    expect(said.length + named(rig, 'd1')).toBe(FRAMES)
  })

  it('brings it again where nothing else was on its way when the connection was lost', async () => {
    const { rig } = await handedOver()
    const before = numbers(rig.outlet.said.splice(0), 'd1')
    rig.lose()
    await drain(rig)
    expect(numbers(rig.outlet.said, 'd1')).toEqual(thinnedIn(before).slice(1))
  })

  it('drops the oldest of what was kept where even that is too much, and names it', async () => {
    const limits = { segmentBytes: 1024 }
    const rig = await overflown({
      ...thin,
      maxBytes: 8 * 1024,
      limits,
      thinIntervalMs: 2 * INTERVAL,
    })
    expect(rig.memory.thinned.bytes).toBeLessThanOrEqual(2 * 1024)
    await drain(rig)
    for (const device of ['d1', 'd2']) {
      const said = numbers(rig.outlet.said, device)
      expect([...said].sort((a, b) => a - b)).toEqual(said)
      expect(said.length + named(rig, device)).toBe(FRAMES)
    }
  })

  it('F-42: names as dropped what the disk does not let it keep', async () => {
    const disk = new SimDisk()
    disk.fault = (_, path) => (path.includes('/t-') ? 'EIO' : undefined)
    const rig = await overflown({ ...thin, disk })
    expect(rig.memory.thinned.isEmpty).toBe(true)
    await drain(rig)
    const said = numbers(rig.outlet.said, 'd1')
    expect(said).toEqual([0, ...Array.from({ length: said.length - 1 }, (_, i) => said[1]! + i)])
    expect(said.length + named(rig, 'd1')).toBe(FRAMES)
  })

  it('F-43, F-44: loses nothing unnamed to a kill or a loss of power at any step of a run', async () => {
    const random = mulberry(testSeed)
    const disk = new SimDisk()
    const left: { disk: SimDisk; what: string; accepted: number }[] = []
    let accepted = 0
    disk.onStep = (step, path) => {
      const isDropping = path.includes('/t-') || (path.includes('/s-') && disk.step % 4 === 0)
      if (!isDropping || !disk.names.some((name) => name.startsWith('t-'))) return
      const power = left.length % 2 === 0
      const what = `seed ${testSeed}, ${power ? 'power loss' : 'kill'} before step ${disk.step} (${step})`
      left.push({ disk: power ? disk.afterPowerLoss(random) : disk.afterKill(), what, accepted })
    }
    const onTaken = (id: string) => {
      if (id === 'd1') accepted++
    }
    const rig = await overflown({ ...thin, disk, frames: 600, onTaken })
    disk.onStep = undefined
    expect(left.length).toBeGreaterThan(20)
    for (const { disk: found, what, accepted } of left) {
      const next = await JournalRig.start({ ...thin, disk: found, clock: rig.clock })
      await drain(next)
      const said = numbers(next.outlet.said, 'd1')
      expect(
        [...said].sort((a, b) => a - b),
        what,
      ).toEqual(said)
      // What was named just before the end may be named again, or even come.
      const ranges = next.outlet.dropped.map((range) => /^d1 1\/(\d+)…1\/(\d+) /.exec(range) ?? [])
      const isNamed = (seq: number) =>
        ranges.some(([, from, to]) => Number(from) <= seq && seq <= Number(to))
      // The very first was delivered before.
      const all = Array.from({ length: accepted - 1 }, (_, i) => i + 1)
      expect(
        all.filter((seq) => !said.includes(seq) && !isNamed(seq)),
        what,
      ).toEqual([])
      expect(named(next, 'd1') + said.length, what).toBeGreaterThanOrEqual(all.length)
    }
  })
})
