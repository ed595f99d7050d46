import { describe, expect, it } from 'vitest'
import { deviceHref, placeOf } from '../../src/page/route.js'
import {
  ageText,
  boundText,
  bytesText,
  eventWords,
  percentText,
  valueText,
} from '../../src/page/words.js'

describe('words', () => {
  it.each([
    [0, 'now'],
    [1400, 'now'],
    [2000, '2 s'],
    [89_000, '89 s'],
    [90_000, '2 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
    [-5000, 'now'],
  ])('an age of %i ms: %s', (ms, text) => expect(ageText(ms)).toBe(text))

  it.each([
    [0, '0 %'],
    [0.0001, '< 0.1 %'],
    [0.0123, '1.2 %'],
    [0.5, '50 %'],
  ])('a share of %d: %s', (share, text) => expect(percentText(share)).toBe(text))

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [5e9, '4.7 GiB'],
  ])('%d bytes: %s', (bytes, text) => expect(bytesText(bytes)).toBe(text))

  it.each([
    [0, '0'],
    [0.05, '0.05'],
    [0.0512, '0.052'],
    [1.001, '1.1'],
    [123, '130'],
  ])('a bound of %d is never told smaller than it is: %s', (bound, text) => {
    expect(boundText(bound)).toBe(text)
    expect(Number(text)).toBeGreaterThanOrEqual(bound)
  })

  it('a value says what is not certain of it', () => {
    expect(valueText(['t', 21.4, 0, 'good'], '°C')).toBe('21.4 °C')
    expect(valueText(['t', 21.7, 0.35, 'uncertain'], '°C')).toBe('21.7 ± 0.35 °C')
    expect(valueText(['t', 21.7, null, 'uncertain'])).toBe('21.7 ± ?')
    expect(valueText(['t', null, null, 'bad'])).toBe('no number')
  })

  it('an event says what it knows', () => {
    const at = { wall: 0, severity: 'info' } as const
    expect(eventWords({ ...at, type: 'gap', epoch: 1, fromSeq: 3, toSeq: 3, count: 1 })).toBe(
      '1 frame lost: 3 to 3',
    )
    expect(eventWords({ ...at, type: 'silent', silentMs: 120_000 })).toBe('after 2 min')
  })
})

describe('places', () => {
  it.each(['greenhouse-1', 'ä/b', '100%', '<b>'])('device %s is found again', (id) => {
    expect(placeOf(deviceHref(id))).toEqual({ view: 'device', id })
  })

  it.each([
    ['', { view: 'fleet' }],
    ['#/nowhere', { view: 'fleet' }],
    ['#/device/', { view: 'fleet' }],
    ['#/system', { view: 'system' }],
    ['#/device/%', { view: 'device', id: '%' }],
  ])('%j: %o', (hash, place) => expect(placeOf(hash)).toEqual(place))
})
