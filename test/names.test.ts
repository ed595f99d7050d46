import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  baseTopicFault,
  isChannelName,
  isDeviceId,
  sameName,
  topic,
  utf8Length,
} from '../src/names.js'

const LONGEST_ID = 'x'.repeat(64)

describe('a device id', () => {
  it.each([
    'a',
    '7',
    'greenhouse-1',
    'Shed_2',
    'bridge-1',
    'bridges',
    '__proto'.slice(2),
    LONGEST_ID,
  ])('may be %s', (id) => expect(isDeviceId(id)).toBe(true))

  it.each([
    '',
    'bridge',
    'Bridge',
    'BRIDGE',
    '-a',
    '_a',
    '__proto__',
    'a b',
    'a.b',
    'a/b',
    'a+',
    '#',
    '$SYS',
    'é',
    'a\0',
    'a\n',
    '１',
    `${LONGEST_ID}x`,
  ])('may not be %j', (id) => expect(isDeviceId(id)).toBe(false))
})

describe('a channel name', () => {
  it.each(['temperature', 'co2', 'constructor', 'toString', 'value', 'bridge', 'TS'])(
    'may be %s',
    (name) => expect(isChannelName(name)).toBe(true),
  )

  it.each([
    'ts',
    'device_ts',
    'epoch',
    'seq',
    'quality',
    'priority',
    'uncertain',
    'invalid',
    'integrity',
    'key',
    '',
    'a b',
    '__proto__',
  ])('may not be %j', (name) => expect(isChannelName(name)).toBe(false))
})

it('two names are the same regardless of case', () => {
  expect(sameName('Shed-1', 'shed-1')).toBe(true)
  expect(sameName('shed-1', 'shed-2')).toBe(false)
})

describe('a base topic', () => {
  it.each(['alec', 'site/1/alec', 'Größe', 'a b', 'a.b', 'x'.repeat(117), '1/2/3/4/5/6/7'])(
    'may be %s',
    (base) => expect(baseTopicFault(base)).toBeUndefined(),
  )

  it.each([
    ['', 'is empty'],
    ['a/+', 'wildcard'],
    ['a#', 'wildcard'],
    ['a\0b', 'control character'],
    ['a\tb', 'control character'],
    ['a\ud800', 'invalid Unicode'],
    ['a\uffff', 'invalid Unicode'],
    ['a\ufffd', 'invalid Unicode'],
    ['$SYS/alec', "begins with '$'"],
    ['/alec', 'empty level'],
    ['alec/', 'empty level'],
    ['a//b', 'empty level'],
    ['1/2/3/4/5/6/7/8', '8 levels'],
    ['x'.repeat(118), '118 bytes'],
    ['é'.repeat(59), '118 bytes'],
  ])('may not be %j: %s', (base, fault) => expect(baseTopicFault(base)).toContain(fault))

  it('of the longest kind leaves room for every topic below it', () => {
    const tail = [LONGEST_ID, 'readings', LONGEST_ID]
    expect(utf8Length(topic('é'.repeat(58), ...tail))).toBeLessThanOrEqual(256)
    expect(topic('1/2/3/4/5/6/7', ...tail).split('/')).toHaveLength(10)
  })
})

describe('topic()', () => {
  it('joins the base and its parts', () => {
    expect(topic('site/alec', 'greenhouse-1', 'status', 'health')).toBe(
      'site/alec/greenhouse-1/status/health',
    )
  })

  it.each([['a/b'], ['+'], ['#'], [''], ['a\0'], ['é'], ['$SYS'], ['x'.repeat(129)]])(
    'throws on the part %j',
    (part) => {
      expect(() => topic('alec', part)).toThrow(RangeError)
    },
  )

  it('throws on a base that is none, and on too many levels or bytes', () => {
    expect(() => topic('a/#', 'b')).toThrow(/base topic "a\/#" holds a wildcard/)
    expect(() => topic('alec', ...'123456789a'.split(''))).toThrow(/too long/)
    expect(() => topic('x'.repeat(117), 'y'.repeat(100), 'z'.repeat(100))).toThrow(/too long/)
  })
})

describe('any Unicode text', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '-', '_', '/', '+', '#', '$', '\0', '.', ' ', '\ud83d'),
      maxLength: 70,
    }),
  )
  const viaUtf8 = (whole: string) => new TextDecoder().decode(new TextEncoder().encode(whole))

  it('as a device id is refused or comes back from its topic byte for byte', () => {
    let accepted = 0
    fc.assert(
      fc.property(text, (id) => {
        if (!isDeviceId(id)) return
        accepted++
        const whole = topic('alec', id, 'readings')
        expect(viaUtf8(whole).split('/')).toEqual(['alec', id, 'readings'])
        expect(utf8Length(whole)).toBeLessThanOrEqual(256)
      }),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(0)
  })

  it('as a base topic is refused or comes back byte for byte, free of wildcards', () => {
    fc.assert(
      fc.property(text, (base) => {
        if (baseTopicFault(base) !== undefined) {
          expect(() => topic(base, 'a')).toThrow(RangeError)
          return
        }
        expect(viaUtf8(topic(base, 'a'))).toBe(`${base}/a`)
        expect(base).not.toMatch(/[+#\0]/)
      }),
      { numRuns: 3000 },
    )
  })

  it('has the length in UTF-8 that encoding it shows, where it is well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (any) => {
        expect(utf8Length(any)).toBe(new TextEncoder().encode(any).length)
      }),
    )
  })
})
