import type { FaultRates } from '../../firmware-sim/index.js'
import {
  type Delivered,
  FirmwareNode,
  FrameFaults,
  NodeFaults,
  type NodeFrame,
  noFaults,
  type Random,
} from '../../firmware-sim/index.js'
import type { Strengths } from './fault-kinds.js'
import type { DevicePlan } from './plan.js'

type Rates = { -readonly [name in keyof FaultRates]: number }

/** A frame in the ledger, or bytes that are none. */
export type Sending = Delivered<NodeFrame>

/** A device, what goes wrong in it and on its way, and what it really measured. */
export class SimDevice {
  readonly plan: DevicePlan
  readonly node: FirmwareNode
  readonly #rates: Rates
  readonly #frameFaults: FrameFaults<NodeFrame>
  readonly #random: Random
  #lastSent: Sending | undefined
  #healed = false
  #boot = -1

  constructor(plan: DevicePlan, strengths: Strengths, random: Random, startMs: number) {
    this.plan = plan
    this.#random = random.fork('flood')
    this.#rates = ratesOf(strengths, plan.node.intervalMs)
    this.#frameFaults = new FrameFaults(this.#rates, random.fork('frame faults'))
    const nodeFaults = new NodeFaults(this.#rates, random.fork('node faults'))
    this.node = new FirmwareNode(plan.node, random.fork('node'), startMs, nodeFaults)
  }

  get id(): string {
    return this.plan.node.id
  }

  /** Does what is due at `nextAt`: what arrives of it, in its order. */
  step(): readonly Sending[] {
    const frame = this.node.step(this.node.nextAt)
    if (!frame) return []
    if (this.#healed) return [{ bytes: frame.bytes, what: 'frame', frame }]
    const arriving = this.#arriving(frame)
    this.#lastSent = arriving.at(-1) ?? this.#lastSent
    return arriving
  }

  /** What is known of a restart that leaves no trace rests on a first frame that nothing overtakes (README, Limits). */
  #arriving(frame: NodeFrame): readonly Sending[] {
    const { reorders } = this.#rates
    if (frame.boot !== this.#boot) this.#rates.reorders = 0
    this.#boot = frame.boot
    const arriving = this.#frameFaults.apply(frame, frame.at)
    this.#rates.reorders = reorders
    return arriving
  }

  /** One more message of a device gone mad: an old one again, or bytes that are no frame. */
  rave(): Sending | undefined {
    const last = this.#lastSent
    if (this.#healed) return undefined
    if (!last || this.#random.chance(0.5)) return last
    const bytes = this.#random.bytes(1 + this.#random.below(30))
    bytes[0] = 0x80 | this.#random.below(0x20)
    return { bytes, what: 'garbage', frame: undefined }
  }

  /** From now on nothing goes wrong here. */
  heal(): readonly Sending[] {
    this.#healed = true
    Object.assign(this.#rates, noFaults)
    return this.#frameFaults.flush()
  }
}

function ratesOf(strengths: Strengths, intervalMs: number): Rates {
  const of = (kind: Parameters<Strengths['get']>[0], most: number) =>
    (strengths.get(kind) ?? 0) * most
  return {
    ...noFaults,
    loss: of('loss', 0.3),
    bursts: of('bursts', 0.05),
    burstLength: 8,
    silences: of('silences', 0.05),
    silenceMs: 8 * intervalMs,
    duplicates: of('duplicates', 0.3),
    reorders: of('reorders', 0.2),
    displacement: 3,
    reboots: of('reboots', 0.05),
    bootLoss: strengths.has('reboots') ? 10 : 0,
    notFinite: of('not-finite', 0.02),
    truncated: of('truncated', 0.1),
    garbage: of('garbage', 0.2),
    downlinkLoss: of('downlink-loss', 1),
  }
}
