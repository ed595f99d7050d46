import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterFault, overlaps, topicFault, topicMatcher } from '../src/topic-filter.js'

describe('a topic that may be published', () => {
  it.each([
    ['alec/node-1/readings', undefined],
    ['homeassistant/device/alec_x/config', undefined],
    ['a//b', undefined],
    ['', 'empty'],
    ['alec/+/readings', 'wildcard'],
    ['alec/#', 'wildcard'],
    ['alec/a\0b', 'bad-character'],
    ['alec/a\x1fb', 'bad-character'],
    ['alec/a\x85b', 'bad-character'],
    ['alec/\ud800', 'bad-character'],
    ['alec/\uffff', 'bad-character'],
    ['alec/\ufffd', 'bad-character'],
    ['alec/\u{1f321}', undefined],
    ['$SYS/broker', 'reserved'],
    ['a'.repeat(256), undefined],
    ['a'.repeat(257), 'too-long'],
    ['é'.repeat(129), 'too-long'],
    ['1/2/3/4/5/6/7/8/9/10', undefined],
    ['1/2/3/4/5/6/7/8/9/10/11', 'too-deep'],
  ])('%j: %s', (topic, fault) => {
    expect(topicFault(topic)).toBe(fault)
  })

  it('is judged by its own rules, whatever it is made of', () => {
    const character = fc.constantFrom(
      'a',
      '~',
      ' ',
      '/',
      '/',
      '/',
      '$',
      '+',
      '#',
      '\x1f',
      '\x7f',
      'é',
    )
    const long = fc.nat({ max: 300 }).map((length) => 'x'.repeat(length))
    const topics = fc.oneof(long, fc.string({ unit: character, maxLength: 30 }))
    const naive = (topic: string) => {
      if (topic.includes('+') || topic.includes('#')) return 'wildcard'
      if (topic === '') return 'empty'
      if (topic.includes('\x1f') || topic.includes('\x7f')) return 'bad-character'
      if (topic[0] === '$') return 'reserved'
      if (Buffer.byteLength(topic) > 256) return 'too-long'
      return topic.split('/').length > 10 ? 'too-deep' : undefined
    }
    fc.assert(
      fc.property(topics, (topic) => {
        expect(topicFault(topic)).toBe(naive(topic))
      }),
    )
  })
})

describe('a filter that may be subscribed', () => {
  it.each([
    ['alec/+/frame', undefined],
    ['#', undefined],
    ['+/+', undefined],
    ['alec/#', undefined],
    ['alec/#/frame', 'misplaced-wildcard'],
    ['alec/a#', 'misplaced-wildcard'],
    ['alec/a+/frame', 'partial-wildcard'],
    ['$SYS/#', 'reserved'],
    ['$share/g/alec/+/frame', 'reserved'],
    ['', 'empty'],
  ])('%j: %s', (filter, fault) => {
    expect(filterFault(filter)).toBe(fault)
  })
})

describe('matching', () => {
  it.each([
    ['alec/+/frame', 'alec/n/frame', true],
    ['alec/+/frame', 'alec//frame', true],
    ['alec/+/frame', 'alec/n/m/frame', false],
    ['alec/#', 'alec', true],
    ['alec/#', 'alec/a/b', true],
    ['alec/#', 'alecs', false],
    ['alec/n/frame', 'alec/n/frame', true],
    ['alec/n/frame', 'alec/N/frame', false],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['+', '/', false],
    ['+/+', '/', true],
  ])('%s against %s: %s', (filter, topic, expected) => {
    expect(topicMatcher(filter)(topic)).toBe(expected)
  })
})

describe('overlapping filters', () => {
  it.each([
    ['alec/+/frame', 'alec/+/readings', false],
    ['alec/+/frame', 'alec/#', true],
    ['alec/+/+', 'alec/x/readings', true],
    ['+/+/frame', 'alec/bridge/+', true],
    ['a/b', 'a/b/c', false],
    ['a/b/#', 'a/b', true],
    ['a/+', 'a', false],
    ['#', '$SYS/#', false],
    ['alec/+/readings/+', 'application/#', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected)
    expect(overlaps(b, a)).toBe(expected)
  })

  it('agree with a search for a topic that both match', () => {
    const level = fc.constantFrom('a', 'b', '', '+')
    const filter = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'))
      .filter((text) => text !== '')
    // Every topic of up to five levels over the alphabet that the filters use: small enough to try them all.
    const topics = [...allTopics(5)]
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        const [matchesA, matchesB] = [topicMatcher(a), topicMatcher(b)]
        const both = topics.some((topic) => matchesA(topic) && matchesB(topic))
        expect(overlaps(a, b)).toBe(both)
      }),
      { numRuns: 300 },
    )
  })
})

function* allTopics(depth: number): Generator<string> {
  const words = ['a', 'b', '']
  let topics = words
  for (let level = 1; level <= depth; level++) {
    yield* topics
    topics = topics.flatMap((topic) => words.map((word) => `${topic}/${word}`))
  }
}
