import { unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BridgeProcess } from '../faults/bridge-process.js'
import { Ledger } from '../faults/ledger.js'
import { NO_BUDGET, NO_LIMITS } from '../faults/line-site.js'
import { MeasuredNode, NODE_MODEL } from '../faults/measured-node.js'
import { Pace, pause, within } from '../faults/pace.js'
import { warmUp } from '../faults/warm-up.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { SMALL_DISK_BYTES, SmallDisk, withoutSmallDisk } from '../support/small-disk.js'
import { Observer } from '../transport/observer.js'
import { assertBuilt } from './program.js'

/** What is left of the disk when the bridge starts: some two thousand frames. */
const SPARE_BYTES = 100 * 1024
const RATE = 600

/** A bridge whose state is on a disk of 1 MiB that is full after some seconds, and a node that goes on sending over MQTT. */
async function startSite() {
  assertBuilt()
  const disk = new SmallDisk()
  const ballast = join(disk.directory, 'ballast')
  writeFileSync(ballast, Buffer.alloc(SMALL_DISK_BYTES - SPARE_BYTES))
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0'],
  })
  const node = new MeasuredNode('shed')
  const bridge = new BridgeProcess(disk.directory, {
    version: 1,
    bridge: { id: 'gw-disk' },
    broker: { url: broker.url },
    limits: NO_LIMITS,
    resync: NO_BUDGET,
    models: { node: NODE_MODEL },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: { shed: { model: 'node' } },
  })
  const watcher = await Observer.of(broker.url, 'alec/bridge/status', 'alec/bridge/state')
  const consumer = await Observer.of(broker.url, 'alec/+/readings', 'alec/+/command')
  const ledger = new Ledger([node])
  let requests = 0
  consumer.client.on('message', (topic, payload) => {
    if (ledger.take(topic, payload.toString())) return
    requests++
    node.hear(payload)
  })
  const send = () => watcher.client.publish('alec/shed/frame', Buffer.from(node.next()), { qos: 1 })
  const pace = new Pace(RATE, send)
  onTestFinished(async () => {
    pace.stop()
    await bridge.end('SIGKILL')
    await consumer.close()
    await watcher.close()
    await broker.stop()
    disk.remove()
  })
  await bridge.start()
  await watcher.until((seen) => seen.some(({ payload }) => payload === 'online'))
  await warmUp([node], ledger, send)
  requests = 0
  const journalIs = (status: string) =>
    watcher.until((seen) => {
      const last = seen.findLast(({ topic }) => topic === 'alec/bridge/status')
      return last !== undefined && JSON.parse(last.payload).checks.journal?.status === status
    }, 20_000)
  const complaints = () => {
    const { missing, wrong, twoFaced, disordered, uncertain } = ledger
    return { missing, wrong, twoFaced, disordered, uncertain, requests }
  }
  return { ballast, bridge, node, ledger, pace, journalIs, complaints }
}

const NONE = { missing: [], wrong: [], twoFaced: [], disordered: [], uncertain: 0, requests: 0 }

describe.skipIf(withoutMosquitto() || withoutSmallDisk())('a bridge whose disk is full', () => {
  it('F-42: stays, says so, takes no frame that it cannot keep, and goes on within 5 s of free space', async () => {
    const { ballast, bridge, node, ledger, pace, journalIs, complaints } = await startSite()
    pace.start()
    await journalIs('unhealthy')
    const [sent, published] = [node.measured.length, ledger.readings]
    await within(10_000, () => node.measured.length >= sent + RATE)
    // They are the broker's to keep as long as the inputs are shut.
    expect(ledger.readings - published).toBeLessThan(RATE / 10)
    unlinkSync(ballast)
    const freed = performance.now()
    await journalIs('healthy')
    const before = ledger.readings
    expect(await within(5000, () => ledger.readings > before)).toBe(true)
    expect(performance.now() - freed).toBeLessThan(5000)
    pace.stop()
    await within(15_000, () => ledger.missingCount === 0)
    expect(complaints()).toEqual(NONE)
    // The very process that was started.
    expect([await bridge.end('SIGTERM'), bridge.stderr]).toEqual([0, ''])
  }, 60_000)

  it('F-42, F-28: has acknowledged nothing that it could not keep, as its end by kill -9 shows', async () => {
    const { ballast, bridge, node, ledger, pace, journalIs, complaints } = await startSite()
    pace.start()
    await journalIs('unhealthy')
    const sent = node.measured.length
    await within(10_000, () => node.measured.length >= sent + RATE / 2)
    await bridge.end('SIGKILL')
    pace.stop()
    // What had left arrives before anything that the next run says.
    await pause(100)
    ledger.incident()
    // What was published from memory alone was never accepted: it comes once more, under a key that is behind all others.
    ledger.leap()
    unlinkSync(ballast)
    await bridge.start()
    await within(15_000, () => ledger.missingCount === 0 && ledger.leapt)
    expect(complaints()).toEqual(NONE)
    expect(ledger.leapt).toBe(true)
  }, 60_000)
})
