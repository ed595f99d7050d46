import { BridgeMemory, type Intake } from '../../src/control/index.js'
import { InputGate } from '../../src/control/input-gate.js'
import { JournaledIntake } from '../../src/control/journaled-intake.js'
import { type OverflowPolicy, overflowPolicy } from '../../src/control/overflow.js'
import {
  compileProfile,
  type DeviceSession,
  Fleet,
  type FleetHandlers,
  type Verdict,
} from '../../src/device/index.js'
import type { JournalDurability, JournalLimits } from '../../src/journal/index.js'
import type { Publication } from '../../src/outputs/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'
import { SimDisk, STATE } from '../support/sim-disk.js'

/** What came out: the key of a reading, or what was named as dropped. */
export interface Said {
  readonly device: string
  readonly epoch: number
  readonly seq: number
  readonly text: string
}

/** A broker that takes what there is room for, and acknowledges when it is told to. */
export class ScriptedOutlet {
  open = true
  /** Acknowledges at once. */
  prompt = true
  readonly said: Said[] = []
  readonly dropped: string[] = []
  #waiting: (() => void)[] = []

  publish = ({ topic, payload }: Publication, settled?: () => void): void => {
    if (topic === 'dropped') this.dropped.push(String(payload))
    else this.said.push(JSON.parse(String(payload)))
    if (this.prompt) settled?.()
    else if (settled) this.#waiting.push(settled)
  }

  room = (): boolean => this.open

  /** The oldest so many are acknowledged. */
  acknowledge(count = Number.POSITIVE_INFINITY): void {
    for (const settled of this.#waiting.splice(0, count)) settled()
  }

  /** What was on its way is lost. */
  forget(): void {
    this.#waiting = []
  }
}

export interface RigOptions {
  readonly disk?: SimDisk
  readonly clock?: ManualClock
  readonly durability?: JournalDurability
  readonly maxBytes?: number
  readonly overflow?: OverflowPolicy
  readonly thinIntervalMs?: number
  readonly limits?: Partial<JournalLimits>
  /** Default: two. */
  readonly ids?: readonly string[]
  /** Whether these are what is configured now; else they are taken to be what they were. */
  readonly isPlanned?: boolean
}

const DEVICES = ['d1', 'd2']

/** What the devices of a rig send, over all its runs. */
export const measuredDevices = (ids: readonly string[] = DEVICES) =>
  new Map(ids.map((id, i) => [id, new MeasuredDevice('compact', 2, 7 + i)]))

/** One run of a bridge's inside, from the memory to the outlet. */
export class JournalRig {
  readonly disk: SimDisk
  readonly clock: ManualClock
  readonly outlet = new ScriptedOutlet()
  readonly gate: string[] = []
  readonly asides: Verdict[] = []
  readonly log: string[] = []
  readonly memory: BridgeMemory
  readonly fleet: Fleet
  readonly intake: Intake

  static async start(options: RigOptions = {}): Promise<JournalRig> {
    const disk = options.disk ?? new SimDisk()
    const clock = options.clock ?? new ManualClock()
    const log: string[] = []
    const write = (facts: object, message: string) =>
      log.push(`${message} ${JSON.stringify(facts)}`)
    const { durability = { kind: 'strict' }, maxBytes = 1024 * 1024, limits } = options
    const memory = await BridgeMemory.openUnlocked({
      directory: STATE,
      files: disk,
      clock,
      machine: { bootId: 'b', uptimeMs: () => clock.mono(), wallTrusted: () => true },
      durability,
      maxBytes,
      log: { debug: write, info: write, warn: write, error: write },
      ...(limits && { limits }),
    })
    const rig = new JournalRig(memory, disk, clock, log, options)
    await rig.intake.start()
    return rig
  }

  private constructor(
    memory: BridgeMemory,
    disk: SimDisk,
    clock: ManualClock,
    log: string[],
    {
      overflow = overflowPolicy('drop-oldest', { lines: true, mqtt: true }),
      thinIntervalMs,
      ids = DEVICES,
      isPlanned = false,
    }: RigOptions,
  ) {
    this.memory = memory
    this.disk = disk
    this.clock = clock
    this.log = log
    const { model } = [...measuredDevices().values()][0]!
    const openFleet = (handlers: FleetHandlers) =>
      new Fleet(
        {
          profiles: new Map([['model', compileProfile(model)]]),
          devices: new Map(ids.map((id) => [id, 'model'])),
          policy: { circuit: defaultCircuitPolicy, flood: { ...defaultBucketPolicy, burst: 1e6 } },
          unknownDevices: 'ignore',
          epochBase: memory.epochBase,
          born: { mono: memory.clock.mono(), wall: memory.clock.wall() },
        },
        handlers,
      )
    const fail = (_device: string, error: unknown): never => {
      throw error
    }
    this.fleet = openFleet({
      onVerdict: (verdict, session) => this.intake.verdict(verdict, session),
      onAccepted: () => {},
      onInternalError: fail,
      onObeyed: (outcome) => this.intake.obeyed(outcome),
    })
    const write = (facts: object, message: string) =>
      log.push(`${message} ${JSON.stringify(facts)}`)
    this.intake = new JournaledIntake({
      memory,
      fleet: this.fleet,
      openFleet,
      outlet: this.outlet,
      words: {
        readings: wordsOf,
        dropped: ({ device, fromKey, toKey, count }) => [
          say('dropped', `${device} ${fromKey}…${toKey} ${count}`),
        ],
      },
      aside: (verdict) => this.asides.push(verdict),
      gate: new InputGate([
        {
          suspend: (code) => this.gate.push(`shut: ${code}`),
          resume: () => this.gate.push('open'),
        },
      ]),
      overflow,
      thinIntervalMs,
      ...(isPlanned && { plan: this.fleet.document }),
      clock: memory.clock,
      log: { debug: write, info: write, warn: write, error: write },
    })
  }

  /** A frame comes in, one interval after the last one. */
  send(device: string, measured: MeasuredDevice, taken?: () => void): ReadonlyMap<string, number> {
    this.clock.advance(INTERVAL / this.fleet.size)
    const { clock } = this.memory
    const times = { mono: clock.mono(), wall: clock.wall() }
    const { bytes, truth } = measured.next()
    this.intake.accept({ device, bytes, ...times, integrity: 'crc32', source: 'line' }, taken)
    return truth
  }

  /** The broker is there again, with room. */
  makeRoom(): void {
    this.outlet.open = true
    this.intake.roomMade()
  }

  /** The connection to the broker is lost. */
  lose(): void {
    this.outlet.open = false
    this.outlet.forget()
    this.intake.outletLost()
  }

  async stop(): Promise<void> {
    await this.intake.stop()
    await this.intake.close()
    await this.memory.close()
  }

  /** Lets the disk finish, and whoever waits go on. */
  async settle(turns = 400): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      await Promise.resolve()
      if (turn % 20 === 19) this.clock.advance(0)
    }
  }
}

const say = (topic: string, payload: string): Publication => ({
  topic,
  payload,
  qos: 1,
  retain: false,
  whileAway: 'queue',
})

function wordsOf(verdict: Verdict, session: DeviceSession): Publication[] {
  if (verdict.kind !== 'readings') return []
  const { epoch, seq, quality, channels } = verdict
  const text = `${quality} ${channels.map(({ value, bound }) => `${value}±${bound}`).join(' ')}`
  return [say('readings', JSON.stringify({ device: session.id, epoch, seq, text }))]
}
