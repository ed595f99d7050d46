import type { ModelSpec } from '../../src/device/index.js'

/** A device that sends as its library does by default: compact frames, its own arithmetic, every 50th a keyframe. */
export const defaultSpec: Omit<ModelSpec, 'channels'> = {
  frames: 'compact',
  checksum: false,
  profile: 'alec-1.3',
  scale: 100,
  keyframeInterval: 50,
  multi: 'adaptive',
  suppresses: false,
}
