import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  filterOf,
  namesDevice,
  outputFilters,
  publishFault,
  templateFault,
} from '../../src/config/topics.js'
import { ID, isDeviceId } from '../../src/names.js'
import { bridgeTopics, deviceTopics } from '../../src/outputs/index.js'
import { overlaps, topicMatcher } from '../../src/topic-filter.js'
import { parseDownlinkTopic, parseTopicTemplate } from '../../src/transport/topic-template.js'
import { load } from './loading.js'

const level = fc.constantFrom('a', 'b', '', '$x')
const filterLevel = fc.oneof(level, fc.constant('+'))
const filter = fc
  .tuple(fc.array(filterLevel, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([levels, all]) => (all ? [...levels.slice(1), '#'] : levels).join('/'))

/** Every topic of up to four of these levels: enough to tell apart filters of up to three. */
const topics = (() => {
  const words = ['a', 'b', '', '$x', 'other']
  let all = words
  let last = words
  for (let depth = 1; depth < 4; depth++) {
    last = last.flatMap((topic) => words.map((word) => `${topic}/${word}`))
    all = [...all, ...last]
  }
  return all
})()

describe('two filters overlap', () => {
  it.each([
    ['alec/+/frame', 'alec/x/frame', true],
    ['alec/+/frame', 'alec/+/readings', false],
    ['alec/#', 'alec', true],
    ['#', 'alec/x', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['a/+', 'a', false],
    ['a/+/#', 'a/b', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected)
    expect(overlaps(b, a)).toBe(expected)
  })

  it('exactly where some topic matches both', () => {
    fc.assert(
      fc.property(filter, filter, (a, b) => {
        const [matchesA, matchesB] = [topicMatcher(a), topicMatcher(b)]
        expect(overlaps(a, b)).toBe(topics.some((topic) => matchesA(topic) && matchesB(topic)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('what is accepted here', () => {
  const part = fc.constantFrom(
    'a',
    'x/y',
    '/',
    '{device}',
    '{',
    '}',
    '+',
    '#',
    '$',
    'é',
    ' ',
    '\0',
    '\ud800',
    'z'.repeat(90),
  )
  const template = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))

  it('can be subscribed, and nothing else', () => {
    fc.assert(
      fc.property(template, (text) => {
        let refused = false
        try {
          const device = namesDevice(text) ? undefined : 'd'
          expect(parseTopicTemplate(text, device).filter).toBe(filterOf(text))
        } catch {
          refused = true
        }
        expect(templateFault(text) !== undefined).toBe(refused)
      }),
      { numRuns: 5000 },
    )
  })

  it('can be published', () => {
    fc.assert(
      fc.property(template, (text) => {
        if (publishFault(text) === undefined) parseDownlinkTopic(text)
      }),
      { numRuns: 5000 },
    )
  })

  it('can be the base of every topic', () => {
    const odd = fc.constantFrom(
      'a',
      '/',
      '$',
      '.',
      ' ',
      '+',
      '#',
      'é',
      '\x07',
      '\x7f',
      '\x85',
      '\ud800',
      '\ufffe',
      'z'.repeat(60),
    )
    const base = fc.oneof(
      fc.array(odd, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(base, (text) => {
        const outcome = load(`version: 1\nbase_topic: ${JSON.stringify(text)}\n`)
        if (outcome.ok)
          deviceTopics(outcome.configuration.baseTopic, 'd'.repeat(64), ['c'.repeat(64)])
      }),
      { numRuns: 500 },
    )
  })
})

it('knows the ids of the house', () => {
  const char = fc.constantFrom(
    'a',
    'Z',
    '0',
    '-',
    '_',
    '.',
    ' ',
    'é',
    '/',
    'bridge',
    'x'.repeat(62),
  )
  fc.assert(
    fc.property(fc.array(char, { maxLength: 4 }), (parts) => {
      const text = parts.join('')
      expect(ID.test(text) && text.toLowerCase() !== 'bridge').toBe(isDeviceId(text))
    }),
    { numRuns: 1000 },
  )
})

it('knows every topic that the bridge publishes', () => {
  const bridge = bridgeTopics('alec')
  const { channels, ...device } = deviceTopics('alec', 'd', ['t'])
  const published = [
    ...Object.values(device),
    ...channels.values(),
    ...Object.entries(bridge).flatMap(([name, topic]) =>
      // Requests come in; everything else goes out.
      name === 'request' ? [] : [typeof topic === 'string' ? topic : topic('verb')],
    ),
  ]
  expect(published.length).toBeGreaterThan(12)
  const filters = outputFilters('alec')
  for (const topic of published) {
    expect([topic, filters.some((output) => topicMatcher(output)(topic))]).toEqual([topic, true])
  }
})
