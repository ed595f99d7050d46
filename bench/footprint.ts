import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BridgeProcess } from '../test/faults/bridge-process.js'
import { NODE_MODEL } from '../test/faults/measured-node.js'
import { pause } from '../test/faults/pace.js'
import { residentMiB } from '../test/faults/process-memory.js'
import { Mosquitto } from '../test/support/mosquitto.js'
import { installed } from './footprint/installed.js'
import { type Measurement, printMeasurements } from './measurement.js'
import { BenchNode } from './throughput/bench-node.js'
import { RawLink } from './throughput/raw-link.js'

/**
 * What a bridge costs that has nothing to do: from the start of its process to the reading of a first frame, its memory
 * when it is idle, started by hand and as the service is, and what is installed of it.
 *
 * node dist/bench/footprint.js --rounds 5 --idle 5 [--json]; with --packages only every package and its size
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    idle: { type: 'string', default: '5' },
    packages: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const unit = readFileSync('config/alec-bridge.service', 'utf8')
const serviceArgs = /NODE_OPTIONS=([^"]*)/.exec(unit)?.[1]?.split(' ') ?? []
const ways = [
  { name: 'by hand, broker on the network', nodeArgs: [], embedded: false },
  { name: 'as a service, broker on the network', nodeArgs: serviceArgs, embedded: false },
  { name: 'as a service, own broker', nodeArgs: serviceArgs, embedded: true },
]
const { packages, packageMiB, ownMiB, sizes } = installed()
if (values.packages) {
  for (const { path, mib } of sizes) process.stdout.write(`${mib.toFixed(2)} MiB ${path}\n`)
} else {
  printMeasurements(
    [
      ...(await measure()),
      { name: 'packages at run time', unit: 'packages', values: [packages], target: '≤ 110' },
      { name: 'their size', unit: 'MiB', values: [packageMiB] },
      { name: 'the size of the bridge itself', unit: 'MiB', values: [ownMiB] },
    ],
    [],
    values.json,
  )
}

async function measure(): Promise<Measurement[]> {
  const mosquitto = await Mosquitto.start()
  const measurements: Measurement[] = []
  try {
    for (const way of ways) {
      const outcomes = []
      for (let nth = 0; nth < Number(values.rounds); nth++)
        outcomes.push(await startOnce(mosquitto.url, way))
      const firstMs = outcomes.map((each) => each.firstMs)
      const idleMiB = outcomes.map((each) => each.idleMiB)
      measurements.push(
        {
          name: `start to first reading, ${way.name}`,
          unit: 'ms',
          values: firstMs,
          target: '≤ 600',
        },
        { name: `idle memory, ${way.name}`, unit: 'MiB RSS', values: idleMiB, target: '≤ 90' },
      )
    }
  } finally {
    await mosquitto.stop()
  }
  return measurements
}
/** A device sends every few milliseconds; the process starts, and what it makes of that comes. */
async function startOnce(mosquittoUrl: string, { nodeArgs, embedded }: (typeof ways)[number]) {
  const directory = mkdtempSync(join(tmpdir(), 'alec-footprint-'))
  const node = new BenchNode(0)
  const bridge = new BridgeProcess(
    directory,
    {
      version: 1,
      bridge: { id: 'gw-footprint' },
      broker: embedded ? { embedded: { port: 0 } } : { url: mosquittoUrl },
      models: { node: NODE_MODEL },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: { [node.id]: { model: 'node' } },
    },
    [],
    nodeArgs,
  )
  try {
    const began = performance.now()
    const started = bridge.start()
    // Its own broker is there when it has started.
    if (embedded) await started
    const url = embedded ? String(bridge.log.at(-1)?.broker) : mosquittoUrl
    const receiver = await RawLink.open(url, 'receiver', { filter: 'alec/+/readings', qos: 0 })
    const sender = await RawLink.open(url, 'sender')
    await started
    while (receiver.received === 0 && performance.now() - began < 10_000) {
      sender.send([{ topic: node.topic, payload: node.next() }], 0)
      await pause(2)
    }
    const firstMs = performance.now() - began
    receiver.close()
    sender.close()
    await pause(1000 * Number(values.idle))
    return { firstMs, idleMiB: residentMiB(bridge.pid) }
  } finally {
    await bridge.end('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}
