import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { systemClock } from '../src/clock.js'
import type { Framing } from '../src/framing/index.js'
import { createLineSource } from '../src/transport/index.js'

/**
 * What a line costs at which nothing but noise comes, at full speed, on a real pseudo-terminal: processor time
 * of this process, while another one makes the noise. Exits with 1 where it is more than 5 % of a core.
 *
 * node dist/bench/line-noise.js --seconds 10 --baud 921600 [--json]
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    baud: { type: 'string', default: '921600' },
    json: { type: 'boolean', default: false },
  },
})
const baudRate = Number(values.baud)
const seconds = Number(values.seconds)
const LIMIT = 0.05

/** The share of a core, once the line complains of noise. */
async function measure(framing: Framing, kind: 'noise' | 'hostile') {
  const feeder = fork(fileURLToPath(new URL('./line-noise/feeder.js', import.meta.url)), [
    String(baudRate),
    kind,
  ])
  const [path] = (await once(feeder, 'message')) as [string]
  const source = createLineSource(
    {
      kind: 'serial',
      path,
      baudRate,
      dataBits: 8,
      parity: 'none',
      stopBits: 1,
      flowControl: 'none',
      framing,
      crc: 'crc32',
      address: 'none',
      maxFrame: 4096,
      device: 'node',
    },
    { clock: systemClock, random: Math.random },
  )
  source.start({ onFrame: () => true, onState: () => {}, onUnknown: () => {} })
  await new Promise((resolve) => setTimeout(resolve, 2500))
  const complaint = source.noise
  const { bytesIn } = source.counters()
  const before = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const { user, system } = process.cpuUsage(before)
  const bytesPerSecond = (source.counters().bytesIn - bytesIn) / seconds
  await source.stop()
  feeder.kill()
  return { framing, kind, share: (user + system) / 1e6 / seconds, bytesPerSecond, complaint }
}

const results = []
for (const framing of ['cobs', 'slip', 'length', 'hex'] as const) {
  results.push(await measure(framing, 'noise'))
}
results.push(await measure('length', 'hostile'))
if (values.json) process.stdout.write(`${JSON.stringify({ baudRate, seconds, results })}\n`)
else {
  for (const { framing, kind, share, bytesPerSecond, complaint } of results) {
    const words = `${(100 * share).toFixed(2)} % of a core at ${Math.round(bytesPerSecond)} bytes/s`
    process.stdout.write(`${framing}, ${kind}: ${words}; ${complaint ?? 'no complaint'}\n`)
  }
}
const failed = results.some(({ share, complaint }) => share > LIMIT || complaint === undefined)
process.exitCode = failed ? 1 : 0
