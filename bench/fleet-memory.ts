import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CompactEncoder } from '../src/alec/index.js'
import { BridgeProcess } from '../test/faults/bridge-process.js'
import { Pace, pause, within } from '../test/faults/pace.js'
import { Mosquitto } from '../test/support/mosquitto.js'
import { rounded } from './figures.js'
import { machine } from './machine.js'
import { percentile } from './percentile.js'
import { cpuMs, residentMiB, takePeakMiB } from './process-cost.js'
import { RawLink } from './throughput/raw-link.js'

/**
 * What the program takes with a large fleet, as it is started by hand, with its journal and a Mosquitto: memory and
 * processor time when it has started, while all devices send once, while each sends every so often (`--every`, seconds)
 * or none does (0), and the same after a restart. Counts the readings that come: none may be missing or come twice.
 *
 * node dist/bench/fleet-memory.js [--devices 100000] [--rate 5000] [--every 60] [--watch 120] [--node-args=…]
 */
const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '100000' },
    rate: { type: 'string', default: '5000' },
    every: { type: 'string', default: '60' },
    watch: { type: 'string', default: '120' },
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
const LOOK_MS = 10_000
const SEND_MS = 10
/** The last looks of a run count as its rest. */
const REST_LOOKS = 6
const LAST_READINGS_MS = 60_000

/** All devices, one after the other, each round with other values. */
class Senders {
  sent = 0
  readonly #link: RawLink
  readonly #encoder = new CompactEncoder({ channels: channels.length })
  #payload: Uint8Array = new Uint8Array()
  #group: { topic: string; payload: Uint8Array }[] = []

  constructor(link: RawLink) {
    this.#link = link
  }

  one(): void {
    const at = this.sent++ % ids.length
    if (at === 0) {
      const round = Math.floor(this.sent / ids.length)
      this.#payload = this.#encoder.encode([21 + (round % 5) / 10, 50, 1013, 3.7])
    }
    this.#group.push({ topic: `alec/${ids[at]}/frame`, payload: this.#payload })
  }

  ping(): void {
    this.#link.ping()
  }

  flush(): void {
    if (this.#group.length > 0) this.#link.send(this.#group, 0)
    this.#group = []
  }
}

interface Run {
  readonly bridge: BridgeProcess
  readonly senders: Senders
  readonly subscriber: RawLink
  readonly looks: { readonly rss: number; readonly peak: number }[]
}

/** Frames whose readings have not come. */
const waiting = ({ senders, subscriber }: Run): number => senders.sent - subscriber.received

function look(run: Run, moment: string, mostWaiting = waiting(run)): void {
  const pid = run.bridge.pid ?? 0
  const rss = rounded(residentMiB(pid))
  const peak = rounded(takePeakMiB(pid))
  run.looks.push({ rss, peak })
  run.subscriber.ping()
  run.senders.ping()
  const seconds = rounded(cpuMs(pid) / 1000, 1)
  process.stdout.write(
    `${moment}: ${rss} MiB, since the last look at most ${peak} MiB, ${seconds} s of processor time, ` +
      `at most ${mostWaiting} frames waited for their readings\n`,
  )
}

/** So many frames a second for so long, with a look every ten seconds. */
async function send(run: Run, perSecond: number, ms: number): Promise<void> {
  const pace = new Pace(perSecond, () => run.senders.one(), SEND_MS)
  pace.start()
  let mostWaiting = 0
  const began = performance.now()
  for (let next = LOOK_MS; performance.now() - began < ms; ) {
    await pause(SEND_MS)
    mostWaiting = Math.max(mostWaiting, waiting(run))
    run.senders.flush()
    if (performance.now() - began < next) continue
    look(run, `${next / 1000} s later`, mostWaiting)
    next += LOOK_MS
    mostWaiting = 0
  }
  pace.stop()
  run.senders.flush()
}

async function watch(run: Run): Promise<void> {
  run.looks.length = 0
  await run.bridge.start()
  look(run, 'started')
  await send(run, Number(values.rate), (1000 * ids.length) / Number(values.rate))
  look(run, 'all have sent')
  const every = Number(values.every)
  await send(run, every > 0 ? ids.length / every : 0, 1000 * Number(values.watch))
  const isThere = await within(LAST_READINGS_MS, () => waiting(run) <= 0)
  const rest = run.looks.slice(-REST_LOOKS)
  process.stdout.write(
    `at rest ${percentile(
      rest.map(({ rss }) => rss),
      0.5,
    )} MiB, there at most ${Math.max(...rest.map(({ peak }) => peak))} MiB, ` +
      `in all at most ${Math.max(...run.looks.map(({ peak }) => peak))} MiB; ` +
      `${run.senders.sent} frames sent, ${run.subscriber.received} readings came\n`,
  )
  if (!isThere || waiting(run) < 0) process.exitCode = 1
}

// With its default it drops what any client is too slow for.
const mosquitto = await Mosquitto.start({
  config: ['allow_anonymous true', 'max_queued_messages 0'],
})
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
  const subscription = { filter: 'alec/+/readings', qos: 0 } as const
  const subscriber = await RawLink.open(mosquitto.url, 'subscriber', subscription)
  const senders = new Senders(await RawLink.open(mosquitto.url, 'sender'))
  const run: Run = { bridge, senders, subscriber, looks: [] }
  await watch(run)
  await bridge.end('SIGTERM')
  await watch(run)
} finally {
  await bridge.end('SIGKILL')
  await mosquitto.stop()
  rmSync(directory, { recursive: true, force: true })
}
process.exit()
