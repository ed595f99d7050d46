import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { pause, within } from '../faults/pace.js'
import { type Judgement, ProxiedSite } from '../faults/proxied-site.js'
import type { Toxics } from '../support/fault-proxy.js'
import { withoutMosquitto } from '../support/mosquitto.js'
import { packetType } from '../support/packet-cutter.js'
import { assertBuilt } from './program.js'

const RATE = 200
const TOXIC_MS = 700
const NOTHING: Judgement = { lost: [], wrong: [], overtaken: [], twoFaced: [] }
/** The longest wait for the next try, and what the backlog takes. */
const PATIENCE_MS = 10_000

const noMosquitto = withoutMosquitto()

/** A site of the test's own: who has lost connections before waits longer before it comes back. */
async function ownSite(devices = 5): Promise<ProxiedSite> {
  assertBuilt()
  const site = await ProxiedSite.start({ devices })
  onTestFinished(() => site.close())
  return site
}

/** Sends before, while and after `harm` does what it does; then the network is well again. */
async function course(site: ProxiedSite, harm: () => Promise<unknown>): Promise<Judgement> {
  const before = site.frames
  await site.under(RATE, async () => {
    await pause(100)
    await harm()
    site.proxy.toxics = {}
    site.proxy.rule = () => 'pass'
    await pause(100)
  })
  expect(site.frames - before).toBeGreaterThan(RATE / 10)
  return site.judged(PATIENCE_MS)
}

describe.skipIf(noMosquitto)('F-33: a bridge behind a bad network', () => {
  let site: ProxiedSite
  beforeAll(async () => {
    assertBuilt()
    site = await ProxiedSite.start({ devices: 5 })
  })
  afterAll(() => site?.close())

  it.each<[string, Toxics]>([
    ['is slow to answer', { latencyMs: 300 }],
    ['lets 8 kB a second through', { bytesPerSecond: 8000 }],
    ['cuts everything into pieces of three bytes', { sliceBytes: 3 }],
    ['swallows everything for a while', { blackHole: true }],
  ])('loses nothing and keeps the order where it %s', async (_, toxics) => {
    const { connections } = site.proxy
    const judged = await course(site, async () => {
      site.proxy.toxics = toxics
      await pause(TOXIC_MS)
    })
    expect(judged).toEqual(NOTHING)
    expect(site.proxy.connections).toBe(connections)
  })

  it('loses nothing and keeps the order where it resets connections after 20 kB', async () => {
    const site = await ownSite()
    const { connections } = site.proxy
    const judged = await course(site, async () => {
      site.proxy.toxics = { limitBytes: 20_000 }
      await within(5000, () => site.proxy.connections >= connections + 2)
      await pause(300)
    })
    expect(judged).toEqual(NOTHING)
    expect(site.proxy.connections).toBeGreaterThan(connections)
  })

  it('loses nothing and keeps the order where connections close late, and CONNACKs come late', async () => {
    const site = await ownSite()
    let late = 0
    const judged = await course(site, async () => {
      site.proxy.toxics = { closeDelayMs: 300 }
      site.proxy.rule = ({ type }) => {
        if (type !== packetType.connack) return 'pass'
        late++
        return { lateMs: 700 }
      }
      site.proxy.reset()
      await within(5000, () => late >= 2)
      await pause(700)
    })
    expect(judged).toEqual(NOTHING)
    expect(late).toBe(2)
  })

  it.each([
    ['a publication and a frame are', packetType.publish],
    ['an acknowledgement to us and one of ours are', packetType.puback],
  ])('loses nothing and keeps the order where %s cut in the middle', async (_, cutType) => {
    const site = await ownSite()
    const { connections } = site.proxy
    const seen = { up: 0, down: 0 }
    const judged = await course(site, async () => {
      site.proxy.rule = ({ type, way }) => (type === cutType && ++seen[way] === 30 ? 'cut' : 'pass')
      await within(5000, () => site.proxy.connections >= connections + 2)
    })
    expect(judged).toEqual(NOTHING)
    expect(site.proxy.connections).toBe(connections + 2)
  })

  it('F-35: publishes again what the broker refuses now and then', async () => {
    const site = await ownSite()
    let refused = 0
    let seen = 0
    // What is refused is behind those that were on their way with it: it comes late, but it comes.
    const { overtaken, ...others } = await course(site, async () => {
      site.proxy.rule = ({ type, flags, way, body }) => {
        const isReading = type === packetType.publish && way === 'up' && flags === 0x02
        if (!isReading || ++seen % 40 !== 0) return 'pass'
        refused++
        const id = 2 + body.readUInt16BE(0)
        // Quota exceeded, in the words of MQTT 5.
        return { answer: Buffer.of(0x40, 3, body[id] ?? 0, body[id + 1] ?? 0, 151) }
      }
      await within(5000, () => refused >= 2)
    })
    expect(refused).toBeGreaterThanOrEqual(2)
    expect(others).toEqual({ lost: [], wrong: [], twoFaced: [] })
    expect(overtaken.length).toBeLessThanOrEqual(refused)
  })
})

describe.skipIf(noMosquitto)('F-24: what a broker kept while the bridge was down', () => {
  it('becomes readings, a thousand frames of one device at once, against a limit of 50 a second', async () => {
    const site = await ownSite(2)
    const [chatty, calm] = site.nodes
    await site.send(chatty!)
    expect(await site.judged(PATIENCE_MS)).toEqual(NOTHING)
    await site.bridge.end('SIGKILL')
    for (let n = 0; n < 1000; n++) await site.send(chatty!)
    await site.send(calm!)
    await site.bridge.start()
    expect(await site.judged(PATIENCE_MS)).toEqual(NOTHING)
  }, 20_000)
})
