import { parseArgs } from 'node:util'
import { Plant, pause, until } from '../test/cluster/plant.js'
import { DealingBroker } from '../test/support/dealing-broker.js'
import { mulberry } from '../test/support/mulberry.js'
import { RabbitMq } from '../test/support/rabbitmq.js'
import { Redis } from '../test/support/redis.js'
import { machine } from './machine.js'
import { percentile } from './percentile.js'

// kill -9 of one of two bridges that share their devices, over and over, on a real RabbitMQ and a real Redis: what a
// consumer gets, and how long it takes until nothing is late any more.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '2000' },
    devices: { type: 'string', default: '1000' },
    partitions: { type: 'string', default: '32' },
    /** amqp: queues of a real RabbitMQ; mqtt: topics of a broker in this process that hashes. */
    frames: { type: 'string', default: 'amqp' },
    json: { type: 'boolean', default: false },
  },
})
const [kills, seed, rate, devices, partitions] = [
  values.kills,
  values.seed,
  values.rate,
  values.devices,
  values.partitions,
].map(Number) as [number, number, number, number, number]

/** A reading that took longer was held up. */
const LATE_MS = 1000
const random = mulberry(seed)
const [broker, redis] = await Promise.all([startBroker(), Redis.start()])
const byTopics = values.frames === 'mqtt'
const plant = await Plant.build({
  ...broker.ways,
  redis,
  group: 'kills',
  devices,
  rate,
  partitions,
})
const ends: { readonly from: number; to: number }[] = []
try {
  await plant.start('b1')
  await plant.warmUp()
  await plant.start('b2')
  plant.run()
  await pause(8000)
  for (let n = 0; n < kills; n++) {
    const victim = n % 2 === 0 ? 'b1' : 'b2'
    const from = performance.now()
    await plant.bridge(victim).end('SIGKILL')
    await pause(4000 + random() * 2000)
    ends.push({ from, to: performance.now() })
    await plant.start(victim)
    // Until it has its share again, so that the next kill costs as much. Topics hash as they like.
    const share = byTopics ? 1 : Math.floor(partitions / 2)
    await until(() => plant.owned(victim) >= share, 60_000)
    await pause(1000)
  }
  await plant.settle()
  const { lost, wrong, twoFaced, disordered, repeated, readings, uncertain } = plant.complaints()
  const late = plant.latencies().filter(({ ms }) => ms > LATE_MS)
  const recoveries = ends.map(({ from, to }) =>
    Math.max(0, ...late.filter(({ at }) => at > from && at < to).map(({ at }) => at - from)),
  )
  const gaps = ends.map(({ from, to }) => longestGap(plant.arrivals, from, to))
  const figures = {
    kills,
    by: values.frames,
    seed,
    rate,
    devices,
    frames: plant.frames,
    readings,
    lost: lost.length,
    wrong: wrong.length,
    twoFaced: twoFaced.length,
    disordered: disordered.length,
    uncertain,
    keyframesRequested: plant.requests,
    repeated,
    fullFlowP50Ms: Math.round(percentile(recoveries, 0.5)),
    fullFlowMostMs: Math.round(Math.max(...recoveries)),
    longestSilenceMs: Math.round(Math.max(...gaps)),
    latencyP50Ms: Math.round(
      percentile(
        plant.latencies().map(({ ms }) => ms),
        0.5,
      ),
    ),
    machine: machine(),
  }
  const faults = lost.length + wrong.length + twoFaced.length + disordered.length
  const ok = faults + uncertain + plant.requests === 0
  if (values.json) console.log(JSON.stringify({ ...figures, ok }))
  else {
    for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`)
    for (const complaint of [...lost, ...wrong, ...twoFaced, ...disordered].slice(0, 20))
      console.log(complaint)
  }
  process.exitCode = ok ? 0 : 1
} finally {
  await plant.close()
  await Promise.all([broker.stop(), redis.stop()])
}

/** Where frames and readings go, and how bridges get the frames there. */
async function startBroker() {
  if (values.frames === 'mqtt') {
    const dealing = await DealingBroker.start()
    const ways = { mqttUrl: dealing.url, frames: { mqtt: 'broker' } } as const
    return { ways, stop: () => dealing.close() }
  }
  const rabbit = await RabbitMq.start()
  const ways = { mqttUrl: rabbit.mqttUrl, frames: { amqp: rabbit.amqpUrl } }
  return { ways, stop: () => rabbit.stop() }
}

function longestGap(times: readonly number[], from: number, to: number): number {
  let longest = 0
  let before = from
  for (const at of times) {
    if (at < from || at > to) continue
    longest = Math.max(longest, at - before)
    before = at
  }
  return longest
}
