import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BrokerUserConfig } from '../../src/config/configuration.js'
import { covers, topicMatcher } from '../../src/topic-filter.js'
import { rightsOf } from '../../src/transport/access-rules.js'

const user = (rules: Partial<BrokerUserConfig>): BrokerUserConfig => ({
  name: 'u',
  clientIds: ['u'],
  publish: [],
  subscribe: [],
  admin: false,
  persistent: false,
  ...rules,
})

describe('what is forbidden', () => {
  it('is so whatever else may be published, and not for who may do everything', () => {
    const forbidden = ['alec/bridge/request/#']
    const rights = rightsOf(user({ publish: ['#'], forbidden }))
    expect(rights.mayPublish('alec/n-1/frame')).toBe(true)
    expect(rights.mayPublish('alec/bridge/request/reload')).toBe(false)
    expect(rights.mayPublish('alec/bridge/request/device/remove')).toBe(false)
    expect(rightsOf(user({ admin: true })).mayPublish('alec/bridge/request/reload')).toBe(true)
  })
})

describe('an allowed filter', () => {
  it.each([
    ['alec/#', 'alec/#', true],
    ['alec/#', 'alec', true],
    ['alec/#', 'alec/+/readings', true],
    ['alec/#', '#', false],
    ['alec/#', '+/x', false],
    ['alec/+/readings', 'alec/n/readings', true],
    ['alec/+/readings', 'alec/+/+', false],
    ['alec/+/readings', 'alec/#', false],
    ['alec/+/#', 'alec/#', false],
    ['+/#', '#', true],
    ['#', '#', true],
    ['#', '$SYS/#', false],
    ['+/x', '$SYS/x', false],
    ['alec/n', 'alec/N', false],
  ])('%s covers %s: %s', (allowed, filter, expected) => {
    expect(covers(allowed, filter)).toBe(expected)
  })

  // Two letters, an empty level and a level of the broker's own; no filter below has more than three levels, so a
  // topic of four stands for all deeper ones, and `z` for every word that is in no filter.
  const WORDS = ['a', 'b', '', '$', 'z']
  const topics: string[] = []
  for (let length = 1, level = WORDS; length <= 4; length++) {
    topics.push(...level)
    level = level.flatMap((topic) => WORDS.map((word) => `${topic}/${word}`))
  }
  const filter = fc
    .tuple(fc.array(fc.constantFrom('a', 'b', '', '$', '+'), { maxLength: 3 }), fc.boolean())
    .map(([levels, deep]) => [...levels, ...(deep ? ['#'] : [])].join('/'))
    .filter((text) => text !== '')

  it('covers another exactly where it matches every topic that the other one matches', () => {
    let covered = 0
    fc.assert(
      fc.property(filter, filter, (allowed, asked) => {
        const [wide, narrow] = [topicMatcher(allowed), topicMatcher(asked)]
        const expected = topics.every((topic) => !narrow(topic) || wide(topic))
        expect(covers(allowed, asked)).toBe(expected)
        if (expected) covered++
      }),
      { numRuns: 2000 },
    )
    expect(covered).toBeGreaterThan(100)
  })
})

describe('a user', () => {
  const rights = rightsOf(user({ publish: ['alec/n/frame'], subscribe: ['alec/+/readings'] }))

  it('publishes what it may, and nothing else', () => {
    expect(
      ['alec/n/frame', 'alec/m/frame', 'alec/n', 'alec/n/frame/x'].map(rights.mayPublish),
    ).toEqual([true, false, false, false])
  })

  it.each([
    ['alec/+/readings', undefined],
    ['alec/n/readings', undefined],
    ['alec/+/+', 'not-allowed'],
    ['#', 'not-allowed'],
    ['$SYS/#', 'reserved'],
    ['alec/#/x', 'misplaced-wildcard'],
  ])('subscribes %s: %s', (filter, fault) => {
    expect(rights.subscribeFault(filter)).toBe(fault)
  })

  it('receives no more than it may subscribe, however many topics there are', () => {
    for (let n = 0; n < 3000; n++) {
      expect(rights.mayReceive(`alec/n${n}/readings`)).toBe(true)
      expect(rights.mayReceive(`alec/n${n}/status`)).toBe(false)
    }
  })

  it('who is an admin sees what the broker says of itself, and cannot speak in its name', () => {
    const admin = rightsOf(user({ admin: true }))
    expect(admin.subscribeFault('$SYS/#')).toBeUndefined()
    expect(admin.subscribeFault('#')).toBeUndefined()
    expect(admin.subscribeFault('$share/g/x')).toBe('reserved')
    expect([admin.mayReceive('$SYS/x/new/clients'), admin.mayRetain]).toEqual([true, true])
  })
})
