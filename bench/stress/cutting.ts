import { Framer, type LineFormat, wrapFrame } from '../../src/framing/index.js'
import { type Comparison, type Course, portion, type Work } from './course.js'

const MEGABYTES = 8
/** What one read of a busy serial port yields. */
const CHUNK = 4096
const FRAME = 40
const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }

export const cutting: Course = {
  name: 'framer (COBS, CRC-32)',
  does: `valid frames of ${FRAME} bytes in reads of ${CHUNK}`,
  unit: 'MB',
  target: 200,
  prepare: (share) => cut(validStream(share)),
}

/** What framing costs over looking for its delimiters. */
export const cuttingCost: Comparison = {
  name: 'framer, against a scan for zeros',
  does: 'the same bytes, looking only for the delimiters',
  most: 20,
  prepare(share) {
    const stream = validStream(share)
    return { work: cut(stream), baseline: scan(stream) }
  },
}

function cut(stream: Uint8Array): Work {
  let frames = 0
  const framer = new Framer(FORMAT, () => {
    frames++
  })
  return () => {
    for (let at = 0; at < stream.length; at += CHUNK) framer.push(stream.subarray(at, at + CHUNK))
    if (framer.counters.bytesInFrames !== stream.length) throw new Error(`${frames} frames`)
    return stream.length / 1e6
  }
}

function scan(stream: Uint8Array): Work {
  return () => {
    let frames = 0
    for (let at = stream.indexOf(0); at >= 0; at = stream.indexOf(0, at + 1)) frames++
    if (frames === 0) throw new Error('no delimiter')
    return stream.length / 1e6
  }
}

/** Frames as sensors send them: a counter and small numbers, so zeros are frequent. */
function validStream(share: number): Uint8Array {
  const frame = Uint8Array.from({ length: FRAME }, (_, i) => (i % 5 === 4 ? 0 : (i * 37) & 255))
  const out = new Uint8Array(portion(MEGABYTES * 1e6, share))
  let length = 0
  for (let n = 0; ; n++) {
    frame[1] = n >> 8
    frame[2] = n
    const wrapped = wrapFrame(FORMAT, frame)
    if (length + wrapped.length > out.length) return out.subarray(0, length)
    out.set(wrapped, length)
    length += wrapped.length
  }
}
