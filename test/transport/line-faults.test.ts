import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  LineFaults,
  noFaults,
  Random,
  type UartSettings,
  UartWire,
  uart8n1,
} from '../../firmware-sim/index.js'
import {
  Framer,
  idleGapMs,
  type LineFormat,
  longestFrameMs,
  wrapFrame,
} from '../../src/framing/index.js'
import { everyFormat, framings, leadingDelimiter, lineFormat, nameOf } from '../framing/line.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { LineRig, sumOf, unaccounted } from './line-rig.js'

const formats = everyFormat(256).map((format) => [nameOf(format), format] as const)
const addressOf = ({ address }: LineFormat) => (address === 'byte' ? 1 : -1)

/** A frame of a few dozen bytes that no other of the stream is like. */
function frameOf(n: number): Uint8Array {
  const random = mulberry(n)
  const frame = Uint8Array.from({ length: 10 + (n % 40) }, () => Math.floor(256 * random()))
  frame[0] = 0xa2
  return frame
}

describe.each(formats)('F-03: %s: the line falls silent in a frame', (_, format) => {
  const wire = wrapFrame(format, frameOf(1), addressOf(format))

  it.each([
    [921_600, 50],
    [115_200, 50],
    [1200, 200],
    [300, 800],
  ])('at %i baud it is dropped after %i ms, and not before', (baudRate, gapMs) => {
    expect(idleGapMs(baudRate)).toBe(gapMs)
    const rig = new LineRig(format, { idleGapMs: gapMs })
    rig.receive(leadingDelimiter(format))
    rig.receive(wire)
    const half = Math.floor(wire.length / 2)
    rig.receive(wire.subarray(0, half))
    rig.clock.advance(gapMs - 1)
    rig.receive(wire.subarray(half))
    expect(rig.heard.bytes).toEqual([frameOf(1), frameOf(1)])
    expect(rig.source.counters().rejected).toEqual({})

    rig.receive(wire.subarray(0, half))
    rig.clock.advance(gapMs)
    expect(rig.source.counters().rejected).toEqual({ incomplete: 1 })
    // Without a CRC nothing is trusted before the next delimiter.
    for (let i = 0; i < 2; i++) rig.receive(wire)
    expect(rig.heard.bytes.slice(2).at(-1)).toEqual(frameOf(1))
    expect(rig.source.counters().rejected).toEqual({ incomplete: 1 })
  })

  it('what comes first is no error, wherever in a frame it begins', () => {
    // SLIP's first END only ends what came before.
    const first = format.framing === 'slip' ? 2 : 1
    for (let from = first; from < wire.length; from++) {
      const rig = new LineRig(format)
      rig.receive(wire.subarray(from))
      rig.receive(wire)
      rig.clock.advance(50)
      expect(rig.heard.bytes, `from byte ${from}`).toEqual([frameOf(1)])
      expect(rig.source.counters().rejected, `from byte ${from}`).toEqual({})
    }
  })
})

/** Sends a frame each 20 ms for 8 s at some settings to a line that has others; the rig afterwards. */
function mistuned(format: LineFormat, sender: UartSettings, receiver: UartSettings) {
  const { baudRate } = receiver
  const rig = new LineRig(format, {
    idleGapMs: idleGapMs(baudRate),
    longestFrameMs: longestFrameMs(format, baudRate),
  })
  const wire = new UartWire(sender, receiver)
  const complaints: number[] = []
  let sent = 0
  for (let ms = 0; ms < 8000; ms += 20) {
    const bytes = wire.send(wrapFrame(format, frameOf(++sent)))
    if (bytes.length > 0) rig.receive(bytes)
    const rest = wire.rest(5)
    if (rest.length > 0) rig.receive(rest)
    rig.clock.advance(20)
    if (rig.source.noise !== undefined) complaints.push(ms + 20)
  }
  return { rig, wire, sent, complaints }
}

