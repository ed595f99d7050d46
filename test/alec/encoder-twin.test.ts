import { describe, expect, it } from 'vitest'
import {
  type ClassifierRules,
  CompactEncoder,
  type MultiEntry,
  type Priority,
  StandardEncoder,
} from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { NaiveDevice } from '../support/naive-device.js'
import { fromHex, toHex } from '../support/vectors.js'
import { integerHex, NaiveContext, naiveHeader, naiveVarint } from './naive-codec.js'
import { firstFailure, type Random } from './random.js'

const scales = [1, 10, 100, 1000]

describe('StandardEncoder', () => {
  it(`writes single frames as its twin does: seed ${testSeed}`, () => {
    let encoder = new StandardEncoder()
    let twin = new NaiveContext()
    let scale = 100
    const values = [0, 0, 0]
    const failure = firstFailure(100_000, (random, index) => {
      // The twin goes through all that it observed for each frame, so it must not grow old.
      if (index % 120 === 0) {
        scale = random.pick(scales)
        encoder = new StandardEncoder({ scale })
        twin = new NaiveContext()
        values.fill(random.step(20))
      }
      const source = random.below(values.length)
      const value = random.step(values[source]!)
      values[source] = value
      const priority = (1 + random.below(5)) as Priority
      const sourceId = source * 200
      const timestampMs = random.u32() * 1000 + random.below(1000)
      const head = naiveHeader({
        type: 0,
        priority: priority - 1,
        sequence: index % 120,
        timestamp: Math.floor(timestampMs / 1000),
        version: twin.version,
      })
      const expected = head + naiveVarint(sourceId) + twin.encode(sourceId, value, scale)
      const frame = toHex(encoder.encode(value, { sourceId, timestampMs, priority }))
      twin.observe(sourceId, value)
      return frame === expected ? undefined : `${value}: ${frame}, ${expected} was expected`
    })
    expect(failure).toBeUndefined()
  })

  it(`writes adaptive multi frames as its twin does: seed ${testSeed}`, () => {
    let encoder = new StandardEncoder()
    let twin = new NaiveContext()
    let rules = new Map<number, ClassifierRules>()
    let values: number[] = []
    let sequence = 0
    const failure = firstFailure(12_000, (random, index) => {
      if (index % 12 === 0) {
        rules = new Map([[1, randomRules(random)]])
        encoder = new StandardEncoder({ rules })
        twin = new NaiveContext()
        values = Array.from({ length: random.pick([1, 3, 8, 40]) }, () => random.step(20))
        sequence = 0
      }
      values = values.map((value) => random.step(value))
      const entries = values.map((value, nameId) => ({ nameId, value }))
      const expected = naiveAdaptive(twin, entries, rules, sequence++)
      const frame = toHex(encoder.encodeAdaptiveMulti(entries, { timestampMs: 0 }))
      return frame === expected ? undefined : `${values}: ${frame}, ${expected} was expected`
    })
    expect(failure).toBeUndefined()
  })
})

const randomRules = (random: Random): ClassifierRules => ({
  criticalMin: random.below(30),
  criticalMax: 20 + random.below(30),
  scheduled: random.chance(0.5),
})

function naiveAdaptive(
  twin: NaiveContext,
  entries: readonly MultiEntry[],
  rules: ReadonlyMap<number, ClassifierRules>,
  sequence: number,
): string {
  const all = entries.map(({ nameId, value }) => {
    const { criticalMin, criticalMax, scheduled } = rules.get(nameId) ?? {}
    return {
      priority: twin.priority(nameId, value, criticalMin, criticalMax, scheduled),
      hex: integerHex(nameId, 1) + twin.encode(nameId, value, 100),
    }
  })
  const urgent = all.filter(({ priority }) => priority <= 3).sort((a, b) => a.priority - b.priority)
  const sent = urgent.map(({ hex }) => hex)
  for (const { hex } of all.filter(({ priority }) => priority === 4)) {
    if (10 + 3 + [...sent, hex].join('').length / 2 <= 127) sent.push(hex)
  }
  const head = naiveHeader({
    type: 0,
    priority: (urgent[0]?.priority ?? 3) - 1,
    sequence,
    timestamp: 0,
    version: twin.version,
  })
  for (const { nameId, value } of entries) twin.observe(nameId, value)
  return `${head}0040${integerHex(sent.length, 1)}${sent.join('')}`
}

describe('CompactEncoder', () => {
  const keyframe = fromHex('ff')

  it(`writes open-loop frames as its twin does: seed ${testSeed}`, () => {
    let encoder = new CompactEncoder({ channels: 1 })
    let twin = new NaiveDevice({ channels: 1, keyframeInterval: 50, profile: 'alec-1.3' })
    let values: number[] = []
    const failure = firstFailure(100_000, (random, index) => {
      if (index % 200 === 0) {
        const options = {
          channels: 1 + random.below(8),
          keyframeInterval: random.pick([0, 1, 7, 50]),
          scale: random.pick(scales),
          profile: 'alec-1.3',
        } as const
        encoder = new CompactEncoder(options)
        twin = new NaiveDevice(options)
        values = Array.from({ length: options.channels }, () => random.pick([0, 20, -0]))
      } else {
        values = values.map((value) => random.step(value))
      }
      if (random.chance(0.02)) {
        twin.askForKeyframe()
        encoder.handleDownlink(keyframe)
      }
      const expected = toHex(twin.encode(values))
      const frame = toHex(encoder.encode(values))
      return frame === expected ? undefined : `${values}: ${frame}, ${expected} was expected`
    })
    expect(failure).toBeUndefined()
  })
})
