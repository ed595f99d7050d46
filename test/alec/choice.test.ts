import { describe, expect, it } from 'vitest'
import {
  Choice,
  Context,
  chooseCompact,
  chooseStandard,
  encodingName,
  roundHalfAway,
} from '../../src/alec/index.js'

describe('roundHalfAway', () => {
  it.each([
    [0.5, 1],
    [-0.5, -1],
    [2.5, 3],
    [-2.5, -3],
    [0.49999999999999994, 0],
    [-0.4, 0],
    [1e300, 1e300],
    [Infinity, Infinity],
    [Number.NaN, 0],
  ])('takes %d to %d', (x, rounded) => {
    expect(roundHalfAway(x) + 0).toBe(rounded)
  })
})

describe('the choice of an encoding', () => {
  const choice = new Choice()
  const context = new Context()
  for (const value of [20, 20, 20]) context.observe(1, value)
  context.register(2)

  const standard = (key: number, value: number) => {
    chooseStandard(value, context.source(key), 100, choice)
    return [encodingName(choice.encoding), choice.number]
  }
  const compact = (key: number, value: number) => {
    chooseCompact(value, context.source(key), 100, 2 ** -52, choice)
    return [encodingName(choice.encoding), choice.number]
  }

  it.each([
    [20, 'repeated', 20],
    [21.27, 'delta8', 127],
    [21.28, 'delta16', 128],
    [18.72, 'delta8', -128],
    [18.71, 'delta16', -129],
    [347.67, 'delta16', 32_767],
    [347.68, 'delta32', 32_768],
    [21_474_856.47, 'delta32', 2 ** 31 - 1],
    [21_474_856.5, 'raw64', 21_474_856.5],
    [Number.NaN, 'raw64', Number.NaN],
    [-Infinity, 'raw64', -Infinity],
  ])('is for %d in a standard frame %s', (value, name, number) => {
    expect(standard(1, value)).toEqual([name, number])
  })

  it('takes an f32 for the first value where that is near enough, else an f64', () => {
    expect(standard(9, 21.1)[0]).toBe('raw32')
    expect(standard(9, 1013.123456)[0]).toBe('raw32')
    expect(standard(9, 1_000_000.3)[0]).toBe('raw64')
    expect(standard(9, 1e300)[0]).toBe('raw64')
  })

  it.each([
    [20, 'repeated'],
    [21.27, 'delta8'],
    [347.67, 'delta16'],
    [347.68, 'raw32'],
    [Number.NaN, 'raw32'],
  ])('is for %d in a compact frame %s', (value, name) => {
    expect(compact(1, value)[0]).toBe(name)
  })

  it('repeats the 0 of a source that is only registered, and predicts nothing from it', () => {
    expect(compact(2, 0)[0]).toBe('repeated')
    expect(compact(2, -0)[0]).toBe('repeated')
    expect(compact(2, 0.01)[0]).toBe('raw32')
  })
})
