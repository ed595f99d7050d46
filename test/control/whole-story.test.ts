import { describe, expect, it } from 'vitest'
import type { FleetOrder } from '../../src/device/index.js'
import { JournalRig, measuredDevices } from './journal-rig.js'

const IDS = Array.from({ length: 250 }, (_, n) => `d${n}`)

/** Names can still be changed. */
const unwritable = (step: string) => (step === 'fill' || step === 'sync' ? 'EIO' : undefined)

/** A rig of many devices whose disk has failed for longer than memory holds, and works again in a moment. */
async function rigWithHole() {
  const options = { ids: IDS, limits: { keptEntries: 400 } }
  const rig = await JournalRig.start(options)
  const devices = measuredDevices(IDS)
  const sendAll = () => {
    for (const [id, device] of devices) rig.send(id, device)
  }
  sendAll()
  await rig.settle()
  rig.disk.fault = unwritable
  for (let round = 0; round < 3; round++) {
    sendAll()
    await rig.settle()
  }
  expect(rig.memory.journal.counters().unjournaled).toBeGreaterThan(0)
  rig.disk.fault = undefined
  const again = async () => {
    const disk = rig.disk.afterKill()
    const next = await JournalRig.start({ ...options, disk, clock: rig.clock })
    await next.settle(2000)
    return next
  }
  return { rig, devices, sendAll, again }
}

/** Lets the disk work again, and so much of the story be told as is told in a row. */
async function beginStory(rig: JournalRig): Promise<void> {
  rig.clock.advance(2000)
  for (let turn = 0; turn < 200 && (await statesIn(rig)) === 0; turn++) await Promise.resolve()
}

async function kindsIn(rig: JournalRig): Promise<string[]> {
  const reader = rig.memory.journal.read(0)
  const kinds: string[] = []
  for (let entries = await reader.next(); entries.length > 0; entries = await reader.next())
    for (const entry of entries)
      kinds.push(entry.kind === 'order' ? (entry.order as FleetOrder).do : entry.kind)
  return kinds
}

const statesIn = async (rig: JournalRig) =>
  (await kindsIn(rig)).filter((kind) => kind === 'state').length

describe('the whole story of many devices', () => {
  it('is told bit by bit, and what comes meanwhile stands behind it', async () => {
    const { rig, sendAll, again, devices } = await rigWithHole()
    await beginStory(rig)
    const begun = await statesIn(rig)
    expect(begun).toBeGreaterThan(0)
    expect(begun).toBeLessThan(IDS.length)
    sendAll()
    await rig.settle(3000)
    const kinds = await kindsIn(rig)
    const story = kinds.slice(kinds.indexOf('plan'))
    const states = IDS.map(() => 'state')
    const frames = IDS.map(() => 'frame')
    expect(story).toEqual(['plan', ...states, ...frames])
    const next = await again()
    for (const [id, device] of devices) next.send(id, device)
    await next.settle(3000)
    const said = next.outlet.said.slice(-IDS.length)
    expect(said.map(({ epoch, seq }) => [epoch, seq])).toEqual(IDS.map(() => [1, 5]))
    expect(said.every(({ text }) => text.startsWith('good'))).toBe(true)
  })

  it('holds an order back that would change the devices', async () => {
    const { rig } = await rigWithHole()
    await beginStory(rig)
    rig.intake.order({ do: 'leap', epochs: 7 })
    await rig.settle(3000)
    expect((await kindsIn(rig)).slice(-2)).toEqual(['state', 'leap'])
  })

  it('is no whole one before it is told: a kill in the middle of it opens later epochs', async () => {
    const { rig, again } = await rigWithHole()
    await beginStory(rig)
    expect((await again()).log.join()).toContain('a later epoch')
    await rig.settle(3000)
    expect((await again()).log.join()).not.toContain('a later epoch')
  })

  it('begins anew where the disk fails again meanwhile', async () => {
    const { rig, devices, sendAll, again } = await rigWithHole()
    await beginStory(rig)
    rig.disk.fault = unwritable
    await rig.settle(1000)
    for (let round = 0; round < 3; round++) {
      sendAll()
      await rig.settle()
    }
    rig.disk.fault = undefined
    rig.clock.advance(2000)
    await rig.settle(3000)
    const next = await again()
    for (const [id, device] of devices) next.send(id, device)
    await next.settle(3000)
    const said = next.outlet.said.slice(-IDS.length)
    expect(said.map(({ epoch, seq }) => [epoch, seq])).toEqual(IDS.map(() => [1, 7]))
    expect(said.every(({ text }) => text.startsWith('good'))).toBe(true)
  })

  it('is told to its end before the bridge stops', async () => {
    const { rig, again, devices } = await rigWithHole()
    await beginStory(rig)
    rig.send('d0', devices.get('d0')!)
    const stopped = rig.stop()
    await rig.settle(3000)
    await stopped
    const next = await again()
    expect(next.log.join()).not.toContain('a later epoch')
    expect(rig.outlet.said.length).toBe(4 * IDS.length + 1)
  })
})
