import type { Frame } from '../../src/framing/index.js'

/** A frame as a door would hand it in. */
export const frameOf = (bytes: Uint8Array, mono: number, device = 'd1'): Frame => ({
  device,
  bytes,
  mono,
  wall: Date.UTC(2026, 0, 1) + mono,
  integrity: 'crc32',
  source: 'door',
})
