import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CompactEncoder } from '../src/alec/index.js'
import { BridgeProcess } from '../test/faults/bridge-process.js'
import { pause } from '../test/faults/pace.js'
import { Mosquitto } from '../test/support/mosquitto.js'
import { rounded } from './figures.js'
import { machine } from './machine.js'
import { cpuMs } from './process-cost.js'
import { RawLink } from './throughput/raw-link.js'

/**
 * What the program takes with a large fleet, as it is started by hand, with its journal and a Mosquitto: memory and
 * processor time when it has started, while all devices send once and all of it is saved, at rest after that, and after
 * a restart.
 *
 * node dist/bench/fleet-memory.js [--devices 100000] [--rate 5000] [--watch 90] [--node-args=…]
 */
const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '5000' },
    watch: { type: 'string', default: '90' },
    'node-args': { type: 'string', default: '' },
  },
})
const ids = Array.from({ length: Number(values.devices) }, (_, n) => `device-${n}`)
const channels = [
  { name: 'temperature', quantity: 'temperature', resolution: 0.1, max_step: 2 },
  { name: 'humidity', quantity: 'relative_humidity', resolution: 0.5 },
  { name: 'pressure', min: 300, max: 1100, resolution: 0.1 },
  { name: 'battery', min: 0, max: 5, resolution: 0.01 },
]

function look(bridge: BridgeProcess, moment: string): void {
  const status = readFileSync(`/proc/${bridge.pid}/status`, 'utf8')
  const mib = (name: string) =>
    rounded(Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024)
  const seconds = rounded(cpuMs(bridge.pid ?? 0) / 1000, 1)
  process.stdout.write(
    `${moment}: ${mib('VmRSS')} MiB, so far at most ${mib('VmHWM')} MiB, ${seconds} s of processor time\n`,
  )
}

/** Looks every ten seconds. */
async function watch(bridge: BridgeProcess, seconds: number): Promise<void> {
  for (let second = 10; second <= seconds; second += 10) {
    await pause(10_000)
    look(bridge, `${second} s later`)
  }
}

/** One frame of each device, all the same. */
async function sendAll(url: string): Promise<void> {
  const sender = await RawLink.open(url, 'sender')
  const payload = new CompactEncoder({ channels: channels.length }).encode([21, 50, 1013, 3.7])
  const began = performance.now()
  for (let sent = 0; sent < ids.length; ) {
    await pause(10)
    const due = Math.ceil(((performance.now() - began) / 1000) * Number(values.rate))
    const group = ids.slice(sent, due)
    sender.send(
      group.map((id) => ({ topic: `alec/${id}/frame`, payload })),
      0,
    )
    sent += group.length
  }
  sender.close()
}

const mosquitto = await Mosquitto.start()
const directory = mkdtempSync(join(tmpdir(), 'alec-fleet-memory-'))
const bridge = new BridgeProcess(
  directory,
  {
    version: 1,
    bridge: { id: 'gw-fleet' },
    broker: { url: mosquitto.url },
    limits: { port_frames_per_second: 100_000, port_burst: 1_000_000 },
    models: { climate: { frames: 'compact', interval: '10min', channels } },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: Object.fromEntries(ids.map((id) => [id, { model: 'climate' }])),
  },
  [],
  values['node-args'].split(' ').filter((arg) => arg !== ''),
)
try {
  process.stdout.write(`${machine()}\n`)
  await bridge.start()
  look(bridge, 'started')
  await sendAll(mosquitto.url)
  look(bridge, 'all have sent')
  await watch(bridge, Number(values.watch))
  await bridge.end('SIGTERM')
  await bridge.start()
  look(bridge, 'started again')
  await watch(bridge, Number(values.watch))
} finally {
  await bridge.end('SIGKILL')
  await mosquitto.stop()
  rmSync(directory, { recursive: true, force: true })
}
