import { cpus } from 'node:os'
import { Random, Signal, sensorKinds } from '../firmware-sim/index.js'
import { CompactEncoder, ExactDecoder, ParsedFrame, parseFrame } from '../src/alec/index.js'
import { compileProfile, type ModelSpec } from '../src/device/index.js'
import { defaultSpec } from '../test/support/default-spec.js'

/**
 * What a channel costs while it recovers: every sensor kind, its state forgotten at the start and a frame lost
 * in twenty, no keyframe ever. `node dist/bench/recovery.js`
 */
const FRAMES = 20_000
const LOST_ONE_IN = 20

function cost(name: string): number {
  const kind = sensorKinds[name as keyof typeof sensorKinds]
  const { quantity, resolution, min, max, maxStep } = kind
  const model: ModelSpec = {
    ...defaultSpec,
    keyframeInterval: 0,
    channels: [{ name, quantity, resolution, min, max, maxStep }],
  }
  const { decoder: decoderModel, shape } = compileProfile(model)
  const decoder = new ExactDecoder(decoderModel)
  const encoder = new CompactEncoder({ channels: 1, keyframeInterval: 0 })
  const signal = new Signal(kind, new Random(1))
  const frames = Array.from({ length: FRAMES }, (_, n) =>
    encoder.encode([signal.sample(n * 60_000)]),
  )
  const parsed = new ParsedFrame()
  decoder.forget(3)
  const start = process.hrtime.bigint()
  frames.forEach((frame, n) => {
    if (n < 3) return
    if (n % LOST_ONE_IN === 0) {
      decoder.lose(1)
      return
    }
    parseFrame(frame, shape, parsed)
    decoder.decode(parsed, frame.length)
  })
  return Number(process.hrtime.bigint() - start) / FRAMES / 1000
}

process.stdout.write(`Node ${process.versions.node}, ${cpus()[0]?.model ?? ''}\n`)
for (const name of Object.keys(sensorKinds)) {
  process.stdout.write(`${name.padEnd(14)} ${cost(name).toFixed(2)} µs a frame while recovering\n`)
}
