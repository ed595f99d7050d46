import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sourceIdOf } from '../../src/config/source-id.js'
import { parseDuration, parseSize } from '../../src/config/units.js'
import { closest } from '../../src/config/wording.js'

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['1s', 1000],
    ['60s', 60_000],
    ['5min', 300_000],
    ['5 min', 300_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['0.25s', 250],
  ])('of %s is %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it.each(['', '60', 's', '-1s', '1m', '1 sec', '1S', '1h30min', '1e3s', '.5s', '1s '])(
    'is not %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )
})

describe('a size', () => {
  it.each([
    ['4096B', 4096],
    ['64KiB', 65_536],
    ['256MiB', 268_435_456],
    ['1GB', 1_000_000_000],
    ['1.5 kB', 1500],
  ])('of %s is %d bytes', (text, expected) => {
    expect(parseSize(text)).toBe(expected)
  })

  it.each(['', '256', '1kb', '1M', '-1B', '1TiB'])('is not %j', (text) => {
    expect(parseSize(text)).toBeUndefined()
  })
})

describe('a source name', () => {
  const vectors = readFileSync(new URL('../vectors/hashes.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; deviceSourceId: number })

  it.each(vectors)('$text becomes the number that devices give it', ({ text, deviceSourceId }) => {
    expect(sourceIdOf(text)).toBe(deviceSourceId)
  })
})

describe('the name that was meant', () => {
  const names = ['baud_rate', 'base_topic', 'qos', 'min', 'max']
  it.each([
    ['baudrate', 'baud_rate'],
    ['BAUD-RATE', 'baud_rate'],
    ['baudRaet', 'baud_rate'],
    ['Min', 'min'],
    ['quos', 'qos'],
    ['x', undefined],
    ['parity', undefined],
    ['b'.repeat(5000), undefined],
  ])('by %s is %s', (word, expected) => {
    expect(closest(word, names)).toBe(expected)
  })
})
