import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import { compileProfile, DeviceSession } from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { load, loaded } from '../config/loading.js'
import { frameOf } from '../support/frames.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { Page } from '../support/page.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { toHex } from '../support/vectors.js'
import { withoutProgram } from '../support/without-program.js'

const page = new Page('docs/firmware.md')
const INTERVAL = 60_000
const FRAMES = 20_000

/** Reads a line for each frame, `temperature humidity asked`, and prints the frame in hexadecimal. */
const MAIN = `
#include <stdio.h>
int main(void) {
    alec_encoder encoder;
    double values[ALEC_CHANNELS];
    int asked;
    alec_start(&encoder);
    while (scanf("%lf %lf %d", &values[0], &values[1], &asked) == 3) {
        uint8_t frame[ALEC_MAX_FRAME];
        if (asked) alec_downlink(&encoder, (const uint8_t *)"\\xff", 1);
        const size_t length = alec_encode(&encoder, values, frame);
        for (size_t i = 0; i < length; i++) printf("%02x", frame[i]);
        printf("\\n");
    }
    return 0;
}
`

interface Measured {
  readonly values: readonly [number, number]
  readonly asked: boolean
}

/** What a node measures: two sensors that walk, one with steps that need two bytes, now and then broken, and who asks for keyframes. */
function measurements(seed: number): Measured[] {
  const random = mulberry(seed)
  let temperature = 214
  let humidity = 48
  return Array.from({ length: FRAMES }, (): Measured => {
    temperature += random() < 0.6 ? Math.round((random() - 0.5) * 6) : 0
    if (random() < 0.05) temperature += random() < 0.5 ? 17 : -17
    temperature = Math.min(850, Math.max(-400, temperature))
    humidity = Math.min(100, Math.max(0, humidity + Math.round((random() - 0.5) * 4)))
    const broken = random() < 0.001
    return {
      values: [broken ? Number.NaN : temperature / 10, humidity],
      asked: random() < 0.02,
    }
  })
}

function compiledFrames(measured: readonly Measured[]): string[] {
  const directory = temporaryDirectory('alec-firmware-')
  const source = join(directory, 'node.c')
  const program = join(directory, 'node')
  writeFileSync(source, page.block('c', 'alec_encode') + MAIN)
  const flags = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-O2', '-ffp-contract=off']
  const compiled = spawnSync('gcc', [...flags, source, '-o', program, '-lm'], { encoding: 'utf8' })
  expect(compiled.stderr).toBe('')
  const input = measured.map(({ values, asked }) => `${values.join(' ')} ${Number(asked)}\n`)
  const { stdout } = spawnSync(program, { input: input.join(''), encoding: 'utf8', maxBuffer: 2e7 })
  return stdout.trimEnd().split('\n')
}

describe.skipIf(withoutProgram('gcc', 'gcc libc6-dev'))('the encoder that the page shows', () => {
  it(`sends byte for byte what a closed-loop device sends, and is read exactly behind losses (seed ${testSeed})`, () => {
    const measured = measurements(testSeed)
    const frames = compiledFrames(measured)
    const encoder = new CompactEncoder({ channels: 2, profile: 'closed-loop' })
    const expected = measured.map(({ values, asked }) => {
      if (asked) encoder.handleDownlink(Uint8Array.of(0xff))
      return toHex(encoder.encode(values))
    })
    expect(frames).toEqual(expected)

    const { models } = loaded(
      load(`version: 1\n${page.block('yaml', 'profile: closed-loop')}
sources: [{ mqtt: {} }]
devices: { node: { model: climate } }
`),
    )
    const model = models.get('climate')!
    const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
    const born = { mono: 0, wall: 0 }
    const session = new DeviceSession('node', compileProfile({ ...model }), policy, born)
    const random = mulberry(testSeed + 1)
    const wrong: string[] = []
    let good = 0
    for (const [n, hex] of frames.entries()) {
      if (random() < 0.01) continue
      const bytes = Uint8Array.from(Buffer.from(hex, 'hex'))
      const verdict = session.accept(frameOf(bytes, (n + 1) * INTERVAL))
      if (verdict.kind !== 'readings') continue
      for (const [i, { name, value, quality }] of verdict.channels.entries()) {
        if (quality !== 'good') continue
        good++
        const truth = measured[n]!.values[i]!
        if (value !== truth) wrong.push(`frame ${n}, ${name}: ${value} was ${truth}`)
      }
    }
    expect(wrong).toEqual([])
    expect(good).toBeGreaterThan(1.4 * FRAMES)
  })
})
