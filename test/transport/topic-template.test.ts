import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topicMatcher } from '../../src/topic-filter.js'
import { parseDownlinkTopic, parseTopicTemplate } from '../../src/transport/topic-template.js'

describe('a topic template', () => {
  it.each([
    ['alec/{device}/frame', 'alec/+/frame', 'alec/n-1/frame', 'n-1'],
    ['{device}', '+', 'n', 'n'],
    [
      'application/+/device/{device}/event/up',
      'application/+/device/+/event/up',
      'application/7/device/0011223344556677/event/up',
      '0011223344556677',
    ],
    ['v3/{device}/#', 'v3/+/#', 'v3/x/up/raw', 'x'],
  ])('%s subscribes %s', (template, filter, topic, device) => {
    const parsed = parseTopicTemplate(template)
    expect(parsed.filter).toBe(filter)
    expect(parsed.deviceIn(topic)).toBe(device)
  })

  it('names no device where a fixed one is given', () => {
    const parsed = parseTopicTemplate('shed/+/raw', 'shed-1')
    expect(parsed.filter).toBe('shed/+/raw')
    expect(parsed.deviceIn('shed/x/raw')).toBeUndefined()
  })

  it.each([
    ['alec/x{device}/frame', undefined, /whole level/],
    ['alec/{devcie}/frame', undefined, /only '{device}' is known/],
    ['{device}/{device}', undefined, /2 times/],
    ['alec/{device}/frame', 'n', /both/],
    ['alec/n/frame', undefined, /neither/],
    ['alec/#/{device}', undefined, /misplaced-wildcard/],
    ['', 'n', /empty/],
    ['$share/g/{device}', undefined, /reserved/],
  ])('%j with device %s is refused', (template, device, message) => {
    expect(() => parseTopicTemplate(template, device)).toThrow(message)
    expect(() => parseTopicTemplate(template, device)).toThrow(
      expect.objectContaining({ code: 'ERR_TOPIC_TEMPLATE' }),
    )
  })

  it('finds every device again in the topic that it was put into, and its filter matches that topic', () => {
    const level = fc.constantFrom('alec', 'a b', '', 'é', '+')
    const levels = fc.tuple(fc.array(level, { maxLength: 3 }), fc.array(level, { maxLength: 3 }))
    const device = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((id) => !/[+#/]/.test(id))
    fc.assert(
      fc.property(levels, device, ([before, after], id) => {
        const template = parseTopicTemplate([...before, '{device}', ...after].join('/'))
        const concrete = (part: string) => (part === '+' ? 'any' : part)
        const topic = [...before.map(concrete), id, ...after.map(concrete)].join('/')
        expect(template.deviceIn(topic)).toBe(id)
        expect(topicMatcher(template.filter)(topic)).toBe(!topic.startsWith('$'))
      }),
    )
  })
})

describe('a downlink topic', () => {
  it('takes the device wherever it stands', () => {
    expect(parseDownlinkTopic('app/{device}/to-{device}')('x')).toBe('app/x/to-x')
  })

  it.each(['app/+/{device}', 'app/{dev}/down', '', '$x/{device}'])('%j is refused', (template) => {
    expect(() => parseDownlinkTopic(template)).toThrow(
      expect.objectContaining({ code: 'ERR_DOWNLINK_TOPIC' }),
    )
  })
})
