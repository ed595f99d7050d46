import { parseArgs } from 'node:util'
import { RabbitMq } from '../test/support/rabbitmq.js'
import { Redis } from '../test/support/redis.js'
import { type Crew, carry, manned, type OnAwaited } from './cluster/crew.js'
import { Deadline } from './deadline.js'
import { machine } from './machine.js'
import { cpuMs, residentMiB } from './process-cost.js'

// What it costs to share devices: the same frames, waiting at the broker, taken by 1, 2, 4 … bridges as fast as broker and
// machine let them. Processor time of a frame says whether bridges stand in each other's way, also where broker or machine
// are the limit; as many bridges that share nothing say how much of it is for the machine, on which two processes are each
// slower than one. What bridges carry that are the limit themselves is for `cluster-quota`.
const { values } = parseArgs({
  options: {
    bridges: { type: 'string', default: '1,2,4' },
    devices: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '60' },
    partitions: { type: 'string', default: '16' },
    /** Lets also two bridges carry them that share nothing. */
    apart: { type: 'boolean', default: false },
    /** It may take so long in all. */
    minutes: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
})
const [devices, rounds, partitions] = [values.devices, values.rounds, values.partitions].map(
  Number,
) as [number, number, number]

const deadline = new Deadline(Number(values.minutes))
deadline.await('broker and store to start')
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
  const crews: Crew[] = []
  try {
    for (let n = 0; n < groups; n++) {
      const share = { devices: devices / groups, rate: 0, partitions }
      const group = `scale-${groups}-${each}-${n}`
      const onAwaited: OnAwaited = (...awaited) => deadline.await(...awaited)
      crews.push(await manned({ ...ways, redis, group, ...share }, each, onAwaited))
    }
    deadline.await(`${groups} × ${each} bridges to carry what is measured`, () =>
      crews.map(({ plant }) => plant.progress).join('; '),
    )
    const pids = crews.flatMap((crew) => crew.pids)
    const before = pids.map(cpuMs)
    const began = performance.now()
    await Promise.all(crews.map((crew) => carry(crew, rounds)))
    const ms = performance.now() - began
    const spent = pids.map((pid, n) => cpuMs(pid) - (before[n] ?? 0))
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
      stateBytes: await crews[0]?.plant.stateBytes(),
      rssMiB: Math.round(Math.max(...pids.map(residentMiB))),
    }
  } finally {
    deadline.await(`${groups} × ${each} bridges to end`)
    for (const { plant } of crews) await plant.close()
  }
}
