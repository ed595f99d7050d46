import { describe, expect, it } from 'vitest'
import {
  FirmwareNode,
  NodeFaults,
  type NodeFrame,
  type NodeSpec,
  noFaults,
  Random,
} from '../../firmware-sim/index.js'
import { ParsedFrame, parseFrame, ReferenceDecoder } from '../../src/alec/index.js'
import { toHex } from '../support/vectors.js'
import { nodeSpec, startMs } from './specs.js'

const nodeOf = (spec: NodeSpec, seed = 1, faults?: NodeFaults) =>
  new FirmwareNode(spec, new Random(seed), startMs, faults)

/** The next `count` frames, suppressed ones left out. */
function run(node: FirmwareNode, count: number): NodeFrame[] {
  return Array.from({ length: count }, () => node.step(node.nextAt)).filter(
    (frame) => frame !== undefined,
  )
}

const parsed = (frame: NodeFrame, spec: NodeSpec): ParsedFrame => {
  const into = new ParsedFrame()
  const shape =
    spec.frames === 'compact'
      ? { family: 'compact' as const, channels: spec.channels.length }
      : { family: 'standard' as const, checksum: spec.checksum }
  expect(parseFrame(frame.bytes, shape, into)).toBeUndefined()
  return into
}

describe('FirmwareNode', () => {
  it('sends the same bytes for the same seed', () => {
    const bytes = (seed: number) =>
      run(nodeOf(nodeSpec(), seed), 200).map((frame) => toHex(frame.bytes))
    expect(bytes(7)).toEqual(bytes(7))
    expect(bytes(7)).not.toEqual(bytes(8))
  })

  it('sends when it is due, and nothing before', () => {
    const node = nodeOf(nodeSpec({ intervalMs: 2000 }))
    const first = node.nextAt
    expect(first).toBeGreaterThanOrEqual(startMs)
    expect(first).toBeLessThan(startMs + 2000)
    expect(node.step(first - 1)).toBeUndefined()
    expect(run(node, 3).map(({ at }) => at)).toEqual([first, first + 2000, first + 4000])
  })

  it('catches up step by step with what it would have sent in time', () => {
    const late = nodeOf(nodeSpec())
    const frames: NodeFrame[] = []
    while (late.nextAt <= startMs + 10_000) frames.push(late.step(startMs + 10_000)!)
    expect(frames.length).toBe(10)
    expect(frames).toEqual(run(nodeOf(nodeSpec()), 10))
  })

  it('begins with a fresh encoder and a keyframe every so often', () => {
    const spec = nodeSpec({ keyframeInterval: 10 })
    const frames = run(nodeOf(spec), 31).map((frame) => {
      const { sequence, keyframe, version } = parsed(frame, spec)
      return { sequence, keyframe, version }
    })
    expect(frames[0]).toEqual({ sequence: 0, keyframe: false, version: 0 })
    expect(frames.flatMap(({ keyframe }, i) => (keyframe ? [i] : []))).toEqual([10, 20, 30])
  })

  it('sends a keyframe next when a downlink asks for one', () => {
    const node = nodeOf(nodeSpec({ keyframeInterval: 0 }))
    expect(run(node, 5).map(({ bytes }) => bytes[0])).toEqual(Array(5).fill(0xa1))
    expect(node.receive(Uint8Array.of(0xff))).toBe(true)
    expect(run(node, 3).map(({ bytes }) => bytes[0])).toEqual([0xa2, 0xa1, 0xa1])
    expect(node.counters).toMatchObject({ downlinks: 1, downlinksRefused: 0 })
  })

  it('refuses commands that its firmware does not know', () => {
    const node = nodeOf(nodeSpec({ keyframeInterval: 0 }))
    expect(node.receive(Uint8Array.of(0x01))).toBe(false)
    expect(node.receive(Uint8Array.of())).toBe(false)
    expect(nodeOf(nodeSpec({ frames: 'standard' })).receive(Uint8Array.of(0xff))).toBe(false)
    expect(node.counters).toMatchObject({ downlinks: 0, downlinksRefused: 2 })
  })

  it('starts afresh after a reboot while the world goes on', () => {
    const spec = nodeSpec()
    const steady = run(nodeOf(spec), 40)
    const node = nodeOf(spec)
    run(node, 25)
    node.reboot()
    const after = run(node, 15)
    expect(parsed(after[0]!, spec)).toMatchObject({ sequence: 0, version: 0, keyframe: false })
    expect(after[0]!.bytes[5]).toBe(0b1111)
    expect(after.map(({ boot }) => boot)).toEqual(Array(15).fill(1))
    expect(after.map(({ values }) => values)).toEqual(steady.slice(25).map(({ values }) => values))
    expect(after.map(({ at }) => at)).toEqual(steady.slice(25).map(({ at }) => at))
  })

  it('sends its channels by turns in standard frames, each under its own source', () => {
    const spec = nodeSpec({ frames: 'standard', checksum: true, kinds: ['counter', 'co2', 'flow'] })
    const frames = run(nodeOf(spec), 9)
    const sources = spec.channels.map(({ source }) => source)
    expect(frames.map((frame) => parsed(frame, spec).keys[0])).toEqual([
      ...sources,
      ...sources,
      ...sources,
    ])
    // What was not measured yet is not known; what was stays.
    expect(frames[0]!.values.slice(1)).toEqual([Number.NaN, Number.NaN])
    expect(frames[4]!.values[0]).toBe(frames[3]!.values[0])
  })

  it('tells the truth about what is in a frame', () => {
    const spec = nodeSpec({ frames: 'plain-multi', kinds: ['temperature', 'pressure', 'level'] })
    for (const frame of run(nodeOf(spec), 50)) {
      const { count, numbers } = parsed(frame, spec)
      expect([...numbers.subarray(0, count)]).toEqual(frame.values.map(Math.fround))
    }
  })

  it('leaves out of adaptive multi frames what was to be expected', () => {
    const spec = nodeSpec({ frames: 'adaptive-multi', kinds: ['pressure', 'vibration'] })
    const counts = run(nodeOf(spec), 100).map((frame) => parsed(frame, spec).count)
    expect(counts[0]).toBe(2)
    // The air's pressure never moves by 1 % at once; the machine does.
    expect(Math.max(...counts.slice(1))).toBe(1)
  })

  it('observes but does not send expected values where it suppresses them', () => {
    const spec = nodeSpec({ frames: 'standard', suppresses: true, kinds: ['pressure'] })
    const node = nodeOf(spec)
    expect(run(node, 200).length).toBe(1)
    expect(node.counters.frames).toBe(1)
    const chatty = nodeSpec({ frames: 'standard', suppresses: true, kinds: ['vibration'] })
    const frames = run(nodeOf(chatty), 200)
    const last = parsed(frames.at(-1)!, chatty)
    expect(frames.length).toBeGreaterThan(20)
    expect(last.version).toBeGreaterThan(last.sequence)
  })

  it('is read by the reference decoder up to its first keyframe, open loop or closed', () => {
    for (const profile of ['alec-1.3', 'closed-loop'] as const) {
      const spec = nodeSpec({ profile, kinds: ['temperature', 'co2', 'battery'] })
      const decoder = new ReferenceDecoder({ shape: { family: 'compact', channels: 3 } })
      for (const frame of run(nodeOf(spec), 50)) {
        const result = decoder.decode(frame.bytes)
        if (!result.ok) throw new Error(result.fault.message)
        const off = result.value.map(({ value }, i) => Math.abs(value - frame.values[i]!))
        // Drift that the open loop builds up within fifty frames.
        expect(Math.max(...off)).toBeLessThan(profile === 'closed-loop' ? 0.0051 : 0.02)
      }
    }
  })

  it('reboots, loses its senses and misses downlinks as often as its faults say', () => {
    const rates = { ...noFaults, reboots: 0.02, notFinite: 0.01, downlinkLoss: 0.5 }
    const faults = new NodeFaults(rates, new Random(5))
    const node = nodeOf(nodeSpec(), 1, faults)
    const frames = run(node, 5000)
    for (let i = 0; i < 1000; i++) node.receive(Uint8Array.of(0xff))
    const { reboots, notFinite, downlinksLost } = faults.counters
    expect(reboots).toBeGreaterThan(60)
    expect(reboots).toBeLessThan(150)
    expect(frames.at(-1)?.boot).toBe(reboots)
    const wrong = frames.flatMap(({ values }) => values).filter((value) => !Number.isFinite(value))
    expect(wrong.length).toBe(notFinite)
    expect(new Set(wrong)).toEqual(
      new Set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
    )
    expect(notFinite).toBeGreaterThan(50)
    expect(downlinksLost).toBeGreaterThan(400)
    expect(node.counters.downlinks).toBe(1000 - downlinksLost)
  })
})
