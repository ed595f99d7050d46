// The heap grows as that of the program does.
import '../src/small-heap.js'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from './machine.js'
import { type FleetFigures, measureFleet } from './scale/measure.js'

/**
 * What a device costs by the number of devices: memory, time a frame, and how long the sweep holds the event loop up.
 * The whole bridge with four-channel compact devices, a door in memory and a broker that takes everything at once; each
 * fleet in a process of its own.
 *
 * node dist/bench/scale.js [--devices 10,100,1000,10000,100000] [--frames 20] [--timed 200000] [--journal] [--lossy] [--json]
 *
 * `--lossy`: every device has lost a frame and recovers, which is what a device costs at most.
 */
const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '10,100,1000,10000,100000' },
    frames: { type: 'string', default: '20' },
    timed: { type: 'string', default: '200000' },
    journal: { type: 'boolean', default: false },
    lossy: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    one: { type: 'boolean', default: false },
  },
})
const sizes = values.devices.split(',').map(Number)
const framesEach = Number(values.frames)
const { journal, lossy } = values

const HEADINGS: Readonly<Record<keyof FleetFigures, string>> = {
  devices: 'devices',
  rssMiB: 'RSS MiB',
  bytesUnheard: 'bytes a device, nothing heard',
  bytesHeard: 'bytes a device, heard',
  frames: 'frames',
  nsPerFrame: 'ns a frame',
  sweepMs: 'sweep ms',
  heldMs: 'held up at most ms',
  idleSweepMs: 'nobody sends ms',
  birthMs: 'birth ms',
  snapshotMs: 'snapshot ms',
  snapshotHeldMs: 'longest of it ms',
  snapshotKiB: 'snapshot KiB',
}

/** In a process of its own: what an earlier fleet left behind would be in the figures. */
function measured(devices: number): FleetFigures {
  const script = fileURLToPath(import.meta.url)
  const flags = [...(journal ? ['--journal'] : []), ...(lossy ? ['--lossy'] : [])]
  const own = [
    '--one',
    '--devices',
    `${devices}`,
    '--frames',
    values.frames,
    '--timed',
    values.timed,
    ...flags,
  ]
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...process.execArgv, '--expose-gc', script, ...own],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`a fleet of ${devices}: ${stderr}`)
  return JSON.parse(stdout) as FleetFigures
}

if (values.one) {
  const figures = await measureFleet({
    devices: sizes[0] ?? 0,
    framesEach,
    timedFrames: Number(values.timed),
    journal,
    lossy,
  })
  process.stdout.write(JSON.stringify(figures))
} else {
  const rows = sizes.map(measured)
  if (values.json) process.stdout.write(`${JSON.stringify({ journal, lossy, rows })}\n`)
  else {
    const names = Object.keys(HEADINGS) as (keyof FleetFigures)[]
    process.stdout.write(`${machine()}\n${names.map((name) => HEADINGS[name]).join(' | ')}\n`)
    for (const row of rows)
      process.stdout.write(`${names.map((name) => row[name] ?? '–').join(' | ')}\n`)
  }
}
