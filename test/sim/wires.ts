import { LineFaults, noFaults, type Random } from '../../firmware-sim/index.js'
import { Line } from '../../firmware-sim/links/line.js'
import type { Agenda } from './agenda.js'
import type { Strengths } from './fault-kinds.js'
import type { LinePlan } from './plan.js'
import type { SimDevice } from './sim-device.js'
import { SimLine } from './sim-line.js'

/** A line with the devices on it: the cable, and how their frames get on it, with faults and without. */
export interface Wire {
  readonly plan: LinePlan
  readonly line: SimLine
  readonly faulty: Line
  readonly sound: Line
  readonly devices: ReadonlyMap<number, string>
}

export interface WireOptions {
  readonly plan: LinePlan
  /** Those on the line. */
  readonly devices: readonly SimDevice[]
  readonly strengths: Strengths
  readonly agenda: Agenda
  readonly random: Random
}

export function layWire({ plan, devices, strengths, agenda, random }: WireOptions): Wire {
  const { id, format, baudRate } = plan
  const byId = new Map(devices.map((device) => [device.id, device]))
  const byteFaults = (strengths.get('byte-faults') ?? 0) * 2e-3
  const rates = {
    ...noFaults,
    bitErrors: (strengths.get('bit-errors') ?? 0) * 1e-3,
    byteLoss: byteFaults,
    byteDuplicates: byteFaults,
    byteInserts: byteFaults,
    noiseRuns: byteFaults,
  }
  const nodes = devices.map((device) => ({
    device: device.id,
    address: device.plan.line?.address ?? -1,
    faults: new LineFaults(rates, random.fork(device.id)),
  }))
  const sound = new Line(
    id,
    format,
    nodes.map(({ device, address }) => ({ device, address })),
  )
  const receiver = sound.receiver((device, bytes) => byId.get(device)?.node.receive(bytes))
  return {
    plan,
    line: new SimLine({
      address: id,
      agenda,
      random,
      baudRate,
      onWritten: (bytes) => receiver.push(bytes),
    }),
    faulty: new Line(id, format, nodes),
    sound,
    devices: new Map(nodes.map(({ address, device }) => [address, device])),
  }
}
