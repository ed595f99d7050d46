import { parseArgs } from 'node:util'
import { RabbitMq } from '../test/support/rabbitmq.js'
import { Redis } from '../test/support/redis.js'
import { type Crew, carry, manned } from './cluster/crew.js'
import { Deadline } from './deadline.js'
import { rounded } from './figures.js'
import { machine } from './machine.js'
import { percentile } from './percentile.js'
import { cpuMs, residentMiB } from './process-cost.js'

// What it costs to share devices: the same frames, waiting at the broker, taken by 1, 2, 4 … bridges as fast as broker and
// machine let them. Processor time of a frame says whether bridges stand in each other's way, also where broker or machine
// are the limit; as many bridges that share nothing say how much of it is for the machine, on which two processes are each
// slower than one. All bridges are there all the time and take turns, so that what else happens on the machine happens to
// all of them. What bridges carry that are the limit themselves is for `cluster-quota`.
const { values } = parseArgs({
  options: {
    bridges: { type: 'string', default: '1,2,4' },
    devices: { type: 'string', default: '200' },
    /** Frames of each device in a turn. */
    rounds: { type: 'string', default: '60' },
    turns: { type: 'string', default: '3' },
    partitions: { type: 'string', default: '16' },
    /** Lets also two bridges carry them that share nothing. */
    apart: { type: 'boolean', default: false },
    /** It may take so long in all. */
    minutes: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
  },
})
const [devices, rounds, turns, partitions] = [
  values.devices,
  values.rounds,
  values.turns,
  values.partitions,
].map(Number) as [number, number, number, number]

/** So many groups of so many bridges, each with its share of all devices, and what they have carried. */
interface Party {
  readonly groups: number
  readonly each: number
  readonly crews: readonly Crew[]
  readonly turns: Turn[]
}

interface Turn {
  readonly ms: number
  /** Processor time of each bridge. */
  readonly spent: readonly number[]
}

const deadline = new Deadline(Number(values.minutes))
deadline.await('broker and store to start')
const [rabbit, redis] = await Promise.all([RabbitMq.start(), Redis.start()])
const ways = { mqttUrl: rabbit.mqttUrl, frames: { amqp: rabbit.amqpUrl } }
const crews: Crew[] = []
const parties: Party[] = []
try {
  for (const count of values.bridges.split(',').map(Number)) {
    parties.push(await partyOf(1, count))
    if (values.apart && count === 2) parties.push(await partyOf(2, 1))
  }
  for (let turn = 0; turn < turns; turn++)
    for (const party of parties) party.turns.push(await turnOf(party))
  const [one, two, apart] = [found(1, 1), found(1, 2), found(2, 1)]
  const ofTwo = one &&
    two && {
      /** What a frame costs two bridges that share their devices, in what it costs one, and two that share nothing. */
      costOfTwo: timesOf(two, one),
      ...(apart && { costOfSharing: timesOf(two, apart) }),
    }
  const figures = await Promise.all(parties.map(figuresOf))
  if (values.json)
    console.log(
      JSON.stringify({ devices, partitions, turns, ...ofTwo, figures, machine: machine() }),
    )
  else {
    console.log(`machine: ${machine()}`)
    console.table(figures)
    if (ofTwo) console.log(ofTwo)
  }
} finally {
  deadline.await('bridges to end')
  for (const { plant } of crews) await plant.close()
  await Promise.all([rabbit.stop(), redis.stop()])
}

/** All bridges are there, each with its partitions, and all devices are known. */
async function partyOf(groups: number, each: number): Promise<Party> {
  const own: Crew[] = []
  for (let n = 0; n < groups; n++) {
    const share = { devices: devices / groups, rate: 0, partitions }
    const group = `scale-${groups}-${each}-${n}`
    const crew = await manned({ ...ways, redis, group, ...share }, each, (...awaited) =>
      deadline.await(...awaited),
    )
    crews.push(crew)
    own.push(crew)
  }
  return { groups, each, crews: own, turns: [] }
}

/** They get what they have to do at once. */
async function turnOf({ groups, each, crews: own, turns: past }: Party): Promise<Turn> {
  const what = `turn ${past.length + 1} of ${turns}: ${groups} × ${each} bridges to carry all frames`
  deadline.await(what, () => own.map(({ plant }) => plant.progress).join('; '))
  const pids = own.flatMap((crew) => crew.pids)
  const before = pids.map(cpuMs)
  const began = performance.now()
  await Promise.all(own.map((crew) => carry(crew, rounds)))
  const ms = performance.now() - began
  return { ms, spent: pids.map((pid, n) => cpuMs(pid) - (before[n] ?? 0)) }
}

function found(groups: number, each: number): Party | undefined {
  return parties.find((party) => party.groups === groups && party.each === each)
}

/** How many times what the other spent a party has spent on as many frames, in the median of the turns. */
function timesOf(party: Party, other: Party): number {
  const times = party.turns.map(({ spent }, n) => sum(spent) / sum(other.turns[n]?.spent ?? []))
  return rounded(percentile(times, 0.5), 2)
}

async function figuresOf({ groups, each, crews: own, turns: past }: Party) {
  const frames = devices * rounds
  const median = (of: (turn: Turn) => number) => percentile(past.map(of), 0.5)
  return {
    groups,
    bridges: groups * each,
    frames: frames * past.length,
    framesPerSecond: Math.round(median(({ ms }) => (frames / ms) * 1000)),
    processorUsPerFrame: Math.round(median(({ spent }) => (sum(spent) / frames) * 1000)),
    busiestShare: rounded(
      median(({ spent }) => Math.max(...spent) / sum(spent)),
      2,
    ),
    framesPerCoreSecond: Math.round(median(({ spent }) => (frames / sum(spent)) * 1000)),
    stateBytes: await own[0]?.plant.stateBytes(),
    rssMiB: Math.round(Math.max(...own.flatMap(({ pids }) => pids.map(residentMiB)))),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}
