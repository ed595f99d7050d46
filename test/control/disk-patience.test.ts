import { describe, expect, it } from 'vitest'
import { SimDisk } from '../support/sim-disk.js'
import { JournalRig, measuredDevices } from './journal-rig.js'

const FRAMES = 6

/**
 * A run whose disk does not answer from the n-th step of its stop on; the last frames come just before it. Tells which of
 * all frames were acknowledged, how long the stop took, what it said, and what the next run publishes.
 */
async function stoppedWith(stalledFrom: number, onStop = (_rig: JournalRig) => {}) {
  const disk = new SimDisk()
  const rig = await JournalRig.start({ disk })
  const device = measuredDevices().get('d1')!
  const acknowledged: number[] = []
  rig.outlet.prompt = false
  const send = (n: number) => rig.send('d1', device, () => acknowledged.push(n))
  for (let n = 0; n < FRAMES / 2; n++) send(n)
  await rig.settle()
  // What follows waits in the journal, so that the next run is to bring it.
  rig.outlet.open = false
  for (let n = FRAMES / 2; n < FRAMES; n++) send(n)
  const before = disk.step
  disk.onStep = () => {
    if (disk.step === before + stalledFrom) disk.stall()
  }
  if (stalledFrom === 0) disk.stall()
  onStop(rig)
  const asked = rig.clock.mono()
  let isOver = false
  const stopped = rig.stop().then(() => {
    isOver = true
  })
  for (let n = 0; n < 200 && !isOver; n++) {
    await rig.settle(300)
    if (!isOver) rig.clock.advance(100)
  }
  expect(isOver).toBe(true)
  await stopped
  const tookMs = rig.clock.mono() - asked
  const next = await JournalRig.start({ disk: disk.kill(), clock: rig.clock })
  await next.settle(2000)
  const complaints = rig.log.filter((line) => line.startsWith('the disk does not answer'))
  const published = new Set([...rig.outlet.said, ...next.outlet.said].map(({ seq }) => seq))
  return { acknowledged, tookMs, complaints, published, steps: disk.step - before }
}

describe('F-42: a stop on a disk that does not answer', () => {
  it('at any step of it ends in five seconds, says so once, and has acknowledged nothing that is not kept', async () => {
    const whole = await stoppedWith(Number.POSITIVE_INFINITY)
    expect([whole.acknowledged.length, whole.tookMs, whole.complaints]).toEqual([FRAMES, 0, []])
    expect(whole.steps).toBeGreaterThan(10)
    const counts = new Set<number>()
    for (let step = 0; step < whole.steps; step++) {
      const { acknowledged, tookMs, complaints, published } = await stoppedWith(step)
      expect([step, tookMs, complaints.length]).toEqual([step, 5000, 1])
      for (const n of acknowledged) expect(published).toContain(n)
      counts.add(acknowledged.length)
    }
    // Before the disk has the last frames, and after.
    expect([...counts]).toEqual([FRAMES / 2, FRAMES])
  })

  it('names all that it left undone, and how much is not written', async () => {
    // The connection to the broker is lost as well: what is to be said again would have to be read.
    const { complaints } = await stoppedWith(0, (rig) => rig.lose())
    const facts = JSON.parse(complaints[0]!.slice(complaints[0]!.indexOf('{')))
    expect(facts).toEqual({
      undone: [
        'writing the last entries',
        'reading the backlog',
        'saving the state',
        'closing the journal',
      ],
      waitedMs: 5000,
      unwritten: FRAMES / 2,
    })
  })
})