describe.each(framings)('F-04: %s at other settings than the device has', (framing) => {
  const format = lineFormat(framing)
  const sender = uart8n1(115_200)

  it.each<readonly [string, UartSettings]>([
    ['57 600 baud', uart8n1(57_600)],
    ['9600 baud', uart8n1(9600)],
    ['even parity', { ...sender, parity: 'even' }],
  ])('%s: nothing passes, and it says so after 2 s, and once', (_name, receiver) => {
    const { rig, wire, complaints } = mistuned(format, sender, receiver)
    expect(wire.counters.received).toBeGreaterThan(64)
    expect(rig.heard.frames).toEqual([])
    expect(complaints[0]).toBeGreaterThanOrEqual(2000)
    expect(complaints[0]).toBeLessThan(receiver.baudRate < 20_000 ? 6000 : 3500)
    // From then on without a pause.
    expect(complaints).toHaveLength((8000 - complaints[0]!) / 20 + 1)
    expect(rig.health()).toMatchObject({
      status: 'unhealthy',
      message: expect.stringMatching(/^no_valid_frames: .*baud rate or wiring/),
    })
  })

  it('117 000 baud is near enough: every frame comes', () => {
    const { rig, sent, complaints } = mistuned(format, sender, uart8n1(117_000))
    expect(rig.heard.bytes).toEqual(Array.from({ length: sent }, (_, n) => frameOf(n + 1)))
    expect(complaints).toEqual([])
    expect(rig.health().status).toBe('healthy')
  })
})

describe.each(formats)('I3: %s: every byte and every frame is accounted for', (_, format) => {
  it('whatever the wire does, however it is cut, over silences and reopenings', () => {
    const rates = fc.record({
      bitErrors: fc.constantFrom(0, 1e-4, 1e-2),
      byteLoss: fc.constantFrom(0, 1e-2),
      byteDuplicates: fc.constantFrom(0, 1e-2),
      byteInserts: fc.constantFrom(0, 1e-2),
      noiseRuns: fc.constantFrom(0, 5e-3),
    })
    const step = fc.constantFrom('send', 'send', 'send', 'send', 'send', 'noise', 'wait', 'reopen')
    fc.assert(
      fc.property(
        rates,
        fc.nat(),
        fc.array(step, { minLength: 10, maxLength: 60 }),
        fc.integer({ min: 1, max: 90 }),
        (faulty, seed, steps, chunkSize) => {
          const rig = new LineRig(format, { portLimit: { perSecond: 1, burst: 12 } })
          const random = new Random(seed)
          const faults = new LineFaults({ ...noFaults, ...faulty }, random.fork('line'))
          // A framer of its own that the same bytes go through: what the line has to pass on or reject.
          let whole = 0
          const twin = new Framer(format, () => whole++)
          let sent = 0
          for (const [n, kind] of steps.entries()) {
            if (kind === 'wait') {
              rig.clock.advance(60)
              twin.flush('idle')
            } else if (kind === 'reopen') {
              rig.reopen()
              twin.flush('closed')
            } else {
              // Every third is of an address that nobody has, where there are addresses.
              const address = format.address === 'byte' ? 1 + (n % 3) : -1
              const bytes =
                kind === 'noise'
                  ? random.bytes(1 + random.below(200))
                  : faults.apply(wrapFrame(format, frameOf(n), address))
              for (let at = 0; at < bytes.length; at += chunkSize) {
                rig.receive(bytes.subarray(at, at + chunkSize))
                twin.push(bytes.subarray(at, at + chunkSize))
              }
              sent += bytes.length
            }
            const counters = rig.source.counters()
            expect(unaccounted(counters)).toBe(0)
            expect(counters.bytesIn).toBe(sent - twin.pending)
            const { 'rate-limited': limited = 0, 'unknown-id': unknown = 0 } = counters.rejected
            expect(counters.framesIn + limited + unknown).toBe(whole)
            expect(counters.framesIn).toBe(rig.heard.frames.length)
            expect(sumOf(counters.rejected) - limited - unknown).toBe(
              sumOf(twin.counters.discardedFrames),
            )
          }
        },
      ),
      { numRuns: 60, seed: testSeed },
    )
  })
})
