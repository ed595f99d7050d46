import type { Frame } from '../framing/index.js'

/** Who hears what an inlet brings. */
export interface CaptureEars {
  onFrame(frame: Frame): void
  /** Something came that holds no frame of a device, and why. */
  onRefused(reason: string, times?: number): void
  /** How it goes, for people and for the capture. */
  onNews(words: string): void
}

/** Why nothing could be heard at all. */
export interface Deaf {
  readonly exit: number
  readonly reason: string
}

/** Where frames to be captured come from. */
export interface CaptureInlet {
  /** For the head of the capture; never a secret. */
  readonly sources: readonly string[]
  /** Listens until the signal is aborted, also through times in which nothing is there; tells why it could not begin. */
  listen(ears: CaptureEars, signal: AbortSignal): Promise<Deaf | undefined>
}
