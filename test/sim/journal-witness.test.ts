import { describe, expect, it } from 'vitest'
import { Random } from '../../firmware-sim/index.js'
import { openJournal } from '../journal/open-journal.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { Declarations } from './declarations.js'
import { frameKey, JournalWitness } from './journal-witness.js'
import { planOf } from './plan.js'
import { SimDevice } from './sim-device.js'

const plan = planOf(1)
const START = Date.UTC(2026, 0, 1)

/** The first frames of the plan's first device, of which nothing is lost. */
function framesOf(count: number): readonly Uint8Array[] {
  const [first] = plan.devices
  if (!first) throw new Error('a plan without devices')
  const node = { ...first.node, suppresses: false }
  const device = new SimDevice({ ...first, node }, new Map(), new Random(1), START)
  return Array.from({ length: count }, () => device.step()).flatMap((sent) =>
    sent.map(({ bytes }) => bytes),
  )
}

const DEVICE = plan.devices[0]?.node.id ?? ''
const keyOf = (bytes: Uint8Array | undefined) => frameKey(DEVICE, bytes ?? new Uint8Array())

/** A life of the bridge that takes one frame in, into a segment of its own. */
async function live(disk: SimDisk, bytes: Uint8Array | undefined): Promise<void> {
  const { journal, clock } = await openJournal(disk)
  const [mono, wall] = [clock.mono(), clock.wall()]
  const frame = { device: DEVICE, bytes: bytes ?? new Uint8Array(), mono, wall }
  journal.append({ ...frame, integrity: 'mqtt', source: 'mqtt' })
  await journal.flush()
  await journal.close()
}

/** A loss of power takes back the segment that begins with this entry. */
const lose = (disk: SimDisk, ordinal: number) =>
  disk.unlink(`${STATE}/j-${String(ordinal).padStart(16, '0')}.seg`)

function rig() {
  const disk = new SimDisk()
  const witness = new JournalWitness(new Declarations(plan).configuration)
  const owed = () => witness.expected.map(({ ordinal }) => ordinal)
  return { disk, witness, owed }
}

describe('who reads along in a simulated journal', () => {
  it('takes in what is new also where a loss of power took back what stood before it', async () => {
    const { disk, witness, owed } = rig()
    const [first, second, third] = framesOf(3)
    await live(disk, first)
    await live(disk, second)
    await witness.read(disk)
    await live(disk, third)
    await lose(disk, 2)
    await witness.read(disk, true)
    expect(witness.frames.has(keyOf(third))).toBe(true)
    expect(owed()).toEqual([1, 3])
  })

  it('takes in what is new under a number that the copy of a promised frame had', async () => {
    const { disk, witness, owed } = rig()
    const [first, second] = framesOf(2)
    witness.promised.add(keyOf(first))
    await live(disk, first)
    await live(disk, first)
    await witness.read(disk)
    await lose(disk, 2)
    await witness.read(disk, true)
    await live(disk, second)
    await witness.read(disk)
    expect(witness.frames.has(keyOf(second))).toBe(true)
    expect(owed()).toEqual([1, 2])
  })

  it('owes what was promised though a loss of power took it back, and nothing else of that', async () => {
    for (const isPromised of [true, false]) {
      const { disk, witness, owed } = rig()
      const [first, second] = framesOf(2)
      if (isPromised) witness.promised.add(keyOf(second))
      await live(disk, first)
      await live(disk, second)
      await witness.read(disk)
      await lose(disk, 2)
      await witness.read(disk, true)
      expect(owed()).toEqual(isPromised ? [1, 2] : [1])
    }
  })
})
