import type { ModelSpec } from '../../src/device/index.js'
import { defaultSpec } from '../../test/support/default-spec.js'

const sensor = { resolution: '0.1', min: -40, max: 85, maxStep: 2 }

/** One source, with all the decimals that a delta can carry. */
export const oneSource: ModelSpec = {
  ...defaultSpec,
  frames: 'standard',
  channels: [{ ...sensor, name: 'c0', resolution: '0.01', source: 1 }],
}

/** Compact frames of so many sensors, one a second. */
export const compactModel = (channels: number): ModelSpec => ({
  ...defaultSpec,
  intervalMs: 1000,
  channels: Array.from({ length: channels }, (_, i) => ({ ...sensor, name: `c${i}` })),
})
