import { cpus } from 'node:os'
import {
  CompactEncoder,
  ExactDecoder,
  ParsedFrame,
  parseFrame,
  ReferenceDecoder,
} from '../src/alec/index.js'
import { compileProfile, type ModelSpec } from '../src/device/index.js'
import { defaultSpec } from '../test/support/default-spec.js'

/**
 * What the bounds cost on a lossless stream: the exact decoder against a plain one that only computes values,
 * on the same frames in the same run. `node dist/bench/decode.js`
 */
const CHANNELS = 4
const FRAMES = 200_000
const RUNS = 9

const model: ModelSpec = {
  ...defaultSpec,
  channels: Array.from({ length: CHANNELS }, (_, i) => ({
    name: `c${i}`,
    resolution: '0.1',
    min: -40,
    max: 85,
    maxStep: 2,
  })),
}

function streamOf(frames: number): Uint8Array[] {
  const encoder = new CompactEncoder({ channels: CHANNELS })
  return Array.from({ length: frames }, (_, n) =>
    encoder.encode(
      Array.from({ length: CHANNELS }, (_, i) => Math.round(200 + 30 * Math.sin(n / 40 + i)) / 10),
    ),
  )
}

/** Nanoseconds per frame. */
function timed(decode: (frame: Uint8Array) => void, frames: readonly Uint8Array[]): number {
  const start = process.hrtime.bigint()
  for (const frame of frames) decode(frame)
  return Number(process.hrtime.bigint() - start) / frames.length
}

function plain(): (frame: Uint8Array) => void {
  const decoder = new ReferenceDecoder({ shape: { family: 'compact', channels: CHANNELS } })
  return (frame) => void decoder.decode(frame)
}

function exact(): (frame: Uint8Array) => void {
  const { decoder: decoderModel, shape } = compileProfile(model)
  const decoder = new ExactDecoder(decoderModel)
  const parsed = new ParsedFrame()
  decoder.begin()
  return (frame) => {
    parseFrame(frame, shape, parsed)
    decoder.decode(parsed, frame.length)
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0
const frames = streamOf(FRAMES)
const figures = { plain: [] as number[], exact: [] as number[] }
for (let run = 0; run < RUNS; run++) {
  figures.plain.push(timed(plain(), frames))
  figures.exact.push(timed(exact(), frames))
}
const [withoutNs, withNs] = [median(figures.plain), median(figures.exact)]
process.stdout.write(
  `${CHANNELS} channels, ${FRAMES} frames, median of ${RUNS} runs, Node ${process.versions.node}, ${cpus()[0]?.model ?? ''}\n` +
    `plain ${withoutNs.toFixed(0)} ns/frame, with bounds ${withNs.toFixed(0)} ns/frame, ratio ${(withNs / withoutNs).toFixed(2)}\n`,
)
