import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Plant, until } from '../test/cluster/plant.js'
import { RabbitMq } from '../test/support/rabbitmq.js'
import { Redis } from '../test/support/redis.js'
import { CpuQuota } from './cpu-quota.js'
import { machine } from './machine.js'

// What it costs to share devices: the same frames, waiting at the broker, taken by 1, 2, 4 … bridges. Processor time of a
// frame says whether bridges stand in each other's way, also where broker or machine are the limit; as many bridges that
// share nothing say how much of it is for the machine, on which two processes are each slower than one. With `--quota` each
// bridge gets that share of a processor and no more, as if it were a small machine of its own.
const { values } = parseArgs({
  options: {
    bridges: { type: 'string', default: '1,2,4' },
    devices: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '60' },
    partitions: { type: 'string', default: '16' },
    quota: { type: 'string' },
    /** Lets also two bridges carry them that share nothing. */
    apart: { type: 'boolean', default: false },
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

// What was started is ended with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
const [rabbit, redis] = await Promise.all([RabbitMq.start(), Redis.start()])
const ways = { mqttUrl: rabbit.mqttUrl, frames: { amqp: rabbit.amqpUrl } }
const figures: Awaited<ReturnType<typeof measure>>[] = []
try {
  for (const count of values.bridges.split(',').map(Number)) {
    figures.push(await measure(1, count))
    if (values.apart && count === 2) figures.push(await measure(2, 1))
  }
} finally {
  await Promise.all([rabbit.stop(), redis.stop()])
}
const figureOf = (groups: number, bridges: number) =>
  figures.find((figure) => figure.groups === groups && figure.bridges === bridges)
const [one, two, apart] = [figureOf(1, 1), figureOf(1, 2), figureOf(2, 2)]
const ofTwo = one &&
  two && {
    /** What a frame costs two bridges that share their devices, in what it costs one, and two that share nothing. */
    costOfTwo: two.processorUsPerFrame / one.processorUsPerFrame,
    ...(apart && { costOfSharing: two.processorUsPerFrame / apart.processorUsPerFrame }),
    /** How many frames two carry, in what one carries. */
    framesOfTwo: two.framesPerSecond / one.framesPerSecond,
  }
if (values.json)
  console.log(JSON.stringify({ devices, partitions, ...ofTwo, figures, machine: machine() }))
else {
  console.log(`machine: ${machine()}`)
  console.table(figures)
  if (ofTwo) console.log(ofTwo)
}

/**
 * So many groups of so many bridges, each with its share of all devices. All bridges are there, each with its partitions,
 * and all devices are known; then they get what they have to do at once.
 */
async function measure(groups: number, each: number) {
  const plants: Plant[] = []
  const quotas: CpuQuota[] = []
  try {
    const pids: number[] = []
    for (let n = 0; n < groups; n++) {
      const group = `scale-${groups}-${each}-${n}`
      const share = { devices: devices / groups, rate: 0, partitions }
      const plant = await Plant.build({ ...ways, redis, group, ...share })
      plants.push(plant)
      pids.push(...(await manned(plant, each)))
    }
    const first = Math.ceil((WARM_UP * pids.length) / devices)
    await Promise.all(plants.map((plant) => carry(plant, first)))
    if (quota !== undefined) quotas.push(...pids.map((pid) => new CpuQuota(pid, quota)))
    const before = pids.map(processorMs)
    const began = performance.now()
    await Promise.all(plants.map((plant) => carry(plant, rounds)))
    const ms = performance.now() - began
    const spent = pids.map((pid, n) => processorMs(pid) - (before[n] ?? 0))
    const all = spent.reduce((sum, ms) => sum + ms, 0)
    const frames = devices * rounds
    return {
      groups,
      bridges: groups * each,
      frames,
      framesPerSecond: Math.round((frames / ms) * 1000),
      processorUsPerFrame: Math.round((all / frames) * 1000),
      busiestShare: Number((Math.max(...spent) / all).toFixed(2)),
      framesPerCoreSecond: Math.round((frames / all) * 1000),
      stateBytes: await plants[0]?.stateBytes(),
      rssMiB: Math.round(Math.max(...pids.map(residentBytes)) / 2 ** 20),
    }
  } finally {
    for (const plant of plants) await plant.close()
    for (const one of quotas) one.end()
  }
}

/** Starts a plant's bridges; resolves to their processes once each has its share, and all devices are known. */
async function manned(plant: Plant, count: number): Promise<number[]> {
  const ids = Array.from({ length: count }, (_, n) => `b${n}`)
  const bridges = []
  for (const id of ids) bridges.push(await plant.start(id))
  await plant.warmUp()
  const least = Math.floor(partitions / count)
  await until(() => ids.every((id) => plant.owned(id) >= least), 120_000)
  return bridges.map(({ pid }) => pid ?? 0)
}

/** All devices send so many frames; resolves once the consumer has a reading of each. */
async function carry(plant: Plant, frames: number): Promise<void> {
  const from = plant.arrivals.length
  await plant.send(frames)
  const all = plant.nodes.length * frames
  await plant.observer.until(({ length }) => length >= from + all, 120_000)
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
