// Throughput of the framer in wire bytes. After `npm run build`: node dist/bench/framer.js
import { type Crc, Framer, type Framing, type LineFormat, wrapFrame } from '../src/framing/index.js'

const streamBytes = 4_000_000
const runs = 9
// What one read of a busy serial port yields.
const chunkBytes = 4096

/** Frames of 40 bytes as sensors send them: a counter and small numbers, so zeros are frequent. */
function validStream(format: LineFormat): Uint8Array {
  const frame = Uint8Array.from({ length: 40 }, (_, i) => (i % 5 === 4 ? 0 : (i * 37) & 255))
  const out = new Uint8Array(streamBytes)
  let length = 0
  for (let n = 0; ; n++) {
    frame[1] = n >> 8
    frame[2] = n
    const wrapped = wrapFrame(format, frame)
    if (length + wrapped.length > streamBytes) return out.subarray(0, length)
    out.set(wrapped, length)
    length += wrapped.length
  }
}

/** Every position looks like the length of a long frame. */
const hostileStream = (): Uint8Array => new Uint8Array(streamBytes / 4).fill(0x0f)

const lineFormat = (framing: Framing, crc: Crc = 'crc32'): LineFormat => ({
  framing,
  crc,
  address: 'none',
  maxFrame: 4096,
})

function report(name: string, format: LineFormat, stream: Uint8Array): void {
  const seconds: number[] = []
  let frames = 0
  for (let run = 0; run < runs; run++) {
    const framer = new Framer(format, () => {})
    const began = performance.now()
    for (let at = 0; at < stream.length; at += chunkBytes) {
      framer.push(stream.subarray(at, at + chunkBytes))
    }
    seconds.push((performance.now() - began) / 1000)
    frames = framer.counters.framesOut
  }
  const median = seconds.sort((a, b) => a - b)[runs >> 1]!
  const rate = (stream.length / 1e6 / median).toFixed(0).padStart(5)
  console.log(`${name.padEnd(16)} ${rate} MB/s, ${frames} frames in ${stream.length} bytes`)
}

for (const framing of ['cobs', 'slip', 'length', 'hex'] as const) {
  report(framing, lineFormat(framing), validStream(lineFormat(framing)))
}
report('cobs, no crc', lineFormat('cobs', 'none'), validStream(lineFormat('cobs', 'none')))
report('length, hostile', lineFormat('length'), hostileStream())
