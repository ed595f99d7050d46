import type { NodeFrame, NodeSpec } from '../../firmware-sim/index.js'

interface Sent {
  readonly frame: NodeFrame
  /** Wall clock of the bridge's machine, first and last time that it can have come in at a door. */
  readonly arrivals: (readonly [number, number])[]
}

/** What every device measured, frame by frame, and when the frames came to the bridge. */
export class Truth {
  readonly #sent = new Map<string, Map<number, Sent[]>>()

  /** A frame, or a copy of it, comes to the bridge's door. */
  arrives(device: string, frame: NodeFrame, firstWall: number, lastWall = firstWall): void {
    const bySequence = this.#sent.get(device) ?? new Map<number, Sent[]>()
    this.#sent.set(device, bySequence)
    const sequence = sequenceOf(frame.bytes)
    const candidates = bySequence.get(sequence) ?? []
    bySequence.set(sequence, candidates)
    const known = candidates.find((sent) => sent.frame === frame)
    if (known) known.arrivals.push([firstWall, lastWall])
    else candidates.push({ frame, arrivals: [[firstWall, lastWall]] })
  }

  /** The frames that a reading with this number and time can be of. */
  framesFor(device: string, seq: number, wall: number): readonly NodeFrame[] {
    const candidates = this.#sent.get(device)?.get(seq & 0xffff) ?? []
    return candidates
      .filter(({ arrivals }) => arrivals.some(([first, last]) => wall >= first && wall <= last))
      .map(({ frame }) => frame)
  }
}

/** Every frame family has its sequence behind the first byte. */
const sequenceOf = (bytes: Uint8Array): number => ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)

export interface ReadingsDocument {
  readonly ts: string
  readonly epoch: number
  readonly seq: number
  readonly quality: string
  readonly uncertain?: Readonly<Record<string, { value: number | null; bound: number | null }>>
  readonly invalid?: Readonly<Record<string, string>>
  readonly [channel: string]: unknown
}

const ABOUT = [
  'ts',
  'device_ts',
  'epoch',
  'seq',
  'quality',
  'priority',
  'uncertain',
  'invalid',
  'integrity',
]

/** The channels that a reading speaks of. */
export const namesIn = ({ uncertain = {}, invalid = {}, ...said }: ReadingsDocument): string[] => [
  ...Object.keys(said).filter((name) => !ABOUT.includes(name)),
  ...Object.keys(uncertain),
  ...Object.keys(invalid),
]

/** Room for the rounding of the check itself, relative. */
const SLACK = 1e-9

/** What is false in a reading of a device that names its channels so, or undefined (I1). */
export function falsehood(
  document: ReadingsDocument,
  frame: NodeFrame,
  { channels }: NodeSpec,
  nameOf: (name: string) => string = (name) => name,
): string | undefined {
  for (const [i, { name, kind }] of channels.entries()) {
    const measured = frame.values[i] ?? Number.NaN
    const said = document[nameOf(name)]
    const tolerance = Number(kind.resolution) / 2
    if (typeof said === 'number' && !isWithin(said, measured, tolerance)) {
      return `${name} is ${said}, good, and was ${measured}`
    }
    const doubt = document.uncertain?.[nameOf(name)]
    if (!doubt || doubt.value === null || doubt.bound === null) continue
    if (!isWithin(doubt.value, measured, doubt.bound)) {
      return `${name} is ${doubt.value} ± ${doubt.bound}, and was ${measured}`
    }
  }
  return undefined
}

const isWithin = (said: number, measured: number, bound: number): boolean =>
  Math.abs(said - measured) <= bound + SLACK * Math.max(1, Math.abs(measured))
