import { type Fault, faultOf, hexByte } from './fault.js'

export type FrameFamily = 'compact' | 'standard' | 'aggregated'

export const compactMarker = 0xa1
export const keyframeMarker = 0xa2
export const aggregatedMarker = 0x01

/** The family that a frame's first byte announces; undefined where it is no ALEC protocol 1. */
export function frameFamily(first: number): FrameFamily | undefined {
  if (first === compactMarker || first === keyframeMarker) return 'compact'
  if (first >> 6 === 1) return 'standard'
  return first === aggregatedMarker ? 'aggregated' : undefined
}

const described: Readonly<Record<FrameFamily, string>> = {
  compact: 'a compact frame (0xa1, 0xa2)',
  standard: 'a standard frame (0x40 to 0x7f)',
  aggregated: 'an aggregated gateway frame (0x01)',
}

/** What to say where `first` does not begin a frame of the expected family. */
export function familyFault(first: number, expected: FrameFamily): Fault {
  const family = frameFamily(first)
  if (family === undefined) {
    return faultOf(
      'unsupported-version',
      0,
      `first byte ${hexByte(first)} begins no frame of ALEC protocol 1; ${described[expected]} was expected`,
    )
  }
  const hint = family === 'aggregated' ? ': its channels have to be taken apart first' : ''
  return faultOf(
    'wrong-family',
    0,
    `${described[family]} came where ${described[expected]} was expected${hint}`,
  )
}
