import { MeasuredDevice, type MeasuredFrame, type Sending } from './measured-device.js'

/** A device and a part of its stream before which everything of it is known. */
export interface Stream {
  readonly how: Sending
  readonly channels: number
  readonly seed: number
  /** The first frame of that part. */
  readonly from: number
}

/** What is measured a step beside the truth, by frame. */
type History = ReadonlyMap<number, number>

/**
 * Whether a device that measured something else of a channel in frame `at` would have sent the same bytes up to there, which
 * rounding makes possible: then nobody can tell which of them it was. Found by sending all that is near.
 */
export function isAmbiguous(stream: Stream, channel: string, at: number): boolean {
  const { how, channels, seed, from } = stream
  const index = new MeasuredDevice(how, channels, seed).model.channels.findIndex(
    ({ name }) => name === channel,
  )
  const sent = (history: History, frame: number): MeasuredFrame => {
    const device = new MeasuredDevice(how, channels, seed, (n, i) =>
      i === index ? (history.get(n) ?? 0) : 0,
    )
    for (let n = 0; n < frame; n++) device.next()
    return device.next()
  }
  let histories: readonly History[] = [new Map()]
  for (let n = from; n <= at; n++) {
    const { bytes, truth } = sent(new Map(), n)
    if (!truth.has(channel)) continue
    histories = histories
      .flatMap((before) => [-1, 0, 1].map((steps) => new Map(before).set(n, steps)))
      .filter((history) => Buffer.compare(sent(history, n).bytes, bytes) === 0)
  }
  return histories.some((history) => (history.get(at) ?? 0) !== 0)
}
