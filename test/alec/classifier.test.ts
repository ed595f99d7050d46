import { describe, expect, it } from 'vitest'
import { type ClassifierRules, Context, classify } from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { NaiveContext } from './naive-codec.js'
import { firstFailure } from './random.js'

describe('classify', () => {
  const context = new Context()
  context.observe(1, 100)
  context.observe(2, 0)
  context.observe(3, Number.NaN)
  const of = (key: number, value: number, rules?: ClassifierRules) =>
    classify(value, context.source(key), rules)

  it.each([
    [131, 1],
    [130, 2],
    [115.1, 2],
    [115, 4],
    [101, 4],
    [100.9, 5],
    [99.1, 5],
    [99, 4],
    [69, 1],
    [Number.NaN, 2],
    [Infinity, 1],
  ])('finds %d, where 100 was expected, to be P%i', (value, priority) => {
    expect(of(1, value)).toBe(priority)
  })

  it('takes the error itself where 0 was expected', () => {
    expect([of(2, 0.31), of(2, 0.2), of(2, 0.1), of(2, 0.009)]).toEqual([1, 2, 4, 5])
  })

  it('finds everything important once a NaN was observed', () => {
    expect(of(3, 20)).toBe(2)
  })

  it('finds the first value of a source normal, even a critical one', () => {
    expect(of(9, 1e9, { criticalMax: 1 })).toBe(3)
    const registered = new Context()
    registered.register(1)
    expect(classify(5, registered.source(1))).toBe(3)
  })

  it('finds what is outside the critical limits critical, the limits not', () => {
    const rules = { criticalMin: 99.5, criticalMax: 100.5 }
    expect([
      of(1, 99.4, rules),
      of(1, 99.5, rules),
      of(1, 100.5, rules),
      of(1, 100.6, rules),
    ]).toEqual([1, 5, 5, 1])
  })

  it('sends the expected of a scheduled source', () => {
    expect(of(1, 105, { scheduled: true })).toBe(3)
    expect(of(1, 100, { scheduled: true })).toBe(5)
  })

  it(`agrees with its twin: seed ${testSeed}`, () => {
    let context = new Context()
    let twin = new NaiveContext()
    let value = 20
    const failure = firstFailure(100_000, (random, index) => {
      if (index % 60 === 0) {
        context = new Context()
        twin = new NaiveContext()
        value = random.pick([0, 20, 1e-20])
      }
      value = random.chance(0.3) ? value * (1 + (random.unit() - 0.5) * 0.8) : random.step(value)
      const rules = {
        ...(random.chance(0.2) && { criticalMin: random.step(0) }),
        ...(random.chance(0.2) && { criticalMax: random.step(20) }),
        scheduled: random.chance(0.5),
      }
      const found = classify(value, context.source(1), rules)
      const expected = twin.priority(
        1,
        value,
        rules.criticalMin,
        rules.criticalMax,
        rules.scheduled,
      )
      context.observe(1, value)
      twin.observe(1, value)
      return found === expected ? undefined : `${value}: P${found}, P${expected} was expected`
    })
    expect(failure).toBeUndefined()
  })
})
