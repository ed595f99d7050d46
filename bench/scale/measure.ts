import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompactEncoder } from '../../src/alec/index.js'
import { Bridge } from '../../src/bridge.js'
import { type Configuration, checkConfiguration } from '../../src/config/index.js'
import { BridgeMemory } from '../../src/control/index.js'
import { diskFiles } from '../../src/journal/index.js'
import { MemorySource } from '../../src/transport/index.js'
import { rounded } from '../figures.js'
import { Sink } from '../leak/sink.js'
import { SteppedClock } from '../leak/stepped-clock.js'
import { quietLog, restingGauge } from '../quiet.js'
import { TimedClock } from './timed-clock.js'

export interface FleetPlan {
  readonly devices: number
  /** Of each device, before its memory is weighed. */
  readonly framesEach: number
  /** Of all devices together, after that. */
  readonly timedFrames: number
  readonly journal: boolean
  /** Each device loses a frame and has not recovered when it is weighed. */
  readonly lossy: boolean
}

export interface FleetFigures {
  readonly devices: number
  readonly rssMiB: number
  /** Heap and buffers, beyond ids and configuration. */
  readonly bytesUnheard: number
  readonly bytesHeard: number
  /** That were timed. */
  readonly frames: number
  readonly nsPerFrame: number
  /** All that one second brings beside frames. */
  readonly sweepMs: number
  /** The longest that a timer held the event loop up meanwhile. */
  readonly heldMs: number
  /** The same where nobody sends and no status is due. */
  readonly idleSweepMs: number
  readonly birthMs: number
  readonly snapshotMs?: number
  /** The longest that it held the event loop up. */
  readonly snapshotHeldMs?: number
  readonly snapshotKiB?: number
}

const INTERVAL_S = 10
/** Each sends once in an interval. */
const STEPS = INTERVAL_S
const CHUNK = 1000
const MIB = 2 ** 20

