import type { Frame } from '../framing/index.js'

/** As many frames are remembered as a broker may have on their way to us, and more. */
export const KNOWN_FRAMES = 4096
const MOST = 1.25 * KNOWN_FRAMES

/** The frames that came last: what a broker delivers again, because our acknowledgement was lost, is among them. */
export class KnownFrames {
  #frames: Frame[] = []

  add(frame: Frame): void {
    this.#frames.push(frame)
    // Not at every call: what is cut is copied.
    if (this.#frames.length > MOST) this.#frames = this.#frames.slice(-KNOWN_FRAMES)
  }

  /** A walk from the newest on: this is asked for repetitions alone. */
  has({ device, bytes }: Frame): boolean {
    return (
      this.#frames.findLast((known) => known.device === device && same(known.bytes, bytes)) !==
      undefined
    )
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
