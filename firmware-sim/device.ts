import {
  type Delivered,
  type FaultRates,
  type FrameFaultCounters,
  FrameFaults,
  type NodeFaultCounters,
  NodeFaults,
} from './faults/index.js'
import { FirmwareNode, type NodeCounters, type NodeFrame, type NodeSpec } from './node.js'
import type { Random } from './random.js'

export interface DeviceCounters {
  readonly node: NodeCounters
  readonly nodeFaults: NodeFaultCounters
  readonly frameFaults: FrameFaultCounters
}

/** A device with everything that goes wrong in it and on its way, all from one seed. */
export class SimulatedDevice {
  readonly node: FirmwareNode
  readonly #nodeFaults: NodeFaults
  readonly #frameFaults: FrameFaults<NodeFrame>

  /** `random` is the fleet's: the device takes the part of its own id. `startMs` is in Unix milliseconds. */
  constructor(spec: NodeSpec, rates: FaultRates, random: Random, startMs: number) {
    const own = random.fork(spec.id)
    this.#nodeFaults = new NodeFaults(rates, own.fork('node faults'))
    this.#frameFaults = new FrameFaults(rates, own.fork('frame faults'))
    this.node = new FirmwareNode(spec, own, startMs, this.#nodeFaults)
  }

  get id(): string {
    return this.node.id
  }

  /** When its next frame is due, in the simulation's Unix milliseconds. */
  get nextAt(): number {
    return this.node.nextAt
  }

  get counters(): DeviceCounters {
    return {
      node: this.node.counters,
      nodeFaults: this.#nodeFaults.counters,
      frameFaults: this.#frameFaults.counters,
    }
  }

  /** What arrives of what was due first, if anything was; as `FirmwareNode.step`. */
  step(now: number): readonly Delivered<NodeFrame>[] {
    const frame = this.node.step(now)
    return frame ? this.#frameFaults.apply(frame, frame.at) : []
  }

  /** A downlink on its way to the device; false where it does not take it. */
  receive(downlink: Uint8Array): boolean {
    return this.node.receive(downlink)
  }
}
