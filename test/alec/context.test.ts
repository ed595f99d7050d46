import { describe, expect, it } from 'vitest'
import {
  Context,
  exportAlcs,
  freshVersion,
  importAlcs,
  versionAfter,
} from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'
import { NaiveContext } from './naive-codec.js'
import { firstFailure } from './random.js'

describe('contexts of the device library', () => {
  for (const vector of vectors.context()) {
    it(`are followed to the bit, evolution, dictionary and state included: ${vector.signal}`, () => {
      const context = new Context({ sensorType: 'em500-co2' })
      const { sourceId: key, checkpoints } = vector
      for (const [i, value] of vector.values.entries()) {
        context.observe(key, value)
        if (i === 0) {
          for (const hex of vector.patternsRegisteredAfterFirstObservation) {
            context.registerPattern(fromHex(hex))
          }
        }
        const checkpoint = checkpoints.find(({ afterObservations }) => afterObservations === i + 1)
        if (checkpoint === undefined) continue
        expect({
          afterObservations: context.observations,
          version: context.version,
          patternCount: context.patternCount,
          hash: context.hash().toString(16).padStart(16, '0'),
          prediction: context.predict(key),
          confidence: context.confidence(key),
          lastValue: context.last(key),
          alcs: checkpoint.alcs === '' ? '' : toHex(exportAlcs(context)),
        }).toStrictEqual(checkpoint)
      }
      expect(checkpoints.filter(({ alcs }) => alcs !== '').length).toBeGreaterThan(1)
    })

    it(`are read from their state and go on from it: ${vector.signal}`, () => {
      const [middle, end] = vector.checkpoints.filter(({ alcs }) => alcs !== '')
      const imported = importAlcs(fromHex(middle!.alcs))
      if (!imported.ok) throw new Error(imported.fault.message)
      expect(toHex(exportAlcs(imported.value))).toBe(middle!.alcs)
      for (const value of vector.values.slice(middle!.afterObservations)) {
        imported.value.observe(vector.sourceId, value)
      }
      expect(toHex(exportAlcs(imported.value))).toBe(end!.alcs)
    })
  }
})

describe('Context', () => {
  it('knows nothing of a source that it never saw', () => {
    const context = new Context()
    expect([context.count(1), context.hasPrediction(1), context.confidence(1)]).toEqual([
      0,
      false,
      0,
    ])
    expect([context.predict(1), context.last(1), context.ema(1)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ])
  })

  it('knows a last value of 0, and no prediction, for a registered source', () => {
    const context = new Context()
    context.register(1)
    expect([context.last(1), context.hasPrediction(1), context.version]).toEqual([0, false, 0])
  })

  it('trusts less the more the values vary', () => {
    const confidences = [0.01, 0.1, 0.3, 1].map((spread) => {
      const context = new Context()
      for (let i = 0; i < 10; i++) context.observe(1, 20 + (i % 2) * spread)
      return context.confidence(1)
    })
    expect(confidences).toEqual([0.95, 0.85, 0.7, 0.5])
  })

  it('counts what it passes over, and evolves by it', () => {
    const context = new Context()
    context.observe(1, 20)
    for (let i = 0; i < 99; i++) context.passOver()
    expect([context.version, context.observations, context.count(1)]).toEqual([101, 100, 1])
  })

  it('forgets a source and keeps its counters', () => {
    const context = new Context()
    context.observe(1, 20)
    context.forget(1)
    expect([context.source(1), context.version]).toEqual([undefined, 1])
  })

  it('remembers as many values as its history is long, the newest', () => {
    const context = new Context({ historySize: 40 })
    for (let i = 0; i < 100; i++) context.observe(1, i)
    expect(context.records()[0]!.history).toEqual(Array.from({ length: 40 }, (_, i) => 60 + i))
    const none = new Context({ historySize: 0 })
    none.observe(1, 20)
    expect(none.records()[0]!.history).toEqual([])
  })

  it(`agrees with its twin: seed ${testSeed}`, () => {
    let context = new Context()
    let twin = new NaiveContext()
    const values = new Map<number, number>()
    const failure = firstFailure(100_000, (random, index) => {
      if (index % 250 === 0) {
        context = new Context()
        twin = new NaiveContext()
        values.clear()
      }
      const key = random.pick([0, 1, 2, 3, 70_000, 0xffff_ffff])
      const value = random.step(values.get(key) ?? 20)
      values.set(key, value)
      context.observe(key, value)
      twin.observe(key, value)
      const other = random.pick([0, 1, 2, 3, 70_000, 0xffff_ffff])
      const found = [
        context.version,
        context.last(other),
        context.ema(other),
        context.predict(other),
        context.count(other),
      ]
      const expected = [
        twin.version,
        twin.last(other) ?? Number.NaN,
        twin.ema(other) ?? Number.NaN,
        twin.prediction(other) ?? Number.NaN,
        twin.observed.get(other)?.length ?? 0,
      ]
      const same = found.every((number, i) => Object.is(number, expected[i]))
      return same ? undefined : `${other}: ${found}, ${expected} was expected`
    })
    expect(failure).toBeUndefined()
  })
})

describe('versionAfter', () => {
  it('counts observations and evolutions', () => {
    expect([freshVersion(0), freshVersion(99), freshVersion(100), freshVersion(200)]).toEqual([
      0, 99, 101, 202,
    ])
    expect(versionAfter(7, 99, 1)).toBe(9)
    expect(versionAfter(7, 100, 99)).toBe(106)
  })

  it(`is what a context comes to: seed ${testSeed}`, () => {
    const failure = firstFailure(2000, (random) => {
      const context = new Context()
      // A pattern shifts the version; the formula goes on from there.
      const patterns = random.below(3)
      for (let i = 0; i < patterns; i++) context.registerPattern(Uint8Array.of(i))
      const before = random.below(250)
      for (let i = 0; i < before; i++) context.passOver()
      const { version } = context
      const n = random.below(350)
      for (let i = 0; i < n; i++) context.passOver()
      const after = versionAfter(version, before, n)
      return after === context.version ? undefined : `${before} and ${n} more: ${after}`
    })
    expect(failure).toBeUndefined()
  })
})
