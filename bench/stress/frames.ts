import { CompactEncoder } from '../../src/alec/index.js'

/** Compact frames of one device whose channels follow slow sines, in steps of 0.1; `phase` sets devices apart. */
export function compactFrames(channels: number, count: number, phase = 0): Uint8Array[] {
  const encoder = new CompactEncoder({ channels })
  const values = new Float64Array(channels)
  return Array.from({ length: count }, (_, n) => {
    for (let i = 0; i < channels; i++)
      values[i] = Math.round(200 + 30 * Math.sin(n / 40 + i + phase)) / 10
    return encoder.encode(values)
  })
}
