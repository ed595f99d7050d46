import { describe, expect, it } from 'vitest'
import { Context, ReferenceDecoder } from '../../src/alec/index.js'
import { fromHex } from '../support/vectors.js'

const standard = { family: 'standard', checksum: false } as const
const head = '42000000000000000000'

// The vectors are decoded beside their encoders' tests, and hostile frames in `parse.test.ts`.
describe('ReferenceDecoder', () => {
  const withPatterns = () => {
    const context = new Context({ scale: 10 })
    context.registerPattern(fromHex('4035800000000000'))
    context.registerPattern(fromHex('0102'))
    return new ReferenceDecoder({ shape: standard, context })
  }

  it('takes the number of a pattern, with or without a delta', () => {
    const decoder = withPatterns()
    expect(decoder.decode(fromHex(`${head}052000`))).toEqual({
      ok: true,
      value: [{ key: 5, value: 21.5 }],
    })
    expect(decoder.decode(fromHex(`${head}052100fd`))).toEqual({
      ok: true,
      value: [{ key: 5, value: 21.2 }],
    })
    expect(decoder.context.last(5)).toBe(21.2)
  })

  it('scales a delta as its context says', () => {
    const decoder = withPatterns()
    decoder.context.observe(5, 20)
    expect(decoder.decode(fromHex(`${head}051005`))).toMatchObject({ value: [{ value: 20.5 }] })
  })

  it('refuses a pattern that is no number', () => {
    expect(withPatterns().decode(fromHex(`${head}052001`))).toEqual({
      ok: false,
      fault: {
        code: 'invalid-pattern',
        offset: 12,
        message: 'pattern 1 has 2 bytes; an f64 of 8 was expected',
      },
    })
  })

  it('predicts for an interpolated entry', () => {
    const decoder = new ReferenceDecoder({ shape: standard })
    for (const value of [20, 21, 22]) decoder.context.observe(5, value)
    const predicted = decoder.context.predict(5)
    expect(decoder.decode(fromHex(`${head}0531`))).toEqual({
      ok: true,
      value: [{ key: 5, value: predicted }],
    })
  })

  it('observes none of a frame whose last entry fails', () => {
    const decoder = new ReferenceDecoder({ shape: standard })
    const result = decoder.decode(fromHex(`${head}00400201014120000002100a`))
    expect(result).toMatchObject({ fault: { code: 'no-prediction', offset: 20 } })
    expect(decoder.context.keys()).toEqual([])
  })

  it('names the bitmap byte of a compact channel that it cannot decode', () => {
    const decoder = new ReferenceDecoder({ shape: { family: 'compact', channels: 5 } })
    const result = decoder.decode(fromHex('a100000000ff0041a0000041a0000041a0000041a00000'))
    expect(result).toMatchObject({ fault: { code: 'no-last-value', offset: 6 } })
  })

  it('has no values for a message without data', () => {
    const decoder = new ReferenceDecoder({ shape: standard })
    expect(decoder.decode(fromHex('4a0007000000050000091000'))).toEqual({ ok: true, value: [] })
    expect(decoder.frame.messageType).toBe('sync')
  })
})