function configurationOf(ids: readonly string[]): Configuration {
  const outcome = checkConfiguration(
    {
      version: 1,
      broker: { url: 'mqtt://sink' },
      journal: { max_size: '1GiB' },
      models: {
        climate: {
          frames: 'compact',
          interval: `${INTERVAL_S}s`,
          channels: [
            { name: 'temperature', quantity: 'temperature', resolution: 0.1, max_step: 2 },
            { name: 'humidity', quantity: 'relative_humidity', resolution: 0.5 },
            { name: 'pressure', min: 300, max: 1100, resolution: 0.1 },
            { name: 'battery', min: 0, max: 5, resolution: 0.01 },
          ],
        },
      },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: { 'device-0': { model: 'climate' } },
    },
    { cwd: '/', hostName: 'scale' },
  )
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  const { configuration } = outcome
  const devices = new Map(ids.map((id) => [id, { id, model: 'climate' }]))
  return { ...configuration, devices }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Live bytes of heap and buffers. */
function weight(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** Builds the fleet, lets all of it send, and weighs and times it. */
export async function measureFleet(plan: FleetPlan): Promise<FleetFigures> {
  const ids = Array.from({ length: plan.devices }, (_, n) => `device-${n}`)
  const configuration = configurationOf(ids)
  const directory = mkdtempSync(join(tmpdir(), 'alec-scale-'))
  const stepped = new SteppedClock()
  const clock = new TimedClock(stepped)
  const memory = plan.journal
    ? await BridgeMemory.open({
        directory,
        files: diskFiles,
        clock,
        machine: { bootId: '', uptimeMs: () => clock.mono(), wallTrusted: () => true },
        durability: { kind: 'os' },
        maxBytes: 1024 * MIB,
        log: quietLog,
      })
    : undefined
  const door = new MemorySource({ clock })
  const before = weight()
  const bridge = new Bridge({
    configuration,
    version: '0',
    clock,
    random: () => 0.5,
    log: quietLog,
    memory,
    gauge: restingGauge,
    sources: [door],
    brokerDoor: () => new Sink(),
  })
  const course = new Course(plan, ids, { stepped, clock }, door, () => memory?.journal.flush())
  const began = performance.now()
  await bridge.start()
  await turn()
  stepped.advance(1000)
  const birthMs = performance.now() - began
  const unheard = weight()
  // All code is compiled by then.
  await course.warmUp()
  for (let round = 0; round < plan.framesEach; round++) await course.round()
  const snapshot = memory && (await takeSnapshot(bridge, memory))
  const heard = weight()
  course.startTiming()
  while (course.frames < plan.timedFrames) await course.round()
  const times = course.times()
  const idleSweepMs = course.idleSweep()
  const { rss } = process.memoryUsage()
  const figures: FleetFigures = {
    devices: plan.devices,
    rssMiB: rounded(rss / MIB),
    bytesUnheard: rounded((unheard - before) / plan.devices),
    bytesHeard: rounded((heard - before) / plan.devices),
    ...times,
    idleSweepMs: rounded(idleSweepMs, 2),
    birthMs: rounded(birthMs, 1),
    ...snapshot,
  }
  const stopped = bridge.stop()
  for (let step = 0; step < 100; step++) {
    stepped.advance(100)
    await turn()
  }
  await stopped
  await memory?.close()
  rmSync(directory, { recursive: true, force: true })
  return figures
}

/** Saves what is known of all devices, as the bridge does each minute. */
async function takeSnapshot(
  { fleet }: Bridge,
  { snapshots, journal, clock }: BridgeMemory,
): Promise<Partial<FleetFigures>> {
  const began = performance.now()
  const times = { mono: clock.mono(), wall: clock.wall() }
  const devices = fleet.picture()
  let held = performance.now() - began
  let isSaving = true
  const saving = snapshots.save({
    ordinal: journal.lastOrdinal,
    ...times,
    devices,
    done: () => devices.end(),
  })
  void saving.then(() => {
    isSaving = false
  })
  while (isSaving) {
    const before = performance.now()
    await turn()
    held = Math.max(held, performance.now() - before)
  }
  const outcome = await saving
  if (!outcome.ok) throw new Error(outcome.message)
  return {
    snapshotMs: rounded(performance.now() - began, 1),
    snapshotHeldMs: rounded(held, 1),
    snapshotKiB: rounded(outcome.bytes / 1024),
  }
}

/** All devices send the same frames, so that no encoder of theirs is in the figures. */
class Course {
  frames = 0
  #frameMs = 0
  #sweeps: number[] = []
  readonly #plan: FleetPlan
  readonly #ids: readonly string[]
  readonly #clocks: { readonly stepped: SteppedClock; readonly clock: TimedClock }
  readonly #door: MemorySource
  readonly #flush: () => Promise<void> | undefined
  readonly #encoder = new CompactEncoder({ channels: 4 })
  #rounds = 0

  constructor(
    plan: FleetPlan,
    ids: readonly string[],
    clocks: { readonly stepped: SteppedClock; readonly clock: TimedClock },
    door: MemorySource,
    flush: () => Promise<void> | undefined,
  ) {
    this.#plan = plan
    this.#ids = ids
    this.#clocks = clocks
    this.#door = door
    this.#flush = flush
  }

  /** The first devices alone, as many frames as compile everything; small fleets need more rounds for it. */
  async warmUp(): Promise<void> {
    const rounds = Math.ceil(Math.min(20_000, this.#plan.timedFrames) / this.#ids.length)
    for (let round = 0; round < rounds; round++) await this.round()
  }

  startTiming(): void {
    this.frames = 0
    this.#frameMs = 0
    this.#sweeps = []
    this.#clocks.clock.takeLongestMs()
  }

  /** One frame of every device, spread over its interval. */
  async round(): Promise<void> {
    const frame = this.#nextFrame()
    const share = Math.ceil(this.#ids.length / STEPS)
    for (let step = 0; step < STEPS; step++) {
      const group = this.#ids.slice(step * share, (step + 1) * share)
      for (let from = 0; from < group.length; from += CHUNK) {
        const began = performance.now()
        for (const id of group.slice(from, from + CHUNK)) this.#door.deliver(id, frame)
        await this.#flush()
        await turn()
        this.#frameMs += performance.now() - began
      }
      this.frames += group.length
      this.#sweep()
      await turn()
    }
  }

  /** Milliseconds of a second in which nothing is new. */
  idleSweep(): number {
    // What the last frames have left to say is said by then.
    for (let second = 0; second < 8; second++) this.#sweep()
    this.#sweeps = []
    this.#sweep()
    return this.#sweeps[0] ?? 0
  }

  times(): Pick<FleetFigures, 'frames' | 'nsPerFrame' | 'sweepMs' | 'heldMs'> {
    const sum = this.#sweeps.reduce((total, ms) => total + ms, 0)
    return {
      frames: this.frames,
      nsPerFrame: rounded((this.#frameMs * 1e6) / this.frames),
      sweepMs: rounded(sum / this.#sweeps.length, 2),
      heldMs: rounded(this.#clocks.clock.takeLongestMs(), 1),
    }
  }

  #sweep(): void {
    const began = performance.now()
    this.#clocks.stepped.advance(1000)
    this.#sweeps.push(performance.now() - began)
  }

  #nextFrame(): Uint8Array {
    const n = this.#rounds++
    const wave = Math.sin(n / 40)
    const encode = () =>
      this.#encoder.encode([
        Math.round(200 + 50 * wave) / 10,
        Math.round(100 + 40 * wave) / 2,
        Math.round(10_130 + 100 * wave) / 10,
        Math.round(370 + 20 * wave) / 100,
      ])
    if (this.#plan.lossy && n % 10 === 8) encode()
    return encode()
  }
}
