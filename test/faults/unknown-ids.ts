import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mosquitto } from '../support/mosquitto.js'
import { Observer } from '../transport/observer.js'
import { BridgeProcess } from './bridge-process.js'
import { Ledger } from './ledger.js'
import { NO_BUDGET, NO_LIMITS } from './line-site.js'
import { MeasuredNode, NODE_MODEL } from './measured-node.js'
import { within } from './pace.js'
import { COLLECTS_ON_REQUEST, neededMiB, residentMiB } from './process-memory.js'
import { warmUp } from './warm-up.js'

export interface UnknownIdsOutcome {
  /** Resident memory, without garbage, after as many frames of a few unknown ids, and then of many. */
  readonly fewMiB: number
  readonly manyMiB: number
  /** The most resident memory at any time, garbage and all. */
  readonly peakMiB: number
  readonly seconds: number
  /** Topics that the bridge published and that are of no device of its own. */
  readonly strangeTopics: readonly string[]
  /** Log lines meanwhile, and the most in one second. */
  readonly logLines: number
  readonly busiestSecond: number
  /** Whether every frame of the bridge's own device became a good reading meanwhile. */
  readonly served: boolean
  /** Frames of unknown ids that the bridge has counted meanwhile. */
  readonly counted: number
}

/** Frames of unknown ids between two of the own device, which says how far the bridge has come. */
const BATCH = 500
/** As many frames of so few ids come first: a process that has had little to do grows whoever keeps it busy. */
const FEW = 2000

/** Sends a bridge so many frames over MQTT, each of another id that nobody has configured. */
export async function unknownIdCourse(ids: number): Promise<UnknownIdsOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'alec-unknown-'))
  const broker = await Mosquitto.start({
    config: ['allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 1000'],
  })
  const node = new MeasuredNode('own')
  const configuration = {
    version: 1,
    bridge: { id: 'gw-unknown' },
    broker: { url: broker.url },
    limits: NO_LIMITS,
    resync: NO_BUDGET,
    models: { node: NODE_MODEL },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: { own: { model: 'node' } },
  }
  const bridge = new BridgeProcess(directory, configuration, [], COLLECTS_ON_REQUEST)
  // Everything that a bridge publishes, and nothing of what it is sent.
  const outputs = [
    'readings',
    'readings/+',
    'availability',
    'status',
    'status/+',
    'event',
    'command',
  ]
  const filters = [...outputs.map((output) => `alec/+/${output}`), 'homeassistant/#']
  const consumer = await Observer.of(broker.url, ...filters)
  const topics = new Set<string>()
  const ledger = new Ledger([node])
  let unknownFrames = 0
  consumer.client.on('message', (topic, payload) => {
    if (topic === 'alec/bridge/status') unknownFrames = unknownFramesIn(payload.toString())
    topics.add(topic)
    if (topic === 'alec/own/command') node.hear(payload)
    ledger.take(topic, payload.toString())
    consumer.seen.length = 0
  })
  const sender = await Observer.of(broker.url)
  const frame = Buffer.from(new MeasuredNode('stranger').next())

  let peakMiB = 0
  /** Sends frames of `count` ids, and no more than three batches ahead of what the bridge has handled. */
  const flood = async (count: number, idOf: (n: number) => string): Promise<void> => {
    for (let sent = 0; sent < count; ) {
      for (const end = Math.min(count, sent + BATCH); sent < end; sent++) {
        sender.client.publish(`alec/${idOf(sent)}/frame`, frame, { qos: 0 })
      }
      sender.client.publish('alec/own/frame', Buffer.from(node.next()), { qos: 0 })
      const handled = await within(30_000, () => ledger.missingCount <= 3)
      peakMiB = Math.max(peakMiB, residentMiB(bridge.pid))
      if (!handled) throw new Error(`the bridge stands still after ${sent} ids`)
    }
    await within(30_000, () => ledger.missingCount === 0)
    // Its status has the number of a second later at most.
  }
  try {
    await bridge.start()
    await within(10_000, () => topics.has('alec/bridge/status'))
    await warmUp([node], ledger, () => {
      sender.client.publish('alec/own/frame', Buffer.from(node.next()), { qos: 0 })
    })
    await flood(ids, (n) => `few-${n % FEW}`)
    await within(10_000, () => unknownFrames >= ids)
    const fewMiB = await neededMiB(bridge)
    const [countedBefore, linesBefore] = [unknownFrames, bridge.log.length]
    const began = performance.now()
    await flood(ids, (n) => `stranger-${n}`)
    const seconds = (performance.now() - began) / 1000
    await within(10_000, () => unknownFrames - countedBefore >= ids)
    const manyMiB = await neededMiB(bridge)
    const lines = bridge.log.slice(linesBefore)
    return {
      fewMiB,
      manyMiB,
      peakMiB,
      seconds,
      strangeTopics: [...topics].filter((topic) => !/^alec\/(own|bridge)\//.test(topic)),
      logLines: lines.length,
      busiestSecond: busiestSecond(lines),
      served: ledger.missingCount === 0 && ledger.uncertain + ledger.wrong.length === 0,
      counted: unknownFrames - countedBefore,
    }
  } finally {
    await bridge.end('SIGKILL')
    await sender.close()
    await consumer.close()
    await broker.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

const unknownFramesIn = (status: string): number =>
  (JSON.parse(status) as { unknown?: { frames?: number } }).unknown?.frames ?? 0

/** The most lines that carry the same second. */
function busiestSecond(lines: readonly Readonly<Record<string, unknown>>[]): number {
  const counts = new Map<number, number>()
  for (const { time } of lines) {
    const second = Math.floor(Number(new Date(time as string | number)) / 1000)
    counts.set(second, (counts.get(second) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}
