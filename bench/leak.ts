import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CompactEncoder } from '../src/alec/index.js'
import { Bridge } from '../src/bridge.js'
import { checkConfiguration } from '../src/config/index.js'
import { BridgeMemory } from '../src/control/index.js'
import { diskFiles } from '../src/journal/index.js'
import { MemorySource } from '../src/transport/index.js'
import { Sink } from './leak/sink.js'
import { SteppedClock } from './leak/stepped-clock.js'
import { quietLog, restingGauge } from './quiet.js'

/**
 * Whether memory grows without end: the whole bridge, journal on the real disk, with losses, reboots, noise, unknown
 * ids and a broker that goes away, for as many frames as wanted. Prints the slope of the resident memory after the
 * warm-up, by least squares.
 *
 * node --expose-gc dist/bench/leak.js --frames 1000000 [--devices 100] [--json]
 */
const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    devices: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
})
const wanted = Number(values.frames)
const ids = Array.from({ length: Number(values.devices) }, (_, n) => `device-${n}`)
/** Each of them collects garbage first. */
const SAMPLES = Math.min(200, Math.max(10, wanted / 5000))
const WARM_UP = 0.3
/** A thousand devices that send every ten seconds. */
const FRAMES_PER_HOUR = 360_000
const MIB = 2 ** 20

const outcome = checkConfiguration(
  {
    version: 1,
    broker: { url: 'mqtt://sink' },
    limits: { frames_per_second: 1000, port_frames_per_second: 100_000, port_burst: 100_000 },
    journal: { max_size: '64MiB' },
    models: {
      climate: {
        frames: 'compact',
        interval: '1s',
        channels: [
          { name: 'temperature', quantity: 'temperature', resolution: 0.1, max_step: 2 },
          { name: 'humidity', quantity: 'relative_humidity', resolution: 1 },
        ],
      },
    },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: Object.fromEntries(ids.map((id) => [id, { model: 'climate' }])),
  },
  { cwd: '/', hostName: 'leak' },
)
if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))

const directory = mkdtempSync(join(tmpdir(), 'alec-leak-'))
const clock = new SteppedClock()
const memory = await BridgeMemory.open({
  directory,
  files: diskFiles,
  clock,
  machine: { bootId: '', uptimeMs: () => clock.mono(), wallTrusted: () => true },
  durability: { kind: 'os' },
  maxBytes: 64 * MIB,
  log: quietLog,
})
const sink = new Sink()
const door = new MemorySource({ clock })
const bridge = new Bridge({
  configuration: outcome.configuration,
  version: '0',
  clock,
  random: () => 0.5,
  log: quietLog,
  memory,
  gauge: restingGauge,
  sources: [door],
  brokerDoor: () => sink,
})

/** Frames and resident bytes at that time. */
const samples: (readonly [frames: number, rss: number, heap: number])[] = []
let sent = 0

async function run(): Promise<void> {
  const encoders = ids.map(() => new CompactEncoder({ channels: 2 }))
  for (let second = 0; sent < wanted; second++) {
    ids.forEach((id, n) => {
      const frame = encoders[n]!.encode([20 + ((second + n) % 90) / 10, 40 + ((second * n) % 20)])
      sent++
      const chance = (second * 7919 + n * 104_729) % 1000
      if (chance < 10) return
      if (chance === 10) encoders[n] = new CompactEncoder({ channels: 2 })
      if (chance === 11) frame[frame.length - 1]! ^= 0x55
      door.deliver(chance === 12 ? `unknown-${second}-${n}` : id, frame)
    })
    if (second % 500 === 499) sink.cut()
    clock.advance(1000)
    await memory.journal.flush()
    await new Promise(setImmediate)
    if (sent >= (samples.length * wanted) / SAMPLES) sample()
  }
}

function sample(): void {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  samples.push([sent, rss, heapUsed])
}

/** Bytes a frame, by least squares. */
function slope(column: 1 | 2): number {
  const late = samples.filter(([frames]) => frames >= WARM_UP * wanted)
  const mean = (of: (sample: (typeof samples)[number]) => number) =>
    late.reduce((sum, one) => sum + of(one), 0) / late.length
  const x = mean(([frames]) => frames)
  const y = mean((one) => one[column])
  const covariance = mean((one) => (one[0] - x) * (one[column] - y))
  return covariance / mean(([frames]) => (frames - x) ** 2)
}

const started = performance.now()
await bridge.start()
await run()
const seconds = (performance.now() - started) / 1000
const stopped = bridge.stop()
for (let step = 0; step < 100; step++) {
  clock.advance(100)
  await new Promise(setImmediate)
}
await stopped
await memory.close()
rmSync(directory, { recursive: true, force: true })

const result = {
  frames: sent,
  published: sink.taken,
  framesPerSecond: Math.round(sent / seconds),
  rssMiB: Math.round((samples.at(-1)?.[1] ?? 0) / MIB),
  rssMiBPerHour: Number(((slope(1) * FRAMES_PER_HOUR) / MIB).toFixed(3)),
  heapMiBPerHour: Number(((slope(2) * FRAMES_PER_HOUR) / MIB).toFixed(3)),
}
if (values.json) console.log(JSON.stringify(result))
else {
  console.log(`${sent} frames of ${ids.length} devices, ${result.framesPerSecond} a second`)
  console.log(`resident at the end: ${result.rssMiB} MiB`)
  console.log(
    `slope after the warm-up, for 1000 devices each 10 s: ${result.rssMiBPerHour} MiB/h resident, ${result.heapMiBPerHour} MiB/h heap`,
  )
}
