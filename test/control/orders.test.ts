import { describe, expect, it } from 'vitest'
import type { FleetOrder, OrderOutcome, PlanDocument } from '../../src/device/index.js'
import { MeasuredDevice } from '../support/measured-device.js'
import { JournalRig, measuredDevices, type RigOptions } from './journal-rig.js'

/** A rig on which `d1` measures; `order` has an order put into the journal. */
async function rigOn(options: RigOptions = {}) {
  const rig = await JournalRig.start(options)
  const outcomes: OrderOutcome[] = []
  const send = async (device: string, measured: MeasuredDevice, count: number) => {
    for (let n = 0; n < count; n++) {
      rig.send(device, measured)
      await rig.settle(30)
    }
  }
  const order = (one: FleetOrder) => rig.intake.order(one, (outcome) => outcomes.push(outcome))
  return { rig, outcomes, send, order }
}

type Rig = Awaited<ReturnType<typeof rigOn>>

const planKept = async ({ memory }: JournalRig) => (await memory.snapshots.load()).snapshot?.plan

const nodes = () => measuredDevices().get('d1')!

/** The plan with the channels of `d1` the other way round, which decodes to something else. */
function swapped({ document }: JournalRig['fleet']): PlanDocument {
  const { model } = document.models
  const [first, second] = model!.channels
  return {
    ...document,
    models: { model: model!, other: { ...model!, channels: [second!, first!] } },
    devices: { model: ['d2'], other: ['d1'] },
  }
}

/** The devices of then, a change of the model, and those of now. */
async function story({ rig, send, order }: Rig, beforeChange: () => Promise<void>) {
  const old = nodes()
  await send('d1', old, 8)
  await beforeChange()
  order({ do: 'plan', plan: swapped(rig.fleet) })
  await rig.settle(100)
  // A node of the new model is put in the place of the old one.
  const present = new MeasuredDevice('compact', 2, 99)
  await send('d1', present, 6)
}

const said = ({ rig }: Rig) =>
  rig.outlet.said.map(({ device, epoch, seq, text }) => `${device} ${epoch}/${seq} ${text}`)

describe('an order in the journal', () => {
  it('is obeyed behind the frames before it, and says what came of it', async () => {
    const one = await rigOn()
    await one.send('d1', nodes(), 3)
    one.order({ do: 'circuit', device: 'd1', command: 'force-open' })
    expect(one.outcomes).toEqual([])
    await one.rig.settle()
    expect(one.outcomes).toMatchObject([{ ok: true, events: [{ type: 'circuit_opened' }] }])
  })

  it('makes the same of a backlog as of frames that leave at once', async () => {
    const live = await rigOn()
    await story(live, async () => {})
    const late = await rigOn()
    await story(late, async () => {
      late.rig.outlet.open = false
    })
    expect(said(late)).toHaveLength(8)
    late.rig.makeRoom()
    await late.rig.settle(3000)
    expect(said(late)).toEqual(said(live))
    expect(said(live)).toHaveLength(14)
  })

  it('decodes after a crash what waits under the model of then, and keeps the one of now', async () => {
    const live = await rigOn()
    await story(live, async () => {})
    const late = await rigOn()
    await story(late, async () => {
      late.rig.outlet.open = false
    })
    // Nothing but the journal is left: no snapshot knows of the change.
    const again = await rigOn({ disk: late.rig.disk.kill(), clock: late.rig.clock })
    await again.rig.settle(3000)
    const first = said(live).length - said(again).length
    expect(first).toBeLessThanOrEqual(8)
    expect(said(again)).toEqual(said(live).slice(first))
    expect(again.rig.fleet.document.devices).toEqual({ model: ['d2'], other: ['d1'] })
  })

  it('is in the snapshot as well, so that nothing before that is needed', async () => {
    const one = await rigOn()
    await story(one, async () => {})
    await one.rig.stop()
    const again = await rigOn({ disk: one.rig.disk.kill(), clock: one.rig.clock })
    expect(await planKept(again.rig)).toEqual(one.rig.fleet.document)
    expect(again.rig.fleet.document).toEqual(one.rig.fleet.document)
  })

  it('holds frames that come while the devices change, and takes them in then', async () => {
    const { rig, send, order } = await rigOn()
    const node = nodes()
    await send('d1', node, 2)
    const { document } = rig.fleet
    const devices = { model: ['d2', 'moved'] }
    order({ do: 'plan', plan: { ...document, devices }, renamed: [['d1', 'moved']] })
    const taken: string[] = []
    rig.send('moved', node, () => taken.push('moved'))
    expect(rig.fleet.session('moved')).toBeUndefined()
    await rig.settle()
    expect(taken).toEqual(['moved'])
    expect(rig.outlet.said.at(-1)).toMatchObject({ device: 'moved', epoch: 1, seq: 2 })
    expect(rig.fleet.unknown.total).toBe(0)
  })

  it('is not lost with what a failing disk could not keep', async () => {
    const limits = { keptEntries: 20, retryMs: 1000 }
    const { rig, send, order } = await rigOn({ limits })
    const node = nodes()
    await send('d1', node, 2)
    rig.disk.fault = () => 'EIO'
    order({ do: 'plan', plan: swapped(rig.fleet) })
    await send('d1', new MeasuredDevice('compact', 2, 99), 30)
    rig.disk.fault = undefined
    rig.clock.advance(1000)
    await rig.settle(500)
    expect(rig.memory.journal.state.kind).toBe('working')
    const again = await rigOn({ disk: rig.disk.kill(), clock: rig.clock })
    expect(await planKept(again.rig)).not.toEqual(rig.fleet.document)
    expect(again.rig.fleet.document.devices).toEqual({ model: ['d2'], other: ['d1'] })
  })
})
