import { type Crc, crcSize } from './checksum.js'

export type Framing = 'cobs' | 'slip' | 'length' | 'hex'

/** How frames sit on a byte stream; both directions use it. */
export interface LineFormat {
  readonly framing: Framing
  readonly crc: Crc
  /** One address byte before the ALEC frame, covered by the CRC (several nodes on one line). */
  readonly address: 'none' | 'byte'
  /** Longest accepted frame on the wire after unstuffing, in bytes (address, frame and CRC). */
  readonly maxFrame: number
}

// What the u16 of a length prefix can say; the other framings need no more.
const longestOnWire = 0xffff

/** Bytes that address and CRC add to every frame. */
export const frameOverhead = (format: LineFormat): number =>
  (format.address === 'byte' ? 1 : 0) + crcSize(format.crc)

/** Longest frame that the format carries, in bytes, without address and CRC. */
export const longestFrame = (format: LineFormat): number => format.maxFrame - frameOverhead(format)

/** Everything that is wrong with a format; empty when a `Framer` and `wrapFrame` accept it. */
export function formatProblems(format: LineFormat): readonly string[] {
  const problems: string[] = []
  if (format.framing === 'length' && format.crc === 'none') {
    // Without delimiters a CRC match is the only sign of a frame's beginning.
    problems.push("framing 'length' needs a crc: 'crc32' or 'crc16', not 'none'")
  }
  const shortest = frameOverhead(format) + 1
  const { maxFrame } = format
  if (!Number.isInteger(maxFrame) || maxFrame < shortest || maxFrame > longestOnWire) {
    problems.push(
      `maxFrame must be a whole number from ${shortest} to ${longestOnWire}, not ${maxFrame}`,
    )
  }
  return problems
}

/** A format that no stream can be cut by; `formatProblems` says so beforehand, as a value. */
export class LineFormatError extends RangeError {
  readonly code = 'ERR_LINE_FORMAT'
  override readonly name = 'LineFormatError'
}

/** Throws `LineFormatError` where `formatProblems` finds any. */
export function assertFormat(format: LineFormat): void {
  const problems = formatProblems(format)
  if (problems.length > 0) throw new LineFormatError(problems.join('; '))
}
