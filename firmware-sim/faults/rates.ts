/** What goes wrong inside a device. */
export interface NodeFaultRates {
  /** Chance that the device restarts before a frame. */
  readonly reboots: number
  /** Chance that a sensor's reading is no number (NaN or ±∞). */
  readonly notFinite: number
  /** Chance that a downlink does not reach the device. */
  readonly downlinkLoss: number
}

/** What happens to whole frames on their way. All chances are per frame. */
export interface FrameFaultRates {
  readonly loss: number
  /** Chance that a burst of losses begins, and its mean length in frames. */
  readonly bursts: number
  readonly burstLength: number
  /** Chance that the way falls silent, and for how long on average. */
  readonly silences: number
  readonly silenceMs: number
  /** After a reboot 0 … so many first frames are lost. */
  readonly bootLoss: number
  /** Chance that a frame arrives twice. */
  readonly duplicates: number
  /** Chance that a frame, or the copy of one, is overtaken, and by how many frames at most. */
  readonly reorders: number
  readonly displacement: number
  /** Chance that only the beginning of a frame arrives. */
  readonly truncated: number
  /** Chance that bytes arrive that nobody sent. */
  readonly garbage: number
}

/** What a wire does to bytes. */
export interface LineFaultRates {
  /** Chance that a bit flips. */
  readonly bitErrors: number
  /** Chances per byte: lost, received twice, preceded by a byte of noise. */
  readonly byteLoss: number
  readonly byteDuplicates: number
  readonly byteInserts: number
  /** Chance per byte that a run of noise comes before it, and its mean length in bytes. */
  readonly noiseRuns: number
  readonly noiseLength: number
  /** Chance per byte that a disturbance begins, which makes something else of each byte, and its mean length in bytes. */
  readonly errorBursts: number
  readonly errorBurstLength: number
  /** Chance per byte that the receiver has no room for some time, and how many bytes it loses on average. */
  readonly overruns: number
  readonly overrunLength: number
}

export interface FaultRates extends NodeFaultRates, FrameFaultRates, LineFaultRates {}

/** Nothing goes wrong; the lengths are those that a chance alone brings with it. */
export const noFaults: FaultRates = Object.freeze({
  reboots: 0,
  notFinite: 0,
  downlinkLoss: 0,
  loss: 0,
  bursts: 0,
  burstLength: 5,
  silences: 0,
  silenceMs: 30_000,
  bootLoss: 0,
  duplicates: 0,
  reorders: 0,
  displacement: 1,
  truncated: 0,
  garbage: 0,
  bitErrors: 0,
  byteLoss: 0,
  byteDuplicates: 0,
  byteInserts: 0,
  noiseRuns: 0,
  noiseLength: 16,
  errorBursts: 0,
  errorBurstLength: 8,
  overruns: 0,
  overrunLength: 64,
})
