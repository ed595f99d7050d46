import { compileProfile, type DeviceSession, type ReadingsVerdict } from '../src/device/index.js'
import { Watch } from '../src/http/feed/watch.js'
import { defaultSpec } from '../test/support/default-spec.js'

/**
 * What it costs to remember readings for the dashboard while nobody looks: time of each verdict, and memory.
 * `node --expose-gc dist/bench/window.js`
 */
const VERDICTS = 1_000_000

const profile = compileProfile({
  ...defaultSpec,
  channels: [{ name: 'temperature' }, { name: 'humidity' }, { name: 'battery' }],
})

const verdict = (seq: number): ReadingsVerdict => ({
  kind: 'readings',
  device: 'd',
  frame: {
    device: 'd',
    bytes: Uint8Array.of(0xa1, 0, 23, 0, 69, 5, 17, 26, 4),
    mono: seq,
    wall: 1.8e12 + seq,
    integrity: 'mqtt',
    source: 'mqtt',
  },
  family: 'compact',
  epoch: 1,
  seq,
  quality: 'uncertain',
  priority: 0,
  deviceTime: -1,
  channels: [
    { name: 'temperature', value: 21.4, bound: 0, quality: 'good' },
    { name: 'humidity', value: 48, bound: 0, quality: 'good' },
    { name: 'battery', value: 3.3, bound: 0.1, quality: 'uncertain' },
  ],
  wantsKeyframe: false,
  events: [],
})

const used = (): number => {
  ;(globalThis as { gc?: () => void }).gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function cost(devices: number): string {
  const sessions = Array.from(
    { length: devices },
    (_, n) => ({ id: `d-${n}`, profile }) as unknown as DeviceSession,
  )
  const verdicts = Array.from({ length: 128 }, (_, n) => verdict(n))
  const before = used()
  const watch = new Watch(devices)
  const look = (count: number) => {
    for (let n = 0; n < count; n++) watch.onVerdict(verdicts[n % 128]!, sessions[n % devices]!)
  }
  // Until all that is remembered is full.
  look(Math.max(VERDICTS, devices * 130))
  const mebibytes = (used() - before) / 2 ** 20
  const start = process.hrtime.bigint()
  look(VERDICTS)
  const nanoseconds = Number(process.hrtime.bigint() - start) / VERDICTS
  // What is measured must still be there.
  if (watch.trail('d-0') === undefined) throw new Error('nothing was remembered')
  return `${devices} devices: ${nanoseconds.toFixed(0)} ns a verdict, ${mebibytes.toFixed(1)} MiB`
}

for (const devices of [10, 1000, 10_000]) console.log(cost(devices))
