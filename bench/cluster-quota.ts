import { parseArgs } from 'node:util'
import { RabbitMq } from '../test/support/rabbitmq.js'
import { Redis } from '../test/support/redis.js'
import { manned } from './cluster/crew.js'
import { LimitedCrew, type QuotaWindow } from './cluster/limited-crew.js'
import { Deadline } from './deadline.js'
import { type Figures, printFigures, rounded } from './figures.js'
import { percentile } from './percentile.js'

// How many frames two bridges carry in what one carries, each with the same small share of a processor, as if it were a
// small machine of its own. More frames than all of them can carry wait at the broker for the whole of a window, so that
// what is counted is what bridges can do, however unevenly the broker's hash deals devices. One bridge and two, which have
// nothing to do with each other, are counted at the same time, so that what else happens on the machine happens to both.
const { values } = parseArgs({
  options: {
    quota: { type: 'string', default: '0.1' },
    devices: { type: 'string', default: '1000' },
    partitions: { type: 'string', default: '32' },
    /** Windows, one after the other. */
    turns: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '20' },
    /** It may take so long in all. */
    minutes: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
})
const [quota, devices, partitions, turns, seconds] = [
  values.quota,
  values.devices,
  values.partitions,
  values.turns,
  values.seconds,
].map(Number) as [number, number, number, number, number]

/** A bridge that had a pause in so many of the periods of its quota was busy all the time. */
const BUSY = 0.95

const deadline = new Deadline(Number(values.minutes))
deadline.await('broker and store to start')
const [rabbit, redis] = await Promise.all([RabbitMq.start(), Redis.start()])
const crews: LimitedCrew[] = []
try {
  const ways = { mqttUrl: rabbit.mqttUrl, frames: { amqp: rabbit.amqpUrl }, redis }
  for (const bridges of [1, 2]) {
    const group = `quota-${bridges}`
    const share = { ...ways, group, devices, rate: 0, partitions }
    const crew = await manned(share, bridges, (...awaited) => deadline.await(...awaited))
    crews.push(new LimitedCrew(crew, quota))
  }
  const windows: QuotaWindow[] = []
  const progress = () => crews.map((crew) => crew.progress).join('; ')
  for (let turn = 0; turn < turns; turn++) {
    deadline.await(`window ${turn + 1} of ${turns}: the broker to have all frames`, progress)
    await Promise.all(crews.map((crew) => crew.gather(seconds * 1000)))
    deadline.await(`window ${turn + 1} of ${turns}: bridges to carry all frames`, progress)
    windows.push(...(await Promise.all(crews.map((crew) => crew.count(seconds * 1000)))))
  }
  const of = (bridges: number) => windows.filter((window) => window.bridges === bridges)
  const [ones, twos] = [of(1), of(2)]
  const times = ones.map((one, n) => (twos[n]?.framesPerSecond ?? 0) / one.framesPerSecond)
  const median = (of: readonly number[]) => percentile(of, 0.5)
  const figures: Figures = {
    quota,
    devices,
    partitions,
    turns,
    seconds,
    framesPerSecondOfOne: Math.round(median(ones.map((one) => one.framesPerSecond))),
    framesPerSecondOfTwo: Math.round(median(twos.map((two) => two.framesPerSecond))),
    framesOfTwo: rounded(median(times), 2),
    framesOfTwoLeast: rounded(Math.min(...times), 2),
    framesOfTwoMost: rounded(Math.max(...times), 2),
    usPerFrameOfOne: rounded(median(ones.map((one) => one.usPerFrame)), 1),
    usPerFrameOfTwo: rounded(median(twos.map((two) => two.usPerFrame)), 1),
    processorOfBridge: rounded(median(windows.flatMap((window) => window.processors)), 3),
    busyLeast: rounded(Math.min(...windows.flatMap((window) => window.busy)), 2),
    machineBusyMost: rounded(Math.max(...windows.map((window) => window.machine)), 2),
    driverMost: rounded(Math.max(...windows.map((window) => window.driver)), 2),
    waitingLeast: Math.min(...windows.map((window) => window.waiting)),
    busiestShareOfFrames: rounded(median(twos.map((two) => two.busiestShare)), 2),
    busiestShareOfDevices: rounded(crews[1]?.busiestShareOfDevices ?? Number.NaN, 2),
  }
  const idle = windows.filter(({ busy, waiting }) => Math.min(...busy) < BUSY || waiting === 0)
  const failures = idle.map(({ bridges }) => `a window in which one of ${bridges} bridges was idle`)
  printFigures(figures, failures, values.json)
} finally {
  deadline.await('bridges to end')
  for (const crew of crews) await crew.close()
  await Promise.all([rabbit.stop(), redis.stop()])
}
