import type { ModelSpec } from '../../src/device/index.js'

const common = {
  checksum: false,
  profile: 'alec-1.3',
  scale: 100,
  keyframeInterval: 50,
  multi: 'adaptive',
  suppresses: false,
} as const

const sensor = { resolution: '0.1', min: -40, max: 85, maxStep: 2 }

/** One source, with all the decimals that a delta can carry. */
export const oneSource: ModelSpec = {
  ...common,
  frames: 'standard',
  channels: [{ ...sensor, name: 'c0', resolution: '0.01', source: 1 }],
}

/** Compact frames of so many sensors, one a second. */
export const compactModel = (channels: number): ModelSpec => ({
  ...common,
  frames: 'compact',
  intervalMs: 1000,
  channels: Array.from({ length: channels }, (_, i) => ({ ...sensor, name: `c${i}` })),
})
