import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Plant, until } from '../test/cluster/plant.js'
import { RabbitMq } from '../test/support/rabbitmq.js'
import { Redis } from '../test/support/redis.js'
import { CpuQuota } from './cpu-quota.js'
import { machine } from './machine.js'

// What it costs to share devices: the same frames, waiting at the broker, taken by 1, 2, 4 … bridges. Processor time of a
// frame says whether bridges stand in each other's way, also where broker or machine are the limit. With `--quota` each
// bridge gets that share of a processor and no more, as if it were a small machine of its own.
const { values } = parseArgs({
  options: {
    bridges: { type: 'string', default: '1,2,4' },
    devices: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '60' },
    partitions: { type: 'string', default: '16' },
    quota: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const [devices, rounds, partitions] = [values.devices, values.rounds, values.partitions].map(
  Number,
) as [number, number, number]

/** Frames of each bridge until all of its code is compiled, which takes a bridge half a second of its processor. */
const WARM_UP = 10_000
const quota = values.quota === undefined ? undefined : Number(values.quota)

/** Linux counts in hundredths of a second. */
const TICK_MS = 10

const [rabbit, redis] = await Promise.all([RabbitMq.start(), Redis.start()])
const ways = { mqttUrl: rabbit.mqttUrl, frames: { amqp: rabbit.amqpUrl } }
const figures: Awaited<ReturnType<typeof measure>>[] = []
try {
  for (const count of values.bridges.split(',').map(Number)) figures.push(await measure(count))
} finally {
  await Promise.all([rabbit.stop(), redis.stop()])
}
const [one, two] = [1, 2].map((count) => figures.find(({ bridges }) => bridges === count))
const ofTwo = one &&
  two && {
    /** What a frame costs two bridges, and how many of them they carry, in what it is for one. */
    costOfTwo: two.processorUsPerFrame / one.processorUsPerFrame,
    framesOfTwo: two.framesPerSecond / one.framesPerSecond,
  }
if (values.json)
  console.log(JSON.stringify({ devices, partitions, ...ofTwo, figures, machine: machine() }))
else {
  console.log(`machine: ${machine()}`)
  console.table(figures)
  if (ofTwo) console.log(ofTwo)
}

/** All bridges are there, each with its share, and all devices are known; then they get what they have to do at once. */
async function measure(count: number) {
  const group = `scale-${count}`
  const plant = await Plant.build({ ...ways, redis, group, devices, rate: 0, partitions })
  const quotas: CpuQuota[] = []
  try {
    const ids = Array.from({ length: count }, (_, n) => `b${n}`)
    const bridges = []
    for (const id of ids) bridges.push(await plant.start(id))
    await plant.warmUp()
    const least = Math.floor(partitions / count)
    await until(() => ids.every((id) => plant.owned(id) >= least), 120_000)
    const pids = bridges.map(({ pid }) => pid ?? 0)
    await carry(plant, Math.ceil((WARM_UP * count) / devices))
    if (quota !== undefined) quotas.push(...pids.map((pid) => new CpuQuota(pid, quota)))
    const before = pids.map(processorMs)
    const from = plant.arrivals.length
    const frames = await carry(plant, rounds)
    const spent = pids.map((pid, n) => processorMs(pid) - (before[n] ?? 0))
    const all = spent.reduce((sum, ms) => sum + ms, 0)
    const ms = (plant.arrivals.at(-1) ?? 0) - (plant.arrivals[from] ?? 0)
    const states = await plant.stateBytes()
    return {
      bridges: count,
      frames,
      framesPerSecond: Math.round((frames / ms) * 1000),
      processorUsPerFrame: Math.round((all / frames) * 1000),
      busiestShare: Number((Math.max(...spent) / all).toFixed(2)),
      framesPerCoreSecond: Math.round((frames / all) * 1000),
      stateBytes: states,
      rssMiB: Math.round(Math.max(...pids.map(residentBytes)) / 2 ** 20),
    }
  } finally {
    await plant.close()
    for (const one of quotas) one.end()
  }
}

/** Every device sends so many frames at once; resolves to how many in all when their readings have come. */
async function carry(plant: Plant, each: number): Promise<number> {
  const from = plant.arrivals.length
  await plant.send(each)
  const frames = devices * each
  await plant.observer.until(({ length }) => length >= from + frames, 120_000)
  return frames
}

function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [, , , , , , , , , , , user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return (user + system) * TICK_MS
}

function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? 0) * 1024
}
