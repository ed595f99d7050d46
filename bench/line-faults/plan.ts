import { type LineFaultRates, type NodeSpec, sensorKinds } from '../../firmware-sim/index.js'
import type { LineFormat } from '../../src/framing/index.js'
import type { LineCourse, LineCourseResult } from './course.js'

// Behind a damaged length the others wait until as much has come as it says: here not much.
const shared = { address: 'none', maxFrame: 256 } as const

/** Every framing with CRC-32, and what the weaker checks let through. */
export const formats: readonly LineFormat[] = [
  { framing: 'cobs', crc: 'crc32', ...shared },
  { framing: 'slip', crc: 'crc32', ...shared },
  { framing: 'length', crc: 'crc32', ...shared },
  { framing: 'hex', crc: 'crc32', ...shared },
  { framing: 'cobs', crc: 'crc16', ...shared },
  { framing: 'cobs', crc: 'none', ...shared },
]

export const bitErrorRates: readonly number[] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]

/** Frames follow each other faster than an idle gap, so that damage to an end reaches the next one. */
const node: NodeSpec = {
  id: 'node',
  frames: 'compact',
  profile: 'alec-1.3',
  suppresses: false,
  channels: [
    { name: 'temperature', kind: sensorKinds.temperature, source: 1 },
    { name: 'humidity', kind: sensorKinds.humidity, source: 2 },
  ],
  keyframeInterval: 50,
  scale: 100,
  checksum: false,
  intervalMs: 20,
  timeLapse: 3000,
}

export const lineCourseOf = (
  format: LineFormat,
  rates: Partial<LineFaultRates>,
  frames: number,
  seed: number,
): LineCourse => ({ seed, frames, format, rates, node })

/** What must not be, in words; undefined where all is as promised. */
export function failureOf({ crc }: LineFormat, result: LineCourseResult): string | undefined {
  const { damaged, lostWhole, madeUp, wrong } = result
  if (lostWhole > damaged) return `${lostWhole} whole frames lost beside ${damaged} damaged ones`
  // CRC-16 lets one damaged frame in 65 536 through, and without a CRC nothing is promised.
  if (crc !== 'crc32') return undefined
  if (madeUp > 0) return `${madeUp} frames came that nobody had sent`
  return wrong > 0 ? `${wrong} good readings wrong` : undefined
}
