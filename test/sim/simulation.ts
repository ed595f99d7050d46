import {
  breakersClosed,
  checkAtRest,
  checkCounters,
  checkDelivered,
  checkHealed,
} from './invariants.js'
import type { Plan } from './plan.js'
import { type Violation, World } from './world.js'

export interface Outcome {
  readonly seed: number
  readonly violation: Violation | undefined
  readonly traceHash: string
  readonly trace: readonly string[]
  readonly events: number
  readonly frames: number
  readonly deliveries: number
  readonly repeats: number
  /** Simulated hours of the world, and of all its devices together. */
  readonly hours: number
  readonly deviceHours: number
  /** The readings of each device as they were delivered, in their order. */
  readonly readings: ReadonlyMap<string, readonly string[]>
}

/** The longest that a breaker stays open, jitter included, and the sweep that sees that it is over. */
const HEALED_MS = 1.1 * 10 * 60_000 + 2000
/** Frames that seem late, a breaker about to open, three probes, and the phase. */
const HEALED_INTERVALS = 8
const MORE_ROUNDS = 2
const REST_MS = 10_000
const LONGEST_END_MS = 10_000
const CHECK_MS = 10_000

/** Runs one world through its faults, heals it, and says what was violated, if anything was. */
export async function simulate(plan: Plan): Promise<Outcome> {
  const world = new World(plan)
  const onRejection = (error: unknown) => world.violated(`I10: unhandled rejection: ${error}`)
  process.on('unhandledRejection', onRejection)
  try {
    await runThrough(world)
  } catch (error) {
    world.violated(`the simulation broke: ${error instanceof Error ? error.stack : error}`)
  } finally {
    process.off('unhandledRejection', onRejection)
  }
  return outcomeOf(world)
}

async function runThrough(world: World): Promise<void> {
  let nextCheck = CHECK_MS
  const afterEach = () => {
    if (world.agenda.now < nextCheck) return
    nextCheck = world.agenda.now + CHECK_MS
    checkCounters(world)
  }
  const pass = (ms: number) => world.run(world.agenda.now + ms, afterEach)
  for (const stage of stages) {
    await stage(world, pass)
    // A world that stands still at a violation is neither healed nor at rest.
    if (world.violation) return
  }
}

/** Lets time pass, up to the first violation. */
type Pass = (ms: number) => Promise<void>

const stages: readonly ((world: World, pass: Pass) => Promise<void>)[] = [
  suffer,
  recover,
  rest,
  end,
]

async function suffer(world: World, pass: Pass): Promise<void> {
  world.begin()
  await pass(world.plan.horizonMs)
}

async function recover(world: World, pass: Pass): Promise<void> {
  world.heal()
  const slowest = Math.max(...world.plan.devices.map(({ node }) => node.intervalMs))
  const healingMs = HEALED_MS + HEALED_INTERVALS * slowest
  await pass(healingMs)
  // A breaker that opens once more on account of old failures gets its time as well, but not for ever.
  for (let more = 0; more < MORE_ROUNDS && !breakersClosed(world); more++) await pass(healingMs)
  checkHealed(world)
}

async function rest(world: World, pass: Pass): Promise<void> {
  world.hush()
  await pass(REST_MS)
  checkAtRest(world)
}

/** A clean end: it must come, and leave nothing open. */
async function end(world: World, pass: Pass): Promise<void> {
  world.end('restart')
  await pass(LONGEST_END_MS)
  checkDelivered(world)
}

function outcomeOf(world: World): Outcome {
  const hours = world.agenda.now / 3_600_000
  return {
    seed: world.plan.seed,
    violation: world.violation,
    traceHash: world.trace.hash,
    trace: world.trace.lines,
    events: world.agenda.fired,
    frames: world.devices.reduce((sum, { node }) => sum + node.counters.frames, 0),
    deliveries: world.subscriber.deliveries,
    repeats: world.subscriber.repeats,
    readings: world.subscriber.readings,
    hours,
    deviceHours: hours * world.devices.length,
  }
}
