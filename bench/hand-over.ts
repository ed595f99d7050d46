import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { compileProfile, Fleet, type Verdict } from '../src/device/index.js'
import type { Frame } from '../src/framing/index.js'
import { deviceTopics, ReadingsWriter } from '../src/outputs/index.js'
import { defaultCircuitPolicy } from '../src/resilience/index.js'
import { packFrames, unpackDocuments } from './hand-over/batch.js'
import { machine } from './machine.js'
import { type Measurement, rowOf, table } from './measurement.js'
import { compactFrames } from './stress/frames.js'
import { compactModel } from './stress/models.js'

/**
 * Whether it would pay to decode in other threads: the processor time of a frame that is decoded, with its bounds, and put
 * into words where it came in, against that of handing it to a thread and taking a ready document back.
 *
 * node dist/bench/hand-over.js [--frames 200000] [--rounds 5] [--batches 1,10,100]
 */
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
    batches: { type: 'string', default: '1,10,100' },
  },
})
const DEVICES = 50
const CHANNELS = 4
const [total, rounds] = [Number(values.frames), Number(values.rounds)]
const devices = Array.from({ length: DEVICES }, (_, n) => `device-${n}`)
const bytes = compactFrames(CHANNELS, Math.ceil(total / DEVICES))
const frames: readonly Frame[] = Array.from({ length: total }, (_, n) => {
  const round = Math.floor(n / DEVICES)
  const times = { mono: 1000 * round, wall: 1_767_225_600_000 + 1000 * round }
  const device = devices[n % DEVICES] ?? ''
  const own = bytes[round] ?? new Uint8Array()
  return { device, bytes: own, ...times, integrity: 'crc32', source: 'line-1' }
})

const channels = Array.from({ length: CHANNELS }, (_, n) => `c${n}`)
const writers = new Map(
  devices.map((id) => [
    id,
    new ReadingsWriter(
      deviceTopics('alec', id, channels),
      { qos: 1, retain: false, perChannel: false, uncertain: 'mark' },
      `gw-1/${id}`,
    ),
  ]),
)
let document = ''

/** Processor time of all threads for each frame, in microseconds. */
async function costOf(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / total
}

function inPlace(): void {
  let documents = 0
  const onVerdict = (verdict: Verdict) => {
    if (verdict.kind !== 'readings') return
    for (const { payload } of writers.get(verdict.device)?.publications(verdict) ?? []) {
      documents++
      document = String(payload)
    }
  }
  const fleet = new Fleet(
    {
      profiles: new Map([['sensor', compileProfile(compactModel(CHANNELS))]]),
      devices: new Map(devices.map((id) => [id, 'sensor'])),
      policy: { circuit: defaultCircuitPolicy, flood: { perSecond: 1e6, burst: 1e6 } },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
    },
    {
      onVerdict,
      onAccepted: () => {},
      onInternalError: (_device, error) => {
        throw error
      },
    },
  )
  for (const frame of frames) fleet.accept(frame)
  if (documents !== total) throw new Error(`${documents} documents of ${total} frames`)
}

async function handedOver(worker: Worker, batch: number): Promise<void> {
  const indexOf = new Map(devices.map((id, n) => [id, n]))
  const topics = devices.map((id) => `alec/${id}/readings`)
  let documents = 0
  await new Promise<void>((resolve) => {
    const onMessage = (packed: Uint8Array) => {
      unpackDocuments(packed, topics, () => documents++)
      if (documents < total) return
      worker.off('message', onMessage)
      resolve()
    }
    worker.on('message', onMessage)
    let next = 0
    // What comes in one turn of the event loop is handed over together.
    const turn = () => {
      const packed = packFrames(frames.slice(next, next + batch), indexOf)
      worker.postMessage(packed, [packed.buffer])
      next += batch
      if (next < total) setImmediate(turn)
    }
    turn()
  })
}

const measured: Measurement[] = []
const unit = 'µs/frame'
const repeated = async (work: () => Promise<void> | void) => {
  const costs: number[] = []
  await work()
  for (let round = 0; round < rounds; round++) costs.push(await costOf(work))
  return costs
}
measured.push({ name: 'decoded and worded in place', unit, values: await repeated(inPlace) })
for (const batch of values.batches.split(',').map(Number)) {
  const worker = new Worker(new URL('./hand-over/worker.js', import.meta.url), {
    workerData: { devices, document: new TextEncoder().encode(document) },
  })
  await once(worker, 'online')
  const name = `handed over and back, ${batch} a turn`
  measured.push({ name, unit, values: await repeated(() => handedOver(worker, batch)) })
  await worker.terminate()
}
process.stdout.write(`${machine()}\n${table(measured.map(rowOf))}\n`)
