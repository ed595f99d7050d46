import { describe, expect, it } from 'vitest'
import { Framer, type LineFormat, wrapFrame } from '../../src/framing/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { framings, joined, lineFormat, randomBytes, textBytes, wrapAll } from './line.js'

const small = 50_000

/** Microseconds of processor time: what else a busy machine does meanwhile is not in it; each test file is a process. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  // The kernel knows the sum exactly and guesses how to split it.
  return user + system
}

function elapsed(format: LineFormat, bytes: Uint8Array, chunkSize: number): number {
  const framer = new Framer(format, () => {})
  const began = processorTime()
  for (let at = 0; at < bytes.length; at += chunkSize) {
    framer.push(bytes.subarray(at, at + chunkSize))
  }
  framer.flush('idle')
  return processorTime() - began
}

/**
 * How many times as long as `less` the framer takes for `more`, each in its least time so far: a busy
 * machine only ever adds. Ends at a ratio of `enough`; one that stays above it is the framer's own.
 */
function ratioOf(more: () => number, less: () => number, enough: number): number {
  let ratio = Number.POSITIVE_INFINITY
  let leastMore = Number.POSITIVE_INFINITY
  let leastLess = Number.POSITIVE_INFINITY
  for (let round = 0; round < 40 && (round < 4 || ratio > enough); round++) {
    // The first round warms the code up.
    if (round === 1) leastMore = leastLess = Number.POSITIVE_INFINITY
    leastMore = Math.min(leastMore, more())
    leastLess = Math.min(leastLess, less())
    ratio = leastMore / leastLess
  }
  return ratio
}

function repeated(pattern: Uint8Array, size: number): Uint8Array {
  return new Uint8Array(size).map((_, i) => pattern[i % pattern.length]!)
}

const frame = Uint8Array.from({ length: 40 }, (_, i) => (i * 37) & 255)
const tiny = (format: LineFormat) => wrapAll(format, [Uint8Array.of(1)])

const hostile: Record<
  (typeof framings)[number],
  Record<string, (format: LineFormat) => Uint8Array>
> = {
  cobs: {
    'zeros alone': () => Uint8Array.of(0),
    'no delimiter': () => Uint8Array.of(0xff),
    'shortest blocks': () => Uint8Array.of(1),
    'frames just too long': () => Uint8Array.from({ length: 4099 }, (_, i) => (i === 4098 ? 0 : 1)),
  },
  slip: {
    'ENDs alone': () => Uint8Array.of(0xc0),
    'escapes alone': () => Uint8Array.of(0xdb),
    'escaped ENDs': () => Uint8Array.of(0xdb, 0xdc),
  },
  length: {
    'lengths everywhere': () => Uint8Array.of(0x0f),
    'lengths that are too short': () => Uint8Array.of(0),
    'a false length behind every frame': (format) =>
      joined(tiny(format), Uint8Array.of(0x0f, 0xf0)),
  },
  hex: {
    'digits without end': () => textBytes('A'),
    'blanks without end': () => textBytes(' '),
    'no digits': () => textBytes('x\n'),
  },
}

describe.each(framings)('%s: four times the bytes take about four times as long', (framing) => {
  const format = lineFormat(framing)
  const kinds: [string, (size: number) => Uint8Array][] = [
    ['valid frames', (size) => repeated(wrapFrame(format, frame), size)],
    ['noise', (size) => randomBytes(size, mulberry(testSeed))],
    ...Object.entries(hostile[framing]).map(
      ([name, pattern]): [string, (size: number) => Uint8Array] => [
        name,
        (size) => repeated(pattern(format), size),
      ],
    ),
  ]

  it.each(kinds)('%s', (_, stream) => {
    const once = stream(small)
    const fourfold = stream(4 * small)
    for (const chunkSize of [64, 4 * small]) {
      const ratio = ratioOf(
        () => elapsed(format, fourfold, chunkSize),
        () => elapsed(format, once, chunkSize),
        8,
      )
      expect(ratio, `chunks of ${chunkSize}`).toBeLessThanOrEqual(8)
    }
  })
})

describe('a false length', () => {
  it('costs no more the longer it is', () => {
    const format = lineFormat('length', { maxFrame: 65_535 })
    // Candidates of 1028 and of 53 456 bytes at every byte.
    const short = new Uint8Array(400_000).fill(0x04)
    const long = new Uint8Array(400_000).fill(0xd0)
    const ratio = ratioOf(
      () => elapsed(format, long, 4096),
      () => elapsed(format, short, 4096),
      8,
    )
    expect(ratio).toBeLessThanOrEqual(8)
  })
})
